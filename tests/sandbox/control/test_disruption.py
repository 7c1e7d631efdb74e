"""PodDisruptionBudgets: what their status says."""

import pytest
from sandbox.control.plane import deployment, plane

from app.sandbox.control.disruption import RESOURCE
from app.sandbox.objects import Json, Obj, table, text


def budget(**spec: Json) -> Obj:
    return {
        "apiVersion": "policy/v1",
        "kind": "PodDisruptionBudget",
        "metadata": {"name": "web", "namespace": "default"},
        "spec": {"selector": {"matchLabels": {"app": "web"}}, **spec},
    }


@pytest.mark.parametrize(
    ("spec", "desired", "allowed"),
    [
        ({"minAvailable": 1}, 1, 2),
        ({"minAvailable": "50%"}, 2, 1),
        ({"maxUnavailable": 1}, 2, 1),
        ({"maxUnavailable": 0}, 3, 0),
    ],
)
async def test_a_budget_counts_its_pods(spec: Obj, desired: int, allowed: int) -> None:
    with plane() as cluster:
        await cluster.settle()
        cluster.apply(deployment(3))
        await cluster.settle()
        for pod in cluster.pods():
            cluster.set_pod(pod)
        cluster.apply(budget(**spec))
        await cluster.settle()
        status = table(cluster.store.get(RESOURCE, "web", "default"), "status")
        assert (status["currentHealthy"], status["expectedPods"]) == (3, 3)
        assert (status["desiredHealthy"], status["disruptionsAllowed"]) == (desired, allowed)
        reason = "SufficientPods" if allowed else "InsufficientPods"
        assert text(status, "conditions.0.reason") == reason
