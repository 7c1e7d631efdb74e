"""Names of Services and pods, as the cluster's DNS gives them.

Source: https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/
"""

from app.sandbox.network.endpoints import Endpoint, endpoints
from app.sandbox.objects import Obj, text
from app.sandbox.store.store import Store

DOMAIN = "cluster.local"
SERVER = "10.96.0.10"
NDOTS = 5  # a name with fewer dots is tried under the search domains first
ALIASES = 8  # how many ExternalNames may follow one another


def search_domains(namespace: str) -> list[str]:
    """Return the domains that a pod's resolver appends to a short name, in order."""
    return [f"{namespace}.svc.{DOMAIN}", f"svc.{DOMAIN}", DOMAIN]


def resolve(store: Store, name: str, namespace: str) -> list[str]:
    """Return the addresses of a name as a pod of a namespace asks for it; empty: no such host."""
    return lookup(store, name, namespace)[1]


def lookup(store: Store, name: str, namespace: str) -> tuple[str, list[str]]:
    """Return the full name that answered, and its addresses; both empty where none did."""
    for full in candidates(name, namespace):
        found = _addresses(store, full, ALIASES)
        if found:
            return full, found
    return "", []


def candidates(name: str, namespace: str) -> list[str]:
    """Return the full names that a pod's resolver tries, in order."""
    name = name.lower()
    if name.endswith("."):
        return [name[:-1]]
    searched = [f"{name}.{domain}" for domain in search_domains(namespace)]
    return [name, *searched] if name.count(".") >= NDOTS else [*searched, name]


def _addresses(store: Store, full: str, aliases: int) -> list[str]:
    labels = full.split(".")
    if labels[-2:] != DOMAIN.split(".") or len(labels) < 5:
        return []
    *host, service, namespace, kind = labels[:-2]
    if kind == "pod":
        return [service.replace("-", ".")] if not host else []
    found = store.get("services", service, namespace) if kind == "svc" else None
    if found is None or len(host) > 1:
        return []
    if text(found, "spec.type") == "ExternalName":
        target = text(found, "spec.externalName").rstrip(".")
        return _addresses(store, target, aliases - 1) if aliases and not host else []
    if text(found, "spec.clusterIP") not in ("", "None"):
        return [] if host else [text(found, "spec.clusterIP")]
    return _headless(store, found, host[0] if host else "")


def _headless(store: Store, service: Obj, host: str) -> list[str]:
    everyone = service.get("spec")
    unready = isinstance(everyone, dict) and everyone.get("publishNotReadyAddresses") is True
    listed = [
        each
        for each in endpoints(store, service)
        if (each.is_ready or unready) and (not host or host in _hosts(each))
    ]
    return list(dict.fromkeys(each.ip for each in listed))


def _hosts(endpoint: Endpoint) -> tuple[str, str]:
    return endpoint.hostname, endpoint.ip.replace(".", "-")
