"""A mesh as traffic checks see it: a split backend, and what the caller's proxy says of it."""

import json
from collections.abc import Iterable, Mapping, Sequence

from fakes import FakeCluster
from mesh_objects import JUST_NOW, LONG_AGO, READY, Raw

from app.checks.kind import Context
from app.checks.kinds import KINDS
from app.checks.result import Finding
from app.clusters.cluster import PodRef
from app.clusters.objects import Json

SPACE = "mesh-demo"
HOST = f"backend.{SPACE}.svc.cluster.local"
URL = f"http://{HOST}/"
INSIDE = PodRef("mesh-dojo-probe", "inside", "probe")
OUTSIDE = PodRef("mesh-dojo-outside", "outside", "probe")
IPS = {"v1": ("10.244.0.21", "10.244.0.19"), "v2": ("10.244.0.17",)}


def istio(kind: str, name: str, spec: Json, space: str = SPACE, *, is_new: bool = False) -> Raw:
    """Return an object of Istio; older than all that are new."""
    created = JUST_NOW if is_new else LONG_AGO
    metadata: Raw = {"name": name, "namespace": space, "creationTimestamp": created}
    return {"kind": kind, "metadata": metadata, "spec": spec}


def destination(subset: str = "", weight: int | None = None, **more: Json) -> Raw:
    """Return a destination of a route to the backend."""
    target: Raw = {"host": "backend", **({"subset": subset} if subset else {}), **more}
    return {"destination": target, **({} if weight is None else {"weight": weight})}


def split(v1: int, v2: int, name: str = "backend-canary", *, is_new: bool = False) -> Raw:
    """Return a VirtualService that splits the backend."""
    route: Json = [destination("v1", v1), destination("v2", v2)]
    spec: Raw = {"hosts": ["backend"], "http": [{"route": route}]}
    return istio("VirtualService", name, spec, is_new=is_new)


def subsets(v1: Raw | None = None, v2: Raw | None = None, **spec: Json) -> Raw:
    """Return the DestinationRule of the split."""
    parts: Json = [
        {"name": "v1", "labels": v1 or {"version": "v1"}},
        {"name": "v2", "labels": v2 or {"version": "v2"}},
    ]
    whole: Raw = {"host": "backend", "subsets": parts, **spec}
    return istio("DestinationRule", "backend-versions", whole)


def service(name: str, *, port: int = 80, target: int = 5678, space: str = SPACE) -> Raw:
    spec: Raw = {"selector": {"app": name}, "ports": [{"port": port, "targetPort": target}]}
    return {"kind": "Service", "metadata": {"name": name, "namespace": space}, "spec": spec}


def pod(
    name: str, ip: str, labels: Mapping[str, str], *, has_sidecar: bool = True, space: str = SPACE
) -> Raw:
    """Return a ready pod with an address; its sidecar is native."""
    starters: Json = [{"name": "istio-proxy", "restartPolicy": "Always"}] if has_sidecar else []
    container: Raw = {"name": "app", "ports": [{"containerPort": 5678}]}
    return {
        "kind": "Pod",
        "metadata": {"name": name, "namespace": space, "labels": dict(labels)},
        "spec": {"containers": [container], "initContainers": starters},
        "status": {
            "phase": "Running",
            "podIP": ip,
            "containerStatuses": [{"name": "app", **READY}],
            "initContainerStatuses": [{"name": "istio-proxy", **READY}] if has_sidecar else [],
        },
    }


def backend() -> list[Raw]:
    """Return the backend: its Service, two pods of v1 and one of v2."""
    pods = [
        pod(f"backend-{version}-{ip[-2:]}", ip, {"app": "backend", "version": version})
        for version, ips in IPS.items()
        for ip in ips
    ]
    return [service("backend"), *pods]


def route_page(owner: str, clusters: Mapping[str, int], host: str = HOST, **route: Json) -> str:
    """Return what /config_dump says of a route, in the shape recorded of a real sidecar."""
    weighted: Json = [{"name": name, "weight": weight} for name, weight in clusters.items()]
    target: Raw = {"weighted_clusters": {"clusters": weighted}, "timeout": "0s", **route}
    source = f"/apis/networking.istio.io/v1/namespaces/{SPACE}/virtual-service/{owner}"
    found: Raw = {
        "match": {"prefix": "/"},
        "route": target,
        "metadata": {"filter_metadata": {"istio": {"config": source}}},
    }
    virtual_host: Raw = {"name": f"{host}:80", "domains": [host], "routes": [found]}
    config: Raw = {"name": "80", "virtual_hosts": [virtual_host]}
    return json.dumps({"configs": [{"route_config": config}]})


def subset_cluster(subset: str, host: str = HOST) -> str:
    return f"outbound|80|{subset}|{host}"


def counters(
    counts: Mapping[tuple[str, str], int], out: Iterable[str] = (), errors: int = 0
) -> str:
    """Return what /clusters says: {(cluster, address): requests}; `out` are addresses ejected."""
    lines = []
    for (cluster, ip), total in counts.items():
        flags = "/failed_outlier_check" if ip in out else "healthy"
        lines += [
            f"{cluster}::default_priority::max_connections::4294967295",
            f"{cluster}::{ip}:5678::rq_error::{total if errors else 0}",
            f"{cluster}::{ip}:5678::rq_success::{0 if errors else total}",
            f"{cluster}::{ip}:5678::rq_total::{total}",
            f"{cluster}::{ip}:5678::health_flags::{flags}",
        ]
    return "\n".join(lines) + "\n"


def looked(counts: Mapping[tuple[str, str], int], out: Iterable[str] = (), errors: int = 0) -> str:
    """Return a look at the counters as curl's output holds it."""
    return counters(counts, out, errors) + "dojo-counters\n"


def answered(count: int, status: int = 200, code: int = 0, seconds: float = 0.002) -> str:
    """Return so many answers as curl's output holds them."""
    return f"dojo-answer {status} {code} {seconds:.6f}\n" * count


def counts(v1: int, v2: int) -> dict[tuple[str, str], int]:
    """Return requests by endpoint; those to v1 alternate between its pods."""
    first, second = IPS["v1"]
    return {
        (subset_cluster("v1"), first): v1 - v1 // 2,
        (subset_cluster("v1"), second): v1 // 2,
        (subset_cluster("v2"), IPS["v2"][0]): v2,
    }


def spread(share: float, sizes: Sequence[int]) -> str:
    """Return a whole stream in which v2 gets its share of each batch."""
    text, v1, v2 = looked(counts(7, 3)), 7, 3  # counters never begin at zero
    for size in sizes:
        more = round(size * share)
        v1, v2 = v1 + size - more, v2 + more
        text += answered(size) + looked(counts(v1, v2))
    return text


def once(status: int, body: str = "", code: int = 0, headers: str = "server: envoy") -> str:
    """Return one whole answer as `curl -i -w` prints it."""
    head = f"HTTP/1.1 {status} X\r\n{headers}\r\n\r\n{body}" if status else ""
    return f"{head}\ndojo-answer {status:03d} {code} 0.004000\n"


async def traffic_verdict(
    kind: str, params: Mapping[str, object], cluster: FakeCluster, *, error_rate: float = 0.001
) -> Finding:
    """Return what a check finds without waiting; every failure's reason is one its kind lists."""
    context = Context(cluster, INSIDE, OUTSIDE, error_rate=error_rate, patience_s=0)
    finding = await KINDS[kind].bind(params)(context)
    assert finding.passed is not False or finding.reason in KINDS[kind].reasons
    assert len(finding.message) > 20
    return finding
