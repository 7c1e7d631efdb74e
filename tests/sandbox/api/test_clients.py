"""The site's own reader, and the official Python client, against the sandbox's API server."""

from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from pathlib import Path

import pytest
from sandbox.api.world import World, namespace, running_pod, world

from app.clusters.cluster import Output, PodRef
from app.clusters.reader import KubeCluster


class NoPrograms:
    """A machine on which nothing is installed."""

    def path(self, name: str) -> Path | None:
        return None

    async def run(self, argv: Sequence[str], *, timeout_s: float) -> Output:
        return Output(127, "", "")


@pytest.fixture
async def lab(tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path) as made:
        yield made


@pytest.fixture
async def cluster(lab: World) -> AsyncIterator[KubeCluster]:
    found = KubeCluster(lab.kubeconfig, NoPrograms())
    yield found
    await found.close()


async def test_the_reader_reads_objects_and_versions(lab: World, cluster: KubeCluster) -> None:
    lab.registry.create(running_pod("web"))
    pod = await cluster.get("Pod", "web", "default")
    assert pod is not None
    assert pod.name == "web"
    assert await cluster.get("Pod", "nope", "default") is None
    assert [found.name for found in await cluster.list("Pod", "default", "app=web")] == ["web"]
    assert await cluster.list("VirtualService", "default") == []
    assert (await cluster.version()).startswith("v1.")
    assert await cluster.may("create", "Pod", "default", "exec")


async def test_the_reader_watches(lab: World, cluster: KubeCluster) -> None:
    lab.registry.create(running_pod("first"))
    async with aclosing(cluster.watch(["Pod", "Namespace"], "default")) as changes:
        seen: list[str] = []
        async for change in changes:
            name = change.object.name if change.object else ""
            seen.append(f"{change.type} {change.kind} {name}".strip())
            if [one.split()[0] for one in seen].count("synced") == 2 and "later" not in str(seen):
                lab.registry.create(namespace("elsewhere"))
                lab.registry.create(running_pod("later"))
            if "later" in name:
                break
    assert "added Pod first" in seen
    assert "added Namespace default" in seen
    assert seen[-1] == "added Pod later"
    assert "elsewhere" not in str(seen)


async def test_the_reader_runs_programs_inside_pods(lab: World, cluster: KubeCluster) -> None:
    lab.registry.create(running_pod("web"))
    said = await cluster.exec(PodRef("default", "web", "web"), ["curl", "4"], timeout_s=5)
    assert said == Output(4, "default web web: curl 4\n", "an error\n")
    lines = cluster.ask(PodRef("default", "web", "web"), ["echo"], timeout_s=5)
    async with aclosing(lines) as told:
        found = [line async for line in told]
    assert found[0] == "default web web: echo"
    assert found[-1] == "\x00exit 0"
