"""The webhooks' selectors, read as the API server reads them."""

import pytest
from fakes import FakeCluster
from mesh_objects import injector, named, pod

from app.checks.injection import injectors, opted_out, selects
from app.clusters.objects import Object


def expression(operator: str, *values: str) -> Object:
    term = {"key": "a", "operator": operator, "values": list(values)}
    return Object({"namespaceSelector": {"matchExpressions": [term]}})


@pytest.mark.parametrize(
    ("operator", "values", "with_a_1", "without"),
    [
        ("In", ["1", "2"], True, False),
        ("NotIn", ["1"], False, True),
        ("Exists", [], True, False),
        ("DoesNotExist", [], False, True),
        ("Gt", ["0"], False, False),
    ],
)
def test_an_expression_takes_labels_as_kubernetes_defines_it(
    operator: str, values: list[str], with_a_1: bool, without: bool
) -> None:
    webhook = expression(operator, *values)
    assert selects(webhook, "namespaceSelector", {"a": "1"}) is with_a_1
    assert selects(webhook, "namespaceSelector", {}) is without


def test_a_webhook_that_is_switched_off_takes_nothing() -> None:
    """istioctl leaves such webhooks beside a revision tag; their selector can never match."""
    never = {"matchLabels": {"istio.io/deactivated": "never-match"}}
    assert not selects(Object({"namespaceSelector": never}), "namespaceSelector", {"a": "1"})


def test_an_absent_selector_takes_all() -> None:
    assert selects(Object({}), "objectSelector", {})


async def test_the_pods_own_label_counts_as_well_as_the_namespaces() -> None:
    found = await injectors(FakeCluster([injector()]))
    labels = {"istio-injection": "enabled"}
    assert found.take(labels, {})
    assert not found.take(labels, {"sidecar.istio.io/inject": "false"})
    assert not found.take({}, {})


async def test_webhooks_of_others_are_left_alone() -> None:
    other = named("MutatingWebhookConfiguration", "other", webhooks=[{"name": "pods.example.com"}])
    found = await injectors(FakeCluster([other, injector("canary")]))
    assert found.revisions == ("canary",)
    assert len(found.webhooks) == 1


@pytest.mark.parametrize(
    ("metadata", "switch"),
    [
        ({}, ""),
        ({"labels": {"sidecar.istio.io/inject": "true"}}, ""),
        (
            {"labels": {"sidecar.istio.io/inject": "off"}},
            "label sidecar.istio.io/inject=off",
        ),
        (
            {
                "labels": {"sidecar.istio.io/inject": "true"},
                "annotations": {"sidecar.istio.io/inject": "false"},
            },
            "",
        ),
    ],
)
def test_a_pods_label_wins_over_its_annotation(
    metadata: dict[str, dict[str, str]], switch: str
) -> None:
    made = pod("backend", metadata=metadata)  # type: ignore[arg-type]
    assert opted_out(Object(made)) == switch
