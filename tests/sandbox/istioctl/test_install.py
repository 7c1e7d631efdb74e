"""install applies a profile and waits for its pods; uninstall takes all of it away again."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sandbox.istioctl.bench import FakeMesh, FakeProfiles, Said, call, lab_of

from app.sandbox.istioctl.lab import Lab
from app.sandbox.istioctl.terminal import Asked
from app.sandbox.istiod.install import Component
from app.sandbox.objects import Obj, labels_of, name_of
from app.sandbox.store.store import Change

SYSTEM = "istio-system"
RECORDED = Path(__file__).parents[2] / "recorded"
INJECTOR = "mutatingwebhookconfigurations.admissionregistration.k8s.io"


def deployment(name: str) -> Obj:
    spec: Obj = {
        "replicas": 1,
        "selector": {"matchLabels": {"app": name}},
        "template": {
            "metadata": {"labels": {"app": name}},
            "spec": {"containers": [{"name": "c", "image": "docker.io/istio/pilot:1.31.0"}]},
        },
    }
    meta: Obj = {"name": name, "namespace": SYSTEM}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": meta, "spec": spec}


def account(name: str) -> Obj:
    return {
        "apiVersion": "v1",
        "kind": "ServiceAccount",
        "metadata": {"name": name, "namespace": SYSTEM},
    }


def injector(name: str) -> Obj:
    hook: Obj = {
        "name": "namespace.sidecar-injector.istio.io",
        "namespaceSelector": {"matchLabels": {"istio-injection": "enabled"}},
        "clientConfig": {"service": {"name": "istiod", "namespace": SYSTEM, "path": "/inject"}},
        "admissionReviewVersions": ["v1"],
        "sideEffects": "None",
    }
    kind = "MutatingWebhookConfiguration"
    api = "admissionregistration.k8s.io/v1"
    return {"apiVersion": api, "kind": kind, "metadata": {"name": name}, "webhooks": [hook]}


BASE = Component("Base", [account("reader")])
PILOT = Component(
    "Pilot",
    [
        deployment("istiod"),
        injector("istio-sidecar-injector"),
        injector("istio-revision-tag-default"),
    ],
)
INGRESS = Component("IngressGateways", [deployment("istio-ingressgateway")])
EGRESS = Component("EgressGateways", [deployment("istio-egressgateway")])
PROFILES = FakeProfiles(
    {
        "demo": (BASE, PILOT, INGRESS, EGRESS),
        "minimal": (BASE, PILOT),
        "default": (BASE, PILOT, INGRESS),
        "empty": (),
    }
)


def lab() -> Lab:
    return lab_of([], profiles=PROFILES, mesh=FakeMesh())


@contextmanager
def running(lab: Lab) -> Iterator[None]:
    """Make every Deployment ready as soon as somebody waits for it."""
    loop = asyncio.get_running_loop()

    def ready(name: str) -> None:
        def change(obj: Obj) -> Obj:
            counts = {"readyReplicas": 1, "updatedReplicas": 1, "observedGeneration": 99}
            return {**obj, "status": counts}

        if lab.store.get("deployments.apps", name, SYSTEM):
            lab.store.edit("deployments.apps", name, SYSTEM, change)

    def listen(change: Change) -> None:
        if change.type == "ADDED" and change.resource == "deployments.apps":
            loop.call_soon(ready, name_of(change.object))

    lab.store.listen(listen)
    yield


async def install(lab: Lab, *argv: str, **more: object) -> Said:
    with running(lab):
        return await call(lab, "install", *argv, **more)  # type: ignore[arg-type]


async def test_a_profile_is_installed_with_the_lines_of_the_real_one() -> None:
    line = "istioctl install --set profile=demo -y"
    recorded = json.loads((RECORDED / "install" / "commands.json").read_text())[line]
    said = await install(lab(), *line.split()[2:])
    assert [said.code, f"{said.stderr}\n"] == recorded
    assert said.stdout == ""


async def test_what_is_installed_says_so_by_its_labels() -> None:
    sandbox = lab()
    await install(sandbox, "--set", "profile=minimal", "-y")
    labels = labels_of(sandbox.store.get("deployments.apps", "istiod", SYSTEM))
    assert labels["operator.istio.io/component"] == "Pilot"
    assert labels["istio.io/rev"] == "default"
    assert sandbox.store.get("namespaces", SYSTEM) is not None


async def test_of_two_injectors_the_one_of_the_tag_matches() -> None:
    sandbox = lab()
    await install(sandbox, "--set", "profile=minimal", "-y")
    own = sandbox.store.get(INJECTOR, "istio-sidecar-injector")
    tag = sandbox.store.get(INJECTOR, "istio-revision-tag-default")
    assert own is not None
    assert tag is not None
    never = {"matchLabels": {"istio.io/deactivated": "never-match"}}
    assert own["webhooks"][0]["namespaceSelector"] == never  # type: ignore[index,call-overload]
    assert tag["webhooks"][0]["namespaceSelector"] != never  # type: ignore[index,call-overload]


async def test_a_smaller_profile_takes_away_what_a_larger_one_had() -> None:
    sandbox = lab()
    await install(sandbox, "--set", "profile=demo", "-y")
    await install(sandbox, "--set", "profile=minimal", "-y")
    names = [name_of(obj) for obj in sandbox.store.list("deployments.apps")]
    assert names == ["istiod"]


async def test_installing_asks_and_no_installs_nothing() -> None:
    sandbox = lab()
    with pytest.raises(Asked):
        await install(sandbox)
    said = await install(sandbox, answers=["n"])
    assert (said.code, said.stderr, said.stdout) == (1, "Cancelled.\n", "")
    assert sandbox.store.list("deployments.apps") == []


async def test_an_answer_that_is_none_is_asked_for_again() -> None:
    said = await install(lab(), "--set", "profile=minimal", answers=["perhaps", "y"])
    assert said.code == 0
    assert said.stderr.endswith("✔ Installation complete")


async def test_a_dry_run_changes_nothing() -> None:
    sandbox = lab()
    said = await call(sandbox, "install", "--set", "profile=demo", "--dry-run")
    assert said.stderr.endswith("✔ Ingress gateways installed 🛬\n✔ Installation complete")
    assert sandbox.store.list("deployments.apps") == []


async def test_pods_that_do_not_become_ready_in_time_fail_the_installation() -> None:
    said = await call(lab(), "install", "-y", "--readiness-timeout=10ms")
    assert said.code == 1
    assert "✘ Istiod encountered an error: failed to wait for resource:" in said.stderr
    assert "  Deployment/istio-system/istiod\n" in said.stderr


async def test_uninstall_takes_away_all_that_was_installed() -> None:
    sandbox = lab()
    await install(sandbox, "--set", "profile=demo", "-y")
    said = await call(sandbox, "uninstall", "--purge", "-y")
    assert said.code == 0
    assert said.stdout.splitlines() == [
        "All Istio resources will be pruned from the cluster",
        "",
        "  Removed apps/v1, Kind=Deployment/istio-egressgateway.istio-system.",
        "  Removed apps/v1, Kind=Deployment/istio-ingressgateway.istio-system.",
        "  Removed apps/v1, Kind=Deployment/istiod.istio-system.",
        "  Removed /v1, Kind=ServiceAccount/reader.istio-system.",
        "  Removed admissionregistration.k8s.io/v1, "
        "Kind=MutatingWebhookConfiguration/istio-revision-tag-default..",
        "  Removed admissionregistration.k8s.io/v1, "
        "Kind=MutatingWebhookConfiguration/istio-sidecar-injector..",
    ]
    assert said.stderr == "\n✔ Uninstall complete"
    assert sandbox.store.list("deployments.apps") == []


async def test_without_purge_the_base_stays() -> None:
    sandbox = lab()
    await install(sandbox, "--set", "profile=demo", "-y")
    said = await call(sandbox, "uninstall", "--revision", "default", "-y")
    assert said.code == 0
    assert [name_of(obj) for obj in sandbox.store.list("serviceaccounts")] == ["reader"]


async def test_a_revision_that_is_not_installed_cannot_be_removed() -> None:
    said = await call(lab(), "uninstall", "--revision", "canary", "-y")
    assert (said.stderr, said.code) == ("Error: could not find target revision\n", 1)


async def test_a_dry_run_of_uninstall_removes_nothing() -> None:
    sandbox = lab()
    await install(sandbox, "--set", "profile=minimal", "-y")
    said = await call(sandbox, "uninstall", "--purge", "--dry-run")
    assert "Not pruning object apps/v1, Kind=Deployment/istiod.istio-system because" in said.stdout
    assert sandbox.store.get("deployments.apps", "istiod", SYSTEM) is not None
