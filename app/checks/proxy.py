"""What the caller's own Envoy holds: routes, clusters, and counters and health of each endpoint.

Its admin interface answers on loopback, which the mesh does not capture. Counters and health come
from the plain text
of /clusters, since an ordinary sidecar's statistics leave out what goes outward.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import quote

from app.checks.durations import seconds_of
from app.clusters.cluster import Cluster, PodRef
from app.clusters.objects import Object

ADMIN = "http://127.0.0.1:15000"
EXEC_S = 10.0


@dataclass(frozen=True)
class Endpoint:
    """What the proxy counted for one endpoint of one of its clusters since it started."""

    cluster: str
    address: str
    total: int = 0
    success: int = 0
    error: int = 0
    is_ejected: bool = False

    @property
    def ip(self) -> str:
        """The pod's address without its port."""
        return self.address.rpartition(":")[0].strip("[]")


Counters = Mapping[tuple[str, str], Endpoint]  # {(cluster, address): endpoint}


@dataclass(frozen=True)
class Routed:
    """Where the proxy sends an ordinary request for a host. Shape: clusters {name: weight}.

    `source` is the VirtualService that it comes from (`namespace/name`), empty where there is none.
    """

    clusters: Mapping[str, int]
    timeout_s: float = 0.0
    attempts: int = 0
    per_try_timeout_s: float = 0.0
    retry_on: frozenset[str] = frozenset()
    source: str = ""
    raw: Object = field(default_factory=lambda: Object({}))


def cluster_name(port: int, subset: str, host: str) -> str:
    """Return the name that istiod gives to a destination."""
    return f"outbound|{port}|{subset}|{host}"


def counted(lines: Iterable[str]) -> dict[tuple[str, str], Endpoint]:
    """Return the endpoints in a page of /clusters, as plain text."""
    fields: dict[tuple[str, str], dict[str, str]] = defaultdict(dict)
    for line in lines:
        parts = line.split("::")
        if len(parts) == 4 and ":" in parts[1]:  # an endpoint's line; others have no address
            fields[parts[0], parts[1]][parts[2]] = parts[3]
        elif len(parts) > 4:  # IPv6: [fd00::1]:80 holds the separator
            cluster, name, value = parts[0], parts[-2], parts[-1]
            fields[cluster, "::".join(parts[1:-2])][name] = value
    return {key: _endpoint(*key, found) for key, found in fields.items()}


def _endpoint(cluster: str, address: str, found: Mapping[str, str]) -> Endpoint:
    return Endpoint(
        cluster,
        address,
        int(found.get("rq_total", "0")),
        int(found.get("rq_success", "0")),
        int(found.get("rq_error", "0")),
        "failed_outlier_check" in found.get("health_flags", ""),
    )


def of_host(counters: Counters, host: str, port: int) -> list[Endpoint]:
    """Return the endpoints of a host's port, of all its subsets."""
    return [
        each
        for each in counters.values()
        if each.cluster.startswith(f"outbound|{port}|") and each.cluster.endswith(f"|{host}")
    ]


def since(before: Counters, after: Counters) -> list[Endpoint]:
    """Return what each endpoint counted between two looks."""
    new = []
    for key, now in after.items():
        then = before.get(key)
        if then is None or then.total > now.total:  # the endpoint, or the whole proxy, began anew
            then = Endpoint(now.cluster, now.address)
        new.append(
            Endpoint(
                now.cluster,
                now.address,
                now.total - then.total,
                now.success - then.success,
                now.error - then.error,
                now.is_ejected,
            )
        )
    return new


async def _dump(cluster: Cluster, pod: PodRef, resource: str, pattern: str) -> list[Object] | None:
    address = f"{ADMIN}/config_dump?resource={resource}&name_regex={quote(pattern, safe='')}"
    output = await cluster.exec(pod, ["curl", "-sg", "--max-time", "5", address], timeout_s=EXEC_S)
    if output.code != 0:
        return None
    try:
        page = json.loads(output.stdout)
    except ValueError:
        return []  # the proxy says in plain words that it has nothing of that name
    return Object(page).parts("configs") if isinstance(page, dict) else []


async def routed(cluster: Cluster, pod: PodRef, host: str, port: int) -> Routed | None:
    """Return where the pod's proxy sends requests for a full host name; None: it knows none."""
    configs = await _dump(cluster, pod, "dynamic_route_configs", rf"^(.*:)?{port}$") or []
    for config in configs:
        for virtual_host in config.parts("route_config.virtual_hosts"):
            if host in virtual_host.texts("domains"):
                return _ordinary_route(virtual_host)
    return None


def _ordinary_route(virtual_host: Object) -> Routed | None:
    for route in virtual_host.parts("routes"):
        match = route.at("match")
        if isinstance(match, dict) and match.get("prefix") == "/" and len(match) <= 2:
            return _routed(route)
    return None


def _routed(route: Object) -> Routed:
    single = route.text("route.cluster")
    weighted = {
        each.text("name"): int(each.number("weight") or 0)
        for each in route.parts("route.weighted_clusters.clusters")
    }
    source = route.text("metadata.filter_metadata.istio.config").split("/")
    return Routed(
        {single: 100} if single else {name: weight for name, weight in weighted.items() if weight},
        seconds_of(route.text("route.timeout")) or 0.0,
        int(route.number("route.retry_policy.num_retries") or 0),
        seconds_of(route.text("route.retry_policy.per_try_timeout")) or 0.0,
        frozenset(filter(None, route.text("route.retry_policy.retry_on").split(","))),
        f"{source[-3]}/{source[-1]}" if len(source) > 3 else "",
        route,
    )


async def endpoints(cluster: Cluster, pod: PodRef, host: str) -> dict[tuple[str, str], Endpoint]:
    """Return what the pod's proxy counted for each endpoint of a host. Shape: Counters."""
    argv = ["curl", "-sg", "--max-time", "5", f"{ADMIN}/clusters?filter={host}"]
    output = await cluster.exec(pod, argv, timeout_s=EXEC_S)
    return counted(output.stdout.splitlines())


async def known_cluster(cluster: Cluster, pod: PodRef, name: str) -> Object | None:
    """Return a cluster of the pod's proxy as its configuration says it; None where it has none."""
    pattern = "^" + name.replace("|", r"\|").replace(".", r"\.") + "$"
    for config in await _dump(cluster, pod, "dynamic_active_clusters", pattern) or []:
        if config.text("cluster.name") == name:
            found = config.at("cluster")
            return Object(found) if isinstance(found, dict) else None
    return None
