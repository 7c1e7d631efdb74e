"""Which proxies trace, by the Telemetry objects of the mesh, the namespace and the workload."""

from collections.abc import Sequence

import pytest

from app.sandbox.istiod.envoy.connections import NAME as MANAGER
from app.sandbox.istiod.envoy.telemetry import traced
from app.sandbox.istiod.install import PROVIDERS
from app.sandbox.istiod.mesh import Mesh
from app.sandbox.istiod.services import services
from app.sandbox.objects import Json, Obj, at, items, text

POD: Obj = {
    "metadata": {"name": "web", "namespace": "demo", "labels": {"app": "web", "version": "v1"}}
}
JAEGER: Json = [{"name": "jaeger"}]


def telemetry(namespace: str, *tracing: Json, labels: Json = None) -> Obj:
    spec: Obj = {"tracing": [*tracing], **({"selector": {"matchLabels": labels}} if labels else {})}
    return {"metadata": {"name": "t", "namespace": namespace}, "spec": spec}


def listener(direction: str, *, is_http: bool = True) -> Obj:
    name = MANAGER if is_http else "envoy.filters.network.tcp_proxy"
    chain: Obj = {"filters": [{"name": name, "typed_config": {"stat_prefix": "x"}}]}
    own: Obj = {"name": direction, "filter_chains": [chain], "default_filter_chain": {**chain}}
    return {**own, "traffic_direction": direction}


def mesh(telemetries: Sequence[Obj], providers: Sequence[Obj] = PROVIDERS) -> Mesh:
    collector: Obj = {
        "metadata": {"name": "jaeger-collector", "namespace": "istio-system"},
        "spec": {"clusterIP": "10.96.0.9", "ports": [{"name": "grpc-otel", "port": 4317}]},
    }
    return Mesh(
        services([collector], [], []), [], [], [], [], [], lambda ip, port: "",
        settings={"extensionProviders": [*providers]}, telemetries=telemetries,
    )  # fmt: skip


def tracing(found: Mesh, direction: str = "OUTBOUND", *, is_gateway: bool = False) -> Json:
    (made,) = traced(found, POD, [listener(direction)], is_gateway=is_gateway)
    both = [
        at(chain, "filters.0.typed_config.tracing")
        for chain in (*items(made, "filter_chains"), made["default_filter_chain"])
    ]
    assert both[0] == both[1]
    return both[0]


def share(found: Mesh, direction: str = "OUTBOUND") -> Json:
    return at(tracing(found, direction), "random_sampling.value")


def test_the_demo_profiles_provider_leads_to_the_collectors_cluster() -> None:
    found = tracing(mesh([telemetry("demo", {"providers": JAEGER})]))
    grpc = "provider.typed_config.grpc_service.envoy_grpc"
    cluster = "outbound|4317||jaeger-collector.istio-system.svc.cluster.local"
    assert text(found, f"{grpc}.cluster_name") == cluster
    assert text(found, "provider.typed_config.service_name") == "web.demo"
    assert at(found, "random_sampling.value") == 100


@pytest.mark.parametrize("name", ["jeager", "otel", "otel-tracing", "skywalking"])
def test_a_provider_that_is_unknown_or_not_there_traces_nothing(name: str) -> None:
    assert tracing(mesh([telemetry("demo", {"providers": [{"name": name}]})])) is None


def test_without_a_provider_nothing_is_traced() -> None:
    assert tracing(mesh([telemetry("demo", {"randomSamplingPercentage": 100})])) is None
    assert tracing(mesh([])) is None


def test_the_narrower_scope_wins_field_by_field() -> None:
    wide = telemetry("istio-system", {"providers": JAEGER, "randomSamplingPercentage": 1})
    middle = telemetry("demo", {"randomSamplingPercentage": 20})
    own = telemetry("demo", {"randomSamplingPercentage": 50}, labels={"app": "web"})
    other = telemetry("demo", {"randomSamplingPercentage": 70}, labels={"app": "other"})
    elsewhere = telemetry("elsewhere", {"randomSamplingPercentage": 90})
    assert share(mesh([wide])) == 1
    assert share(mesh([wide, middle, other, elsewhere])) == 20
    assert share(mesh([own, wide, middle])) == 50


def test_the_oldest_of_a_namespaces_objects_counts() -> None:
    first = telemetry("demo", {"providers": JAEGER, "randomSamplingPercentage": 10})
    second = telemetry("demo", {"randomSamplingPercentage": 20})
    assert share(mesh([first, second])) == 10


def test_client_and_server_may_differ() -> None:
    server: Json = {"match": {"mode": "SERVER"}, "randomSamplingPercentage": 5}
    found = mesh([telemetry("demo", {"providers": JAEGER}, server)])
    assert (share(found), share(found, "INBOUND")) == (100, 5)


def test_reporting_may_be_switched_off() -> None:
    off: Json = {"disableSpanReporting": True}
    assert tracing(mesh([telemetry("demo", {"providers": JAEGER}, off)])) is None


def test_tags_are_sorted_and_istios_may_be_left_out() -> None:
    tags: Json = {"b": {"literal": {"value": "1"}}, "a": {"header": {"name": "x-a"}}}
    entry: Obj = {"providers": JAEGER, "customTags": tags}
    own = tracing(mesh([telemetry("demo", {**entry, "enableIstioTags": False})]))
    assert [text(each, "tag") for each in items(own, "custom_tags")] == ["a", "b"]
    names = [text(each, "tag") for each in items(tracing(mesh([telemetry("demo", entry)])),
                                                 "custom_tags")]  # fmt: skip
    assert names == sorted(names)
    assert "istio.canonical_service" in names


def test_a_gateway_makes_a_span_of_what_it_sends_too() -> None:
    found = mesh([telemetry("demo", {"providers": JAEGER})])
    assert at(tracing(found, is_gateway=True), "spawn_upstream_span") is True
    assert at(tracing(found), "spawn_upstream_span") is None


def test_what_is_no_http_stays_as_it_was() -> None:
    found = mesh([telemetry("demo", {"providers": JAEGER})])
    plain = listener("OUTBOUND", is_http=False)
    assert [*traced(found, POD, [plain])] == [plain]
