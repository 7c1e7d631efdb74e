"""The scheduler: what fits, what does not, and in which words."""

from collections.abc import AsyncIterator

import pytest
from sandbox.control.plane import Plane, container, plane, pod

from app.sandbox.objects import Json, Obj, at, items, number, table, text
from app.sandbox.quantities import quantity, requested


@pytest.fixture
async def cluster() -> AsyncIterator[Plane]:
    with plane() as made:
        await made.settle()
        yield made


def wanting(name: str, memory: str, **spec: Json) -> Obj:
    asks: Obj = {"requests": {"memory": memory}}
    return pod(name, containers=[container(resources=asks)], **spec)


def scheduled(cluster: Plane, name: str) -> Obj:
    found = cluster.store.get("pods", name, "default")
    return next((c for c in items(found, "status.conditions") if c["type"] == "PodScheduled"), {})


async def test_a_pod_that_fits_is_assigned_and_stays_of_one_generation(cluster: Plane) -> None:
    cluster.apply(pod("web"))
    await cluster.settle()
    found = cluster.store.get("pods", "web", "default")
    assert text(found, "spec.nodeName") == "minikube"
    assert number(found, "metadata.generation") == 1
    assert cluster.told("Scheduled") == ["Successfully assigned default/web to minikube"]


async def test_one_that_asks_for_too_much_waits_and_says_why(cluster: Plane) -> None:
    cluster.apply(wanting("web", "64Gi"))
    await cluster.settle()
    told = (
        "0/1 nodes are available: 1 Insufficient memory. no new claims to deallocate, preemption: "
        "0/1 nodes are available: 1 Preemption is not helpful for scheduling."
    )
    assert scheduled(cluster, "web")["message"] == told
    assert scheduled(cluster, "web")["reason"] == "Unschedulable"
    assert cluster.told("FailedScheduling") == [told]


async def test_one_that_waits_for_room_gets_it_when_another_goes(cluster: Plane) -> None:
    cluster.apply(wanting("first", "1Gi"))
    cluster.apply(wanting("second", "1536Mi"))
    await cluster.settle()
    told = text(scheduled(cluster, "second"), "message")
    assert told.endswith("1 No preemption victims found for incoming pod.")
    cluster.registry.delete("pods", "first", "default", grace_s=0)
    await cluster.settle()
    assert scheduled(cluster, "second")["status"] == "True"


@pytest.mark.parametrize(
    ("spec", "why"),
    [
        ({"unschedulable": True}, "1 node(s) were unschedulable"),
        (
            {"taints": [{"key": "mine", "effect": "NoSchedule"}]},
            "1 node(s) had untolerated taint(s)",
        ),
    ],
)
async def test_a_node_that_takes_none_is_told(cluster: Plane, spec: Obj, why: str) -> None:
    cluster.store.edit("nodes", "minikube", "", lambda node: {**node, "spec": spec})
    cluster.apply(pod("web"))
    await cluster.settle()
    assert why in text(scheduled(cluster, "web"), "message")
    cluster.store.edit("nodes", "minikube", "", lambda node: {**node, "spec": {}})
    await cluster.settle()
    assert scheduled(cluster, "web")["status"] == "True"


async def test_a_toleration_lets_a_pod_in(cluster: Plane) -> None:
    taints: Obj = {"taints": [{"key": "mine", "value": "yes", "effect": "NoSchedule"}]}
    cluster.store.edit("nodes", "minikube", "", lambda node: {**node, "spec": taints})
    toleration: Obj = {"key": "mine", "operator": "Equal", "value": "yes", "effect": "NoSchedule"}
    cluster.apply(pod("web", tolerations=[toleration]))
    await cluster.settle()
    assert scheduled(cluster, "web")["status"] == "True"


async def test_a_node_selector_is_obeyed(cluster: Plane) -> None:
    cluster.apply(pod("slow", nodeSelector={"disk": "slow"}))
    cluster.apply(pod("fast", nodeSelector={"disk": "fast"}))
    await cluster.settle()
    told = "1 node(s) didn't match Pod's node affinity/selector"
    assert told in text(scheduled(cluster, "slow"), "message")
    assert scheduled(cluster, "fast")["status"] == "True"


async def test_a_pod_for_another_scheduler_is_left_alone(cluster: Plane) -> None:
    cluster.apply(pod("web", schedulerName="mine"))
    await cluster.settle()
    assert at(cluster.store.get("pods", "web", "default"), "spec.nodeName") is None


@pytest.mark.parametrize(
    ("written", "number_"),
    [("250m", "0.25"), ("1Gi", "1073741824"), ("2", "2"), ("1e3", "1000"), ("1.5k", "1500")],
)
def test_quantities_are_read(written: str, number_: str) -> None:
    assert quantity(written) == quantity(number_)


def test_a_pod_asks_for_its_greediest_moment() -> None:
    def asks(cpu: str, **fields: Json) -> Obj:
        return {"resources": {"requests": {"cpu": cpu}}, **fields}

    inits = [asks("1", restartPolicy="Always"), asks("3")]
    made = pod("web", containers=[asks("500m")], initContainers=[*inits])
    assert requested(made, "cpu") == 4
    assert table(made, "spec")
