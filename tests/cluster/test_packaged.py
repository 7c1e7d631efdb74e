"""The image in the cluster itself: applied, logged in to, used, and held back by its fence."""

import asyncio
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from visitor import Visitor, seen_checks

ROOT = Path(__file__).parent.parent.parent
KUBECTL = Path(sys.executable).with_name("kubectl")
OVERLAY = ROOT / "k8s" / "overlays" / "ephemeral"
ACCOUNT = "system:serviceaccount:mesh-dojo:mesh-dojo"
READY_S = 180  # the image is pulled once
SLICE_S = 120
STEP = "/lessons/install/install"
MAY = {
    "create deployments -n mesh-demo": "yes",
    "get secrets -n istio-system": "no",
    "create clusterrolebindings": "no",
}
NOT_PULLED = {"ErrImagePull", "ImagePullBackOff", "ErrImageNeverPull"}

pytestmark = [pytest.mark.cluster, pytest.mark.usefixtures("istio")]


def kubectl(*words: str | Path, check: bool = True) -> subprocess.CompletedProcess[str]:
    return subprocess.run([KUBECTL, *words], capture_output=True, text=True, check=check)


def wait_until_ready() -> None:
    """Return when the site's pod is ready; skip where the cluster has no such image."""
    state = "{.items[*].status.containerStatuses[*].state.waiting.reason}"
    ready = "{.items[*].status.containerStatuses[*].ready}"
    deadline = time.monotonic() + READY_S
    while time.monotonic() < deadline:
        pods = ("-n", "mesh-dojo", "get", "pods", "-o")
        if "true" in kubectl(*pods, f"jsonpath={ready}").stdout:
            return
        if NOT_PULLED & set(kubectl(*pods, f"jsonpath={state}").stdout.split()):
            pytest.skip("the cluster has no image of the lab: see docs/packaging.md")
        time.sleep(0.5)
    pytest.fail(kubectl("-n", "mesh-dojo", "describe", "pods").stdout)


@pytest.fixture(scope="module")
def site() -> Iterator[None]:
    """The site in the cluster, removed afterwards."""
    if kubectl("get", "namespace", "mesh-dojo", check=False).returncode == 0:
        pytest.skip("namespace mesh-dojo is there already: somebody's own lab, left alone")
    try:
        kubectl("apply", "-k", OVERLAY)
        wait_until_ready()
        yield
    finally:
        kubectl("delete", "-k", OVERLAY, "--wait", "--timeout=120s")


@pytest.fixture(scope="module")
def address(site: None) -> Iterator[str]:
    """The one-time address of the site's log, as it is reached through port-forward."""
    log = kubectl("-n", "mesh-dojo", "logs", "deployment/mesh-dojo").stdout
    path = re.search(r"http://localhost:8765(/login\?token=\S+)", log)
    assert path, log
    command = [KUBECTL, "-n", "mesh-dojo", "port-forward", "service/mesh-dojo", ":8765"]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(command, text=True, **pipes) as forward:
        try:
            assert forward.stdout
            port = re.search(r"127\.0\.0\.1:(\d+)", forward.stdout.readline())
            assert port
            yield f"http://localhost:{port[1]}{path[1]}"
        finally:
            forward.terminate()


async def test_a_step_is_opened_run_and_checked_by_the_site_in_the_cluster(address: str) -> None:
    async with asyncio.timeout(SLICE_S), Visitor.at(address) as visitor:
        assert "kubectl get pods -n istio-system" in await visitor.page(STEP)
        run = await visitor.run("install", "install", line="kubectl get pods -n istio-system")
        assert (run.state, run.code) == ("finished", 0)
        assert "istiod" in run.output
        await visitor.post(f"{STEP}/check")
        while (checks := seen_checks(await visitor.page(STEP)))["installed"].mood != "passed":
            assert checks["installed"].mood in ("open", "running"), checks
            await asyncio.sleep(0.2)
        for question, answer in MAY.items():
            asked = await visitor.run("install", "added", line=f"kubectl auth can-i {question}")
            assert answer in asked.output, question


REFUSED = {
    "another namespace": ("-n", "kube-system", "create", "deployment", "x", "--image=nginx"),
    "the site's own namespace": ("-n", "mesh-dojo", "create", "configmap", "x"),
    "a namespace of no lesson": ("create", "namespace", "elsewhere"),
    "Istio's namespace": ("delete", "namespace", "istio-system"),
    "a token of its own": ("-n", "default", "create", "token", "default"),
}


@pytest.mark.parametrize("words", REFUSED.values(), ids=REFUSED.keys())
def test_the_fence_holds_against(site: None, words: tuple[str, ...]) -> None:
    dry = () if "token" in words else ("--dry-run=server",)
    said = kubectl(*words, *dry, f"--as={ACCOUNT}", check=False)
    assert said.returncode != 0
    assert "Mesh Dojo writes in the namespaces of its lessons only" in said.stderr


OWNS_THE_NODE = {
    "hostPath": '{"volumes": [{"name": "node", "hostPath": {"path": "/"}}]}',
    "hostPID": '{"hostPID": true}',
    "privileged": '{"initContainers": [{"name": "a", "image": "nginx", '
    '"securityContext": {"privileged": true}}]}',
}


@pytest.mark.parametrize("spec", OWNS_THE_NODE.values(), ids=OWNS_THE_NODE.keys())
def test_no_pod_that_owns_its_node_is_started(site: None, spec: str) -> None:
    overrides = f'--overrides={{"apiVersion": "v1", "spec": {spec}}}'
    dry = ("--dry-run=server", f"--as={ACCOUNT}", "-n", "default")
    said = kubectl("run", "x", "--image=nginx", overrides, *dry, check=False)
    assert said.returncode != 0
    assert "Mesh Dojo starts no" in said.stderr


def test_the_fence_lets_the_course_through(site: None) -> None:
    dry = ("--dry-run=server", f"--as={ACCOUNT}", "-n", "default")
    kubectl("create", "deployment", "x", "--image=nginx", *dry)
    kubectl("create", "namespace", "mesh-dojo-trial", "--dry-run=server", f"--as={ACCOUNT}")
