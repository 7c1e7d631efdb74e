"""Evictions, which `kubectl drain` asks for."""

from sandbox.api.asgi import TOKEN, ask
from sandbox.api.world import FakeKubelet, registry, running_pod

from app.sandbox.api.server import create_api
from app.sandbox.objects import Json, Obj, text

EVICTION = "/api/v1/namespaces/default/pods/web/eviction"


async def test_a_pod_is_evicted_unless_a_budget_forbids_it() -> None:
    found = registry()
    api = create_api(found, FakeKubelet(), TOKEN)
    found.create(running_pod("web"))
    budget: Obj = {
        "apiVersion": "policy/v1",
        "kind": "PodDisruptionBudget",
        "metadata": {"name": "keep", "namespace": "default"},
        "spec": {"selector": {"matchLabels": {"app": "web"}}},
    }
    found.create(budget)
    refused = await ask(api, "POST", EVICTION, {})
    assert (refused.code, text(refused.json, "reason")) == (429, "TooManyRequests")
    found.delete("poddisruptionbudgets.policy", "keep", "default")
    assert (await ask(api, "POST", EVICTION, {})).code == 201


async def test_a_budget_counts_the_pods_that_are_ready() -> None:
    found = registry()
    api = create_api(found, FakeKubelet(), TOKEN)
    ready: Json = {"type": "Ready", "status": "True"}
    for name in ("web", "other"):
        pod = {**running_pod(name), "metadata": _called(name)}
        stored = found.create(pod)
        found.update({**stored, "status": {"conditions": [ready]}}, subresource="status")
    budget: Obj = {
        "apiVersion": "policy/v1",
        "kind": "PodDisruptionBudget",
        "metadata": {"name": "keep", "namespace": "default"},
        "spec": {"minAvailable": "50%", "selector": {"matchLabels": {"app": "web"}}},
    }
    found.create(budget)
    assert (await ask(api, "POST", EVICTION, {})).code == 201
    other = EVICTION.replace("web", "other")
    assert (await ask(api, "POST", other, {})).code == 429


def _called(name: str) -> Obj:
    return {"name": name, "namespace": "default", "labels": {"app": "web"}}


async def test_a_dry_run_of_a_drain_evicts_nothing() -> None:
    found = registry()
    api = create_api(found, FakeKubelet(), TOKEN)
    kept = found.create(running_pod("web"))
    tried: Obj = {"deleteOptions": {"dryRun": ["All"]}}
    assert (await ask(api, "POST", EVICTION, tried)).code == 201
    assert found.store.get("pods", "web", "default") == kept
