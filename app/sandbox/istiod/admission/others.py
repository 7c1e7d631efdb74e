"""What a PeerAuthentication or a Sidecar may say."""

from app.sandbox.istiod.admission.findings import Findings
from app.sandbox.objects import Obj, at, items, namespace_of, table, words

PARTS = ("egress", "ingress")
SETTINGS = ("outboundTrafficPolicy", "inboundConnectionPool")


def peer_authentication(obj: Obj, found: Findings) -> None:
    """Check a PeerAuthentication; its schema has refused the rest before."""
    if table(obj, "spec.portLevelMtls") and not table(obj, "spec.selector.matchLabels"):
        found.error("mesh/namespace peer authentication cannot have port level mTLS")
    found.selector(at(obj, "spec.selector"))


def sidecar(obj: Obj, found: Findings) -> None:
    """Check a Sidecar."""
    spec = table(obj, "spec")
    if "workloadSelector" in spec and not at(spec, "workloadSelector.labels"):
        found.warning(
            "sidecar: workload selector specified without labels, "
            "will be applied to all services in namespace"
        )
    if not any(spec.get(part) for part in PARTS) and not any(name in spec for name in SETTINGS):
        found.warnings.clear()
        return found.error("sidecar: empty configuration provided")
    listeners = items(spec, "egress")
    for place, listener in enumerate(listeners):
        if "port" not in listener and place < len(listeners) - 1:
            return found.error(
                "sidecar: the egress listener with empty port should be the last listener "
                "in the list"
            )
        hosts = words(listener, "hosts")
        if not hosts:
            found.error("sidecar: egress listener must contain at least one host")
        _repeated(hosts, namespace_of(obj), found)
        for host in hosts:
            namespace, slash, name = host.partition("/")
            if not slash:
                return found.error("host must be of form namespace/dnsName")
            if not namespace or not name:
                found.error("config namespace and dnsName in host entry cannot be empty")
            found.whole(name)
            if any("domain name" in error for error in found.errors):
                found.errors.insert(-1, next(e for e in found.errors if "domain name" in e))
    return None


def _repeated(hosts: list[str], own: str, found: Findings) -> None:
    """Warn of hosts that another one covers."""
    seen: dict[str, set[str]] = {}
    for host in hosts:
        namespace, slash, name = host.partition("/")
        if not slash or namespace.startswith("~"):
            continue
        names = seen.setdefault(own if namespace == "." else namespace, set())
        if names if name == "*" else {name, "*"} & names:
            found.warning(f"duplicated egress host: {host}")
        names.add(name)
    if "*" in seen.get("*", ()) and len(seen) > 1:
        found.warning("`*/*` host select all resources, no other hosts can be added")
