"""Tracing by Telemetry objects: which proxies make spans, of how many requests, and for whom.

Source: https://istio.io/latest/docs/reference/config/telemetry/ (scopes, and what overrides what)
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from app.sandbox.istiod.envoy.clusters import name_of as cluster_name
from app.sandbox.istiod.envoy.connections import NAME as HTTP_MANAGER
from app.sandbox.istiod.envoy.shapes import CONFIG
from app.sandbox.istiod.hosts import CLUSTER
from app.sandbox.istiod.installation.marks import NAMESPACE as ROOT
from app.sandbox.istiod.mesh import Mesh
from app.sandbox.istiod.workload import Workload
from app.sandbox.objects import (
    Json,
    Obj,
    items,
    labels_of,
    namespace_of,
    number,
    selects,
    strings,
    table,
    text,
)

DEFAULT_SHARE = 100.0  # percent; what the demo profile's istiod says (PILOT_TRACE_SAMPLING)
CLIENT, SERVER = "CLIENT", "SERVER"
ZIPKIN_PATH = "/api/v2/spans"


@dataclass
class _Spec:
    provider: Obj = field(default_factory=dict)
    is_disabled: bool = False
    share: float = DEFAULT_SHARE
    tags: Obj = field(default_factory=dict)
    has_istio_tags: bool = True


def traced(
    mesh: Mesh, pod: Obj, listeners: Iterable[Obj], *, is_gateway: bool = False
) -> Iterator[Obj]:
    """Yield the listeners of a pod's proxy, with tracing in each manager of requests."""
    asked = _asked(mesh, pod)
    if not asked:
        yield from listeners
        return
    client = _tracing(mesh, pod, _merged(mesh, asked, CLIENT), is_gateway=is_gateway)
    server = _tracing(mesh, pod, _merged(mesh, asked, SERVER), is_gateway=is_gateway)
    for listener in listeners:
        tracing = server if listener.get("traffic_direction") == "INBOUND" else client
        yield _with(tracing, listener) if tracing else listener


def _asked(mesh: Mesh, pod: Obj) -> list[Obj]:
    """Return the tracing entries for a pod: of the mesh, its namespace, its own; later ones win."""
    namespace = namespace_of(pod)
    found: list[Obj] = []
    for place in dict.fromkeys((ROOT, namespace)):
        wide = (
            each
            for each in mesh.telemetries
            if namespace_of(each) == place and not table(each, "spec.selector.matchLabels")
        )
        found += [entry for each in list(wide)[:1] for entry in items(each, "spec.tracing")]
    for each in mesh.telemetries:
        chosen = strings(each, "spec.selector.matchLabels")
        if namespace_of(each) == namespace and selects(chosen, labels_of(pod)):
            found += items(each, "spec.tracing")
    return found


def _merged(mesh: Mesh, asked: list[Obj], mode: str) -> _Spec:
    spec = _Spec()
    for entry in asked:
        if text(entry, "match.mode", "CLIENT_AND_SERVER") not in (mode, "CLIENT_AND_SERVER"):
            continue
        names = [text(each, "name") for each in items(entry, "providers")]
        if names:
            spec.provider = _provider(mesh, names[0])
        if isinstance(entry.get("disableSpanReporting"), bool):
            spec.is_disabled = entry["disableSpanReporting"] is True
        share = entry.get("randomSamplingPercentage")
        if isinstance(share, int | float):
            spec.share = float(share)
        spec.tags = table(entry, "customTags") or spec.tags
        if isinstance(entry.get("enableIstioTags"), bool):
            spec.has_istio_tags = entry["enableIstioTags"] is True
    return spec


def _provider(mesh: Mesh, name: str) -> Obj:
    """Return a provider by its name, in any case; empty where the mesh knows none of it."""
    known = items(mesh.settings, "extensionProviders")
    return next((each for each in known if text(each, "name").lower() == name.lower()), {})


