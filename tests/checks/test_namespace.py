"""A namespace that asks for sidecars, and each way in which one does not."""

import pytest
from fakes import FakeCluster
from mesh_objects import JUST_NOW, Raw, injected, injector, namespace
from verdicts import verdict

from app.checks.result import Finding

WANTED = {"name": "mesh-demo"}


async def found(*things: Raw, **wanted: object) -> Finding:
    return await verdict("namespace", {**WANTED, **wanted}, FakeCluster([injector(), *things]))


async def test_a_labelled_namespace_passes() -> None:
    assert (await found(injected("mesh-demo"))).passed


async def test_a_revision_label_of_an_installed_control_plane_passes_as_well() -> None:
    assert (await found(namespace("mesh-demo", {"istio.io/rev": "default"}))).passed


async def test_without_injection_the_namespace_alone_is_enough() -> None:
    assert (await found(namespace("mesh-demo"), injection=False)).passed


async def test_a_missing_namespace_is_told_with_one_of_a_similar_name() -> None:
    finding = await found(namespace("mesh-dmo"))
    assert finding.reason == "no-namespace"
    assert "it has mesh-dmo" in finding.message


async def test_the_labs_own_namespaces_are_not_taken_for_a_misspelling() -> None:
    finding = await found(namespace("mesh-dojo"), namespace("mesh-dojo-probe"))
    assert finding.message.endswith("none of that name.")


async def test_a_namespace_that_is_being_deleted_does_not_count() -> None:
    finding = await found(namespace("mesh-demo", deletionTimestamp=JUST_NOW))
    assert finding.reason == "terminating"


@pytest.mark.parametrize(
    ("labels", "reason", "words"),
    [
        ({}, "no-label", "no injection label"),
        ({"istio-injection": "true"}, "label-value", "istio-injection=true"),
        ({"istio-injection": "disabled"}, "label-disabled", "switches injection off"),
        ({"istio.io/rev": "canary"}, "revision-label", "istio.io/rev=canary"),
        (
            {"istio.io/rev": "default", "istio-injection": "disabled"},
            "label-disabled",
            "wins over istio.io/rev=default",
        ),
    ],
)
async def test_a_label_that_does_not_ask_for_sidecars_is_told(
    labels: dict[str, str], reason: str, words: str
) -> None:
    finding = await found(namespace("mesh-demo", labels))
    assert finding.reason == reason
    assert words in finding.message


async def test_the_plain_label_needs_the_default_revision() -> None:
    cluster = FakeCluster([injector("canary"), injected("mesh-demo")])
    finding = await verdict("namespace", WANTED, cluster)
    assert finding.reason == "revision-label"
    assert "installed: canary" in finding.message


@pytest.mark.parametrize("other", ["default", "mesh-dmo"])
async def test_the_label_is_found_where_it_landed_by_mistake(other: str) -> None:
    finding = await found(namespace("mesh-demo"), injected(other))
    assert finding.reason == "other-namespace"
    assert f"on {other} instead" in finding.message


async def test_other_namespaces_that_are_in_the_mesh_on_purpose_are_no_mistake() -> None:
    finding = await found(namespace("mesh-demo"), injected("shop"), injected("mesh-dojo-probe"))
    assert finding.reason == "no-label"


async def test_without_istio_the_label_asks_nobody() -> None:
    finding = await verdict("namespace", WANTED, FakeCluster([injected("mesh-demo")]))
    assert finding.reason == "no-injector"
