"""Configuration becomes what a real Istio was seen to send: clusters, routes, listeners."""

import json
from pathlib import Path

import pytest

from app.sandbox.istiod.envoy import clusters, outbound
from app.sandbox.istiod.envoy.routes import Caller, fraction, retry_policy
from app.sandbox.istiod.envoy.shapes import seconds
from app.sandbox.istiod.mesh import Mesh, by_age
from app.sandbox.istiod.services import services
from app.sandbox.objects import Json, Obj, items, table, text

# istioctl proxy-config -o json of a sidecar, Istio 1.31, 2026-11-23, with the objects it is from
REAL = json.loads(Path(__file__).with_name("translated.json").read_text())
CALLER = Caller("mesh-demo", {"app": "frontend", "version": "v1"})
ACCOUNT = "mesh-demo/default"


@pytest.fixture(scope="module")
def mesh() -> Mesh:
    by_kind: dict[str, list[Obj]] = {}
    for obj in REAL["objects"]:
        by_kind.setdefault(obj["kind"], []).append(obj)
    pods: list[Obj] = []
    slices: list[Obj] = []
    for service in by_kind["Service"]:
        name = service["metadata"]["name"]  # type: ignore[index,call-overload]
        pods.append(_pod(name))
        slices.append(_slice(name))
    return Mesh(
        services(by_kind["Service"], slices, pods),
        virtual_services=by_age(by_kind["VirtualService"]),
        destination_rules=by_age(by_kind["DestinationRule"]),
        gateways=[],
        peer_authentications=[],
        authorization_policies=[],
        door=lambda ip, port: f"/{ip}/{port}",
    )


@pytest.mark.parametrize("name", sorted(REAL["clusters"]))
def test_a_cluster_is_the_real_one(name: str, mesh: Mesh) -> None:
    made = {text(each, "name"): each for each in clusters.outbound(mesh, "mesh-demo")}
    cluster = {key: value for key, value in made[name].items() if key != "@type"}
    assert _normal(cluster) == _normal(REAL["clusters"][name])


@pytest.mark.parametrize("name", sorted(REAL["virtual_hosts"]))
def test_a_virtual_host_is_the_real_one(name: str, mesh: Mesh) -> None:
    configurations = {
        text(each, "name"): each for each in outbound.route_configurations(mesh, CALLER)
    }
    made = {text(each, "name"): each for each in items(configurations["80"], "virtual_hosts")}
    assert made[name] == REAL["virtual_hosts"][name]


@pytest.mark.parametrize("name", sorted(REAL["listeners"]))
def test_a_listener_is_the_real_one(name: str, mesh: Mesh) -> None:
    made = {
        text(each, "name"): each
        for each in outbound.listeners(mesh, CALLER, Path("/folder"), Path("/folder/out"))
    }
    listener = {key: value for key, value in made[name].items() if key != "@type"}
    assert _without_logs(listener) == _normal(REAL["listeners"][name])


@pytest.mark.parametrize(
    ("written", "wanted"),
    [("500ms", "0.5s"), ("1h1m1.5s", "3661.5s"), ("2s", "2s"), ("0s", "0s"), ("10us", "0.00001s")],
)
def test_durations_are_written_in_seconds(written: str, wanted: str) -> None:
    assert seconds(written) == wanted


def test_no_attempts_mean_no_retries() -> None:
    assert retry_policy({"attempts": 0}) == {}


def test_status_codes_to_retry_on_are_told_apart_from_conditions() -> None:
    policy = retry_policy({"attempts": 1, "retryOn": "503,reset"})
    assert policy["retry_on"] == "reset,retriable-status-codes"
    assert policy["retriable_status_codes"] == [503]


@pytest.mark.parametrize(
    ("asked", "numerator"),
    [({"percentage": {}}, 0), ({}, 0), ({"percentage": {"value": 0.5}}, 5_000)],
)
def test_a_fault_without_a_percentage_is_injected_into_nothing(asked: Obj, numerator: int) -> None:
    assert fraction(asked)["numerator"] == numerator


def _pod(name: str) -> Obj:
    meta: Obj = {"name": name, "namespace": "mesh-demo", "labels": {"app": name}}
    return {"kind": "Pod", "metadata": meta, "spec": {"serviceAccountName": "default"}}


def _slice(name: str) -> Obj:
    labels: Obj = {"kubernetes.io/service-name": name}
    target: Obj = {"kind": "Pod", "name": name}
    return {
        "metadata": {"name": name, "namespace": "mesh-demo", "labels": labels},
        "ports": [{"name": "", "port": 80}],
        "endpoints": [{"addresses": ["10.244.0.9"], "targetRef": target}],
    }


def _normal(value: Json) -> Json:
    """Without what two ways of writing the same differ in: durations, and how names are matched."""
    if isinstance(value, list):
        return [_normal(each) for each in value]
    if isinstance(value, dict):
        found = {key: _normal(each) for key, each in value.items()}
        typed = found.pop("match_typed_subject_alt_names", None)
        if isinstance(typed, list):
            found["match_subject_alt_names"] = [table(each, "matcher") for each in typed]
        return found
    if isinstance(value, str) and value.endswith("s") and value[:-1].replace(".", "").isdigit():
        return float(value[:-1])
    return value


def _without_logs(value: Json) -> Json:
    if isinstance(value, list):
        kept = [e for e in value if text(e, "name") not in ("istio.alpn",)]
        return [_without_logs(each) for each in kept]
    if isinstance(value, dict):
        left_out = ("access_log",)
        return {k: _without_logs(each) for k, each in value.items() if k not in left_out}
    return _normal(value)
