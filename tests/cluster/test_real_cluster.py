"""The real cluster read, watched, asked and probed: what the other tests take for granted of it."""

import asyncio
import os
import time
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path

import pytest

from app.clusters.cluster import PodRef
from app.clusters.installed import InstalledPrograms
from app.clusters.kubeconfig import kubeconfig_paths, read_kubeconfig, write_minified
from app.clusters.live import LiveView
from app.clusters.objects import Json
from app.clusters.pods import has_sidecar
from app.clusters.probes import ProbePods
from app.clusters.reader import KubeCluster
from app.commands.environment import find_programs
from app.commands.model import Environment
from app.commands.runner import Runner
from app.errors import ClusterUnavailable
from app.preflight.run import run_preflight
from app.preflight.surroundings import Machine, Surroundings

pytestmark = [pytest.mark.cluster, pytest.mark.usefixtures("istio")]

NAMESPACE = "mesh-dojo-tests"
PANEL_S = 0.25  # what the panel promises, from the cluster's change on


@pytest.fixture
async def cluster(tmp_path: Path) -> AsyncIterator[KubeCluster]:
    config = read_kubeconfig(kubeconfig_paths(None, os.environ))
    kubeconfig = write_minified(config, config.choose(), tmp_path / "cluster")
    environment = Environment(kubeconfig, find_programs())
    async with Runner() as runner:
        found = KubeCluster(kubeconfig, InstalledPrograms(runner, environment))
        yield found
        await found.close()


@pytest.fixture
async def namespace(cluster: KubeCluster) -> AsyncIterator[str]:
    body: dict[str, Json] = {"metadata": {"name": NAMESPACE}}
    await cluster.send("POST", "/api/v1/namespaces", body)
    yield NAMESPACE
    await cluster.send("DELETE", f"/api/v1/namespaces/{NAMESPACE}")
    async with asyncio.timeout(60):
        async with aclosing(cluster.watch(["Namespace"], NAMESPACE)) as changes:
            async for change in changes:
                if change.type == "synced":
                    if await cluster.get("Namespace", NAMESPACE) is None:
                        return
                elif change.type == "deleted":
                    return


def config_map(name: str, **data: Json) -> dict[str, Json]:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": data}


async def test_objects_are_read_as_manifests_name_them(cluster: KubeCluster) -> None:
    istiod = await cluster.get("Deployment", "istiod", "istio-system")
    assert istiod is not None
    assert istiod.kind == "Deployment"
    assert istiod.at("metadata.managedFields") is None
    pods = await cluster.list("Pod", "istio-system", "app=istiod")
    assert pods[0].kind == "Pod"
    assert pods[0].text("apiVersion") == "v1"


async def test_what_is_not_there_is_none_and_a_kind_not_installed_has_none(
    cluster: KubeCluster,
) -> None:
    assert await cluster.get("Pod", "nobody", "default") is None
    assert await cluster.get("VirtualService", "nobody", "default") is None
    assert await cluster.list("WasmPlugin", "no-such-namespace") == []


async def test_of_secrets_only_names_are_read(cluster: KubeCluster) -> None:
    secrets = await cluster.list("Secret", "istio-system")
    assert secrets
    assert all(set(secret.raw) == {"apiVersion", "kind", "metadata"} for secret in secrets)


async def test_a_watch_tells_what_is_there_and_what_changes(
    cluster: KubeCluster, namespace: str
) -> None:
    path = f"/api/v1/namespaces/{namespace}/configmaps"
    await cluster.send("POST", path, config_map("a", key="1"))
    seen = []
    async with asyncio.timeout(20), aclosing(cluster.watch(["ConfigMap"], namespace)) as changes:
        async for change in changes:
            name = change.object.name if change.object else ""
            if name not in ("", "a"):
                continue  # the root certificates that Kubernetes and Istio put there
            seen.append((change.type, name))
            if change.type == "synced":
                await cluster.send("PUT", f"{path}/a", config_map("a", key="2"))
            elif change.type == "modified":
                await cluster.send("DELETE", f"{path}/a")
            elif change.type == "deleted":
                break
    assert [type_ for type_, _ in seen] == ["added", "synced", "modified", "deleted"]


