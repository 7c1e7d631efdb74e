"""Names resolve as the cluster's DNS resolves them."""

import pytest
from sandbox.network.cluster import endpoint_slice, service, store

from app.sandbox.network.dns import candidates, lookup, resolve
from app.sandbox.store.store import Store


@pytest.fixture
def names() -> Store:
    kept = store()
    kept.create(service("backend", "10.96.3.3"))
    kept.create(service("heads", "None"))
    kept.create(endpoint_slice("heads", {"10.244.0.5": True, "10.244.0.6": False}))
    kept.create(
        service("alias", "", type="ExternalName", externalName="backend.demo.svc.cluster.local")
    )
    kept.create(
        service("loop", "", type="ExternalName", externalName="loop.demo.svc.cluster.local")
    )
    return kept


@pytest.mark.parametrize(
    "name",
    [
        "backend",
        "BACKEND",
        "backend.demo",
        "backend.demo.svc",
        "backend.demo.svc.cluster.local",
        "backend.demo.svc.cluster.local.",
        "alias",
    ],
)
def test_a_service_has_all_its_names_from_its_own_namespace(names: Store, name: str) -> None:
    assert resolve(names, name, "demo") == ["10.96.3.3"]


@pytest.mark.parametrize(
    ("name", "from_"),
    [
        ("backend", "legacy"),
        ("backend.", "demo"),
        ("backend.legacy", "demo"),
        ("nothing", "demo"),
        ("example.com", "demo"),
        ("backend.demo.svc.cluster.local.evil.com", "demo"),
        ("x.backend", "demo"),
        ("loop", "demo"),
        ("", "demo"),
    ],
)
def test_whatever_is_no_name_of_the_cluster_does_not_resolve(
    names: Store, name: str, from_: str
) -> None:
    assert resolve(names, name, from_) == []


def test_a_short_name_of_another_namespace_needs_the_namespace(names: Store) -> None:
    assert resolve(names, "backend.demo", "legacy") == ["10.96.3.3"]


def test_a_headless_service_gives_its_ready_pods(names: Store) -> None:
    assert resolve(names, "heads", "demo") == ["10.244.0.5"]
    assert resolve(names, "10-244-0-5.heads", "demo") == ["10.244.0.5"]
    assert resolve(names, "10-244-0-9.heads", "demo") == []


def test_the_full_name_that_answered_is_told(names: Store) -> None:
    assert lookup(names, "backend", "demo")[0] == "backend.demo.svc.cluster.local"


def test_a_name_of_many_dots_is_tried_as_it_stands_first() -> None:
    assert candidates("a.b.c.d.e.f", "demo")[0] == "a.b.c.d.e.f"
    assert candidates("a.b", "demo")[-1] == "a.b"