def _tracing(mesh: Mesh, pod: Obj, spec: _Spec, *, is_gateway: bool) -> Obj:
    """Return a manager's tracing; empty where no span shall or can be made."""
    provider = {} if spec.is_disabled else _tracer(mesh, pod, spec.provider)
    if not provider:
        return {}
    tags = [*(_istio_tags(pod) if spec.has_istio_tags else []), *_custom_tags(spec.tags)]
    tags.sort(key=lambda tag: text(tag, "tag"))
    return {
        "client_sampling": {"value": 100.0},
        "random_sampling": {"value": spec.share},
        "overall_sampling": {"value": 100.0},
        "custom_tags": [*tags],
        "provider": provider,
        **({"spawn_upstream_span": True} if is_gateway else {}),
    }


def _tracer(mesh: Mesh, pod: Obj, provider: Obj) -> Obj:
    """Return Envoy's tracer for a provider; empty where its Service is not there.

    Two kinds are known here: opentelemetry over gRPC, and zipkin.
    """
    kind = next((word for word in ("opentelemetry", "zipkin") if provider.get(word)), "")
    host = text(provider, f"{kind}.service").rpartition("/")[2]
    port = number(provider, f"{kind}.port")
    service = mesh.by_host.get(host)
    if not kind or service is None or service.at(port) is None:
        return {}
    cluster = cluster_name(port, "", host)
    if kind == "zipkin":
        config: Obj = {
            "@type": f"{CONFIG}.trace.v3.ZipkinConfig",
            "collector_cluster": cluster,
            "collector_endpoint": text(provider, "zipkin.path", ZIPKIN_PATH),
            "collector_endpoint_version": "HTTP_JSON",
            "collector_hostname": host,
            "trace_id_128bit": table(provider, "zipkin").get("enable64bitTraceId") is not True,
            "shared_span_context": False,
        }
        return {"name": "envoy.tracers.zipkin", "typed_config": config}
    said = f"{Workload.of(pod).canonical_name}.{namespace_of(pod)}"
    config = {
        "@type": f"{CONFIG}.trace.v3.OpenTelemetryConfig",
        "grpc_service": {"envoy_grpc": {"cluster_name": cluster, "authority": host}},
        "service_name": said,
    }
    return {"name": "envoy.tracers.opentelemetry", "typed_config": config}


def _istio_tags(pod: Obj) -> list[Obj]:
    workload = Workload.of(pod)
    said = {
        "istio.canonical_revision": workload.canonical_revision,
        "istio.canonical_service": workload.canonical_name,
        "istio.cluster_id": "Kubernetes",
        "istio.mesh_id": CLUSTER,
        "istio.namespace": namespace_of(pod),
    }
    return [{"tag": tag, "literal": {"value": value}} for tag, value in said.items()]


def _custom_tags(asked: Obj) -> list[Obj]:
    found: list[Obj] = []
    for tag, said in asked.items():
        if value := text(said, "literal.value"):
            found.append({"tag": tag, "literal": {"value": value}})
        for word, field_ in (("header", "request_header"), ("environment", "environment")):
            if name := text(said, f"{word}.name"):
                default = text(said, f"{word}.defaultValue")
                found.append({"tag": tag, field_: {"name": name, "default_value": default}})
    return found


def _with(tracing: Obj, listener: Obj) -> Obj:
    chains: list[Json] = [_chain(tracing, each) for each in items(listener, "filter_chains")]
    changed: Obj = {**listener, "filter_chains": chains}
    rest = table(listener, "default_filter_chain")
    return {**changed, "default_filter_chain": _chain(tracing, rest)} if rest else changed


def _chain(tracing: Obj, chain: Obj) -> Obj:
    filters: list[Json] = []
    for each in items(chain, "filters"):
        if each.get("name") == HTTP_MANAGER:
            config: Obj = {**table(each, "typed_config"), "tracing": tracing}
            filters.append({**each, "typed_config": config})
        else:
            filters.append(each)
    return {**chain, "filters": filters}
