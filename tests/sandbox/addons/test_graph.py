"""The service graph: what it counts, and where it draws it."""

import pytest
from sandbox.addons.proxied import NS, proxied, spiffe

from app.sandbox.addons.kiali.graph import SERVICE, UNKNOWN, WORKLOAD, Edge, Graph, Node, graph
from app.sandbox.addons.kiali.layout import layout


async def test_the_graph_counts_exactly_what_was_sent_in_its_time() -> None:
    with proxied() as pods:
        frontend, backend = pods.add("frontend", "frontend"), pods.add("backend", "backend")
        pods.call(frontend, backend)
        await pods.scrape()
        for code in (200, 404, 503):
            pods.call(frontend, backend, code)
        await pods.scrape(60)
        found = graph(pods.database, pods.now, 60.0)
        caller, service = Node(WORKLOAD, "frontend", NS, "v1"), Node(SERVICE, "backend", NS)
        edge = found.edges[caller, service]
        assert (edge.requests, edge.failed, edge.refused) == (3, 1, 1)
        assert edge.is_proved
        assert found.edges[service, Node(WORKLOAD, "backend", NS, "v1")] == edge
        assert graph(pods.database, pods.now + 600, 60.0).edges == {}


async def test_who_calls_from_outside_the_mesh_is_seen_by_the_called_side_alone() -> None:
    with proxied() as pods:
        backend = pods.add("backend", "backend")
        await pods.scrape()
        pods.write(backend, direction="inbound", cluster="inbound|5678||")
        await pods.scrape()
        found = graph(pods.database, pods.now, 60.0)
        stranger, service = Node(UNKNOWN, "outside the mesh", ""), Node(SERVICE, "backend", NS)
        assert (found.edges[stranger, service].requests, len(found.edges)) == (1, 2)
        assert not found.edges[stranger, service].is_proved


async def test_requests_that_reach_nobody_end_at_the_service() -> None:
    with proxied() as pods:
        frontend = pods.add("frontend", "frontend")
        await pods.scrape()
        pods.write(frontend, direction="outbound", code=503, flags="UH", server=spiffe("x"))
        pods.write(frontend, direction="outbound", cluster="PassthroughCluster", host="a.example")
        await pods.scrape()
        found = graph(pods.database, pods.now, 60.0)
        ends = {(target.kind, target.name): edge for (_, target), edge in found.edges.items()}
        assert ends[SERVICE, "backend"].failing == 1
        assert ends[UNKNOWN, "a.example"].failing == 0


def node(name: str, namespace: str = "a") -> Node:
    return Node(WORKLOAD, name, namespace)


def linked(*pairs: tuple[str, str]) -> Graph:
    return Graph(60.0, {(node(source), node(target)): Edge(1.0) for source, target in pairs})


def test_callers_stand_to_the_left_of_whom_they_call() -> None:
    places = layout(linked(("a", "b"), ("b", "c"), ("a", "c"))).places
    assert places[node("a")][0] < places[node("b")][0] < places[node("c")][0]


@pytest.mark.parametrize(
    "pairs", [(("a", "b"), ("b", "a")), (("a", "a"),), (("a", "b"), ("b", "c"), ("c", "a"))]
)
def test_circles_are_drawn_too(pairs: tuple[tuple[str, str], ...]) -> None:
    found = layout(linked(*pairs))
    assert len(set(found.places.values())) == len({name for pair in pairs for name in pair})


def test_no_two_nodes_stand_in_one_place_and_all_fit() -> None:
    pairs = [(f"n{a}", f"n{b}") for a in range(12) for b in range(a + 1, 12) if (a + b) % 3]
    found = layout(linked(*pairs))
    assert len(set(found.places.values())) == 12
    assert all(0 < x < found.width and 0 < y < found.height for x, y in found.places.values())


def test_a_namespaces_graph_holds_what_touches_it() -> None:
    own, other = node("own", "mine"), node("other", "theirs")
    far = node("far", "theirs")
    whole = Graph(60.0, {(own, other): Edge(1.0), (other, far): Edge(1.0)})
    assert set(whole.within({"mine"}).edges) == {(own, other)}
    assert whole.namespaces() == ["mine", "theirs"]
