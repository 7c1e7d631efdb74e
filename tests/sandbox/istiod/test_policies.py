"""Which PeerAuthentication counts: port before workload before namespace before mesh."""

import pytest

from app.sandbox.istiod.mesh import Mesh, by_age
from app.sandbox.istiod.policies import mode
from app.sandbox.objects import Json, Obj

WEB = {"app": "web"}


def _policy(namespace: str, said: str, at: str = "2026-01-01T00:00:00Z", **spec: Json) -> Obj:
    meta: Obj = {"name": f"p{at}", "namespace": namespace, "creationTimestamp": at}
    body: Obj = {**({"mtls": {"mode": said}} if said else {}), **spec}
    return {"kind": "PeerAuthentication", "metadata": meta, "spec": body}


MESH_STRICT = _policy("istio-system", "STRICT")
OWN_PERMISSIVE = _policy("demo", "PERMISSIVE")
SELECTOR: Obj = {"matchLabels": {"app": "web"}}
WORKLOAD_OFF = _policy("demo", "DISABLE", selector=SELECTOR)
PORT_OFF = _policy("demo", "STRICT", selector=SELECTOR, portLevelMtls={"80": {"mode": "DISABLE"}})


@pytest.mark.parametrize(
    ("policies", "wanted"),
    [
        ([], "PERMISSIVE"),
        ([MESH_STRICT], "STRICT"),
        ([MESH_STRICT, OWN_PERMISSIVE], "PERMISSIVE"),
        ([MESH_STRICT, _policy("demo", "UNSET")], "STRICT"),
        ([MESH_STRICT, _policy("other", "PERMISSIVE")], "STRICT"),
        ([MESH_STRICT, WORKLOAD_OFF], "DISABLE"),
        ([MESH_STRICT, PORT_OFF], "DISABLE"),
        (
            [_policy("demo", "STRICT"), _policy("demo", "DISABLE", "2025-01-01T00:00:00Z")],
            "DISABLE",
        ),
        ([_policy("demo", "STRICT", selector={"matchLabels": {"app": "else"}})], "PERMISSIVE"),
    ],
)
def test_the_narrowest_policy_counts_and_of_equals_the_oldest(
    policies: list[Obj], wanted: str
) -> None:
    assert mode(_mesh(policies), "demo", WEB, 80) == wanted


def test_another_port_of_the_workload_keeps_the_workloads_mode() -> None:
    assert mode(_mesh([PORT_OFF]), "demo", WEB, 81) == "STRICT"


def _mesh(policies: list[Obj]) -> Mesh:
    return Mesh([], [], [], [], by_age(policies), [], lambda ip, port: "")