async def test_a_change_is_in_the_panel_in_time(cluster: KubeCluster, namespace: str) -> None:
    """The quickest of a few: how long a busy machine takes is measured elsewhere."""
    path = f"/api/v1/namespaces/{namespace}/services"
    took = []
    async with LiveView(cluster).open([namespace]) as look:
        await asyncio.wait_for(look.complete(), 20)
        for name in ("a", "b", "c", "d", "e"):
            body: dict[str, Json] = {"metadata": {"name": name}, "spec": {"ports": [{"port": 80}]}}
            started = time.monotonic()
            await cluster.send("POST", path, body)
            async for _ in look.changes():
                if any(found.name == name for found in look.snapshot().of("Service")):
                    break
            took.append(time.monotonic() - started)
    assert min(took) < PANEL_S


async def test_both_probes_are_there_and_only_one_is_in_the_mesh(cluster: KubeCluster) -> None:
    probes = await ProbePods(cluster).ensure()
    assert probes.inside is not None
    inside = await cluster.get("Pod", probes.inside.pod, probes.inside.namespace)
    outside = await cluster.get("Pod", probes.outside.pod, probes.outside.namespace)
    assert inside is not None
    assert has_sidecar(inside)
    assert outside is not None
    assert not has_sidecar(outside)


async def test_a_program_in_a_pod_is_read_line_by_line(cluster: KubeCluster) -> None:
    outside = (await ProbePods(cluster).ensure()).outside
    argv = ["sh", "-c", "for i in 1 2 3; do echo $i; sleep 0.2; done; exit 4"]
    at: list[float] = []
    lines = []
    async for line in cluster.ask(outside, argv, timeout_s=10):
        at.append(time.monotonic())
        lines.append(line)
    assert lines == ["1", "2", "3", "\x00exit 4"]
    assert at[2] - at[0] > 0.3


async def test_a_program_that_takes_too_long_is_left(cluster: KubeCluster) -> None:
    outside = (await ProbePods(cluster).ensure()).outside
    output = await cluster.exec(outside, ["sleep", "30"], timeout_s=0.5)
    assert output.code is None


async def test_a_program_and_its_errors_are_kept_apart(cluster: KubeCluster) -> None:
    outside = (await ProbePods(cluster).ensure()).outside
    output = await cluster.exec(outside, ["sh", "-c", "echo o; echo e >&2; exit 2"], timeout_s=9)
    assert (output.code, output.stdout, output.stderr) == (2, "o\n", "e\n")


async def test_a_pod_that_is_gone_and_a_program_that_is_missing_are_said(
    cluster: KubeCluster,
) -> None:
    with pytest.raises(ClusterUnavailable, match="does not run a program"):
        await cluster.exec(PodRef("default", "nobody"), ["true"], timeout_s=5)
    outside = (await ProbePods(cluster).ensure()).outside
    with pytest.raises(ClusterUnavailable, match="could not be started"):
        await cluster.exec(outside, ["no-such-program"], timeout_s=5)


async def test_a_server_that_is_not_there_is_said(tmp_path: Path) -> None:
    config = read_kubeconfig(kubeconfig_paths(None, os.environ))
    kubeconfig = write_minified(config, config.choose(), tmp_path)
    text = kubeconfig.read_text()
    server = config.choose().server
    kubeconfig.write_text(text.replace(server, "https://127.0.0.1:9"))
    environment = Environment(kubeconfig, {})
    async with Runner() as runner:
        cluster = KubeCluster(kubeconfig, InstalledPrograms(runner, environment))
        with pytest.raises(ClusterUnavailable, match="cannot be reached"):
            await cluster.version()
        await cluster.close()


async def test_preflight_finds_no_problem_in_the_cluster(
    cluster: KubeCluster, tmp_path: Path
) -> None:
    context = read_kubeconfig(kubeconfig_paths(None, os.environ)).choose()
    environment = Environment(tmp_path / "cluster" / "kubeconfig", find_programs())
    async with Runner() as runner:
        programs = InstalledPrograms(runner, environment)
        here = Surroundings(
            Machine.this(), programs, context, cluster, None, ProbePods(cluster).ensure
        )
        found = {finding.id: finding async for finding in run_preflight(here)}
    assert found["cluster"].state == "ok"
    for part in ("kubernetes", "rights", "room", "istio", "probes", "production"):
        assert found[part].state == "ok", found[part]
