"""Room on the nodes, against what Istio and the course request."""

from fakes import FakeCluster, FakePrograms

from app.clusters.objects import Json, Object
from app.preflight.finding import Finding
from app.preflight.room import Amount, requested, room
from app.preflight.surroundings import Machine, Surroundings


def node(cpu: str = "4", memory: str = "8Gi", **spec: Json) -> dict[str, Json]:
    return {
        "kind": "Node",
        "metadata": {"name": "n"},
        "spec": spec,
        "status": {
            "allocatable": {"cpu": cpu, "memory": memory},
            "conditions": [{"type": "Ready", "status": "True"}],
        },
    }


def pod(cpu: str, memory: str, phase: str = "Running") -> dict[str, Json]:
    requests: Json = {"requests": {"cpu": cpu, "memory": memory}}
    return {
        "kind": "Pod",
        "metadata": {"name": f"p{cpu}", "namespace": "default"},
        "spec": {
            "containers": [{"name": "a", "resources": requests}],
            "initContainers": [
                {"name": "once", "resources": requests},
                {"name": "beside", "restartPolicy": "Always", "resources": requests},
            ],
        },
        "status": {"phase": phase},
    }


async def look(*objects: dict[str, Json]) -> Finding:
    around = Surroundings(Machine("linux", "amd64"), FakePrograms())
    [finding] = await room(around, FakeCluster(objects))
    return finding


async def test_a_machine_as_the_course_asks_for_is_fine() -> None:
    assert (await look(node())).state == "ok"


async def test_full_nodes_are_a_problem_with_numbers() -> None:
    finding = await look(node(memory="4Gi"), pod("100m", "1900Mi"))
    assert finding.state == "problem"
    assert "296 MiB are free" in finding.detail
    assert "--memory=8192" in finding.mend


async def test_cpus_that_are_spoken_for_are_a_problem() -> None:
    assert (await look(node(), pod("1950m", "1Mi"))).state == "problem"


async def test_a_small_machine_is_a_warning() -> None:
    assert (await look(node(cpu="2", memory="2Gi"))).state == "warning"
    assert (await look(node(cpu="1"))).state == "warning"


async def test_no_node_that_takes_pods_is_a_problem() -> None:
    assert (await look()).title == "No node is ready to run pods"
    assert (await look(node(unschedulable=True))).state == "problem"


def test_native_sidecars_count_and_pods_that_ended_do_not() -> None:
    found = requested([Object(pod("10m", "1Mi")), Object(pod("1", "1Gi", "Succeeded"))])
    assert found == Amount(0.02, 2 * 1024.0**2)
