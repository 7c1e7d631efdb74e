"""Nodes that are there, ready and large enough."""

import pytest
from fakes import FakeCluster
from mesh_objects import Raw, condition, named
from verdicts import verdict


def node(ready: str = "True", memory: str = "8131852Ki", cpu: str = "3920m", **spec: bool) -> Raw:
    status: Raw = {
        "allocatable": {"memory": memory, "cpu": cpu},
        "conditions": [condition("Ready", ready, "container runtime is down")],
    }
    return named("Node", "minikube", status=status, spec=dict(spec))


async def test_nodes_that_offer_enough_pass() -> None:
    finding = await verdict("reachable", {"memory_gib": 7, "cpus": 3}, FakeCluster([node()]))
    assert finding.message == "1 node ready, with 7.8 GiB and 3.92 CPUs for pods."


@pytest.mark.parametrize(
    ("nodes", "reason", "words"),
    [
        ([], "no-nodes", "no node"),
        ([node("False")], "not-ready", "container runtime is down"),
        ([node("Unknown")], "not-ready", "container runtime is down"),
        ([node(unschedulable=True)], "not-ready", "cordoned"),
        ([node(memory="4Gi")], "too-little-memory", "the nodes offer 4.0"),
        ([node(cpu="2")], "too-few-cpus", "the nodes offer 2"),
    ],
)
async def test_what_is_missing_is_told(nodes: list[Raw], reason: str, words: str) -> None:
    finding = await verdict("reachable", {"memory_gib": 7, "cpus": 3}, FakeCluster(nodes))
    assert finding.reason == reason
    assert words in finding.message


async def test_a_node_that_has_never_reported_is_not_ready() -> None:
    finding = await verdict("reachable", {}, FakeCluster([named("Node", "minikube")]))
    assert "has not reported yet" in finding.message
