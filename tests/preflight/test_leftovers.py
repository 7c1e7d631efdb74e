"""What is left of an earlier try."""

from fakes import FakeCluster, FakePrograms

from app.clusters.objects import Json
from app.preflight.leftovers import leftovers
from app.preflight.surroundings import Machine, Surroundings

STAMP = "2026-03-01T08:30:00Z"


def around(*, is_under_way: bool = False) -> Surroundings:
    machine = Machine("linux", "amd64")
    return Surroundings(machine, FakePrograms(), is_under_way=is_under_way)


def namespace(name: str = "mesh-demo", **metadata: Json) -> dict[str, Json]:
    return {
        "kind": "Namespace",
        "metadata": {"name": name, "creationTimestamp": STAMP, **metadata},
    }


def rule(kind: str, name: str, spec: dict[str, Json]) -> dict[str, Json]:
    return {"kind": kind, "metadata": {"name": name, "namespace": "mesh-demo"}, "spec": spec}


async def test_an_empty_cluster_holds_nothing() -> None:
    [finding] = await leftovers(around(), FakeCluster([namespace("default")]))
    assert finding.state == "ok"


async def test_the_courses_namespace_is_named_with_its_age() -> None:
    [finding] = await leftovers(around(), FakeCluster([namespace()]))
    assert finding.state == "warning"
    assert "2026-03-01 at 08:30" in finding.detail
    assert finding.mend == "kubectl delete namespace mesh-demo"


async def test_once_the_course_is_under_way_it_is_no_leftover() -> None:
    [finding] = await leftovers(around(is_under_way=True), FakeCluster([namespace()]))
    assert finding.state == "ok"


async def test_a_namespace_that_is_being_deleted_is_a_problem_always() -> None:
    cluster = FakeCluster([namespace("istio-system", deletionTimestamp=STAMP)])
    [finding] = await leftovers(around(is_under_way=True), cluster)
    assert finding.state == "problem"
    assert "istio-system" in finding.title


async def test_rules_that_rival_for_one_host_are_named() -> None:
    cluster = FakeCluster(
        [
            rule("VirtualService", "backend-routing", {"hosts": ["backend"]}),
            rule("VirtualService", "backend-canary", {"hosts": ["backend"]}),
            rule("DestinationRule", "backend-destination", {"host": "backend"}),
        ]
    )
    [finding] = await leftovers(around(), cluster)
    assert finding.title == "2 objects of kind VirtualService are for one host: backend"
    assert "backend-canary, backend-routing" in finding.detail
