"""A cluster that stops, freezes and comes back, as its watches and the panel see it."""

import asyncio
import os
import time
from collections.abc import AsyncIterator
from contextlib import aclosing, suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from fakes import FakePrograms

from app.clusters.kubeconfig import kubeconfig_paths, read_kubeconfig, write_minified
from app.clusters.live import LiveView
from app.clusters.reader import KubeCluster
from app.clusters.watching import Pace
from app.errors import ClusterUnavailable

pytestmark = pytest.mark.cluster

PACE = Pace(break_s=0.6, retry_s=0.1, pulse_s=0.3)


class Line:
    """The way to the API server, which can be cut, frozen and mended."""

    def __init__(self, host: str, port: int) -> None:
        self._target = (host, port)
        self._flows = asyncio.Event()
        self._flows.set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._writers: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server | None = None
        self.port = 0

    async def mend(self) -> None:
        self._flows.set()
        if self._server is None:
            self._server = await asyncio.start_server(self._accept, "127.0.0.1", self.port)
            self.port = self._server.sockets[0].getsockname()[1]

    async def cut(self) -> None:
        server, self._server = self._server, None
        if server is not None:
            server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        writers, self._writers = self._writers, set()
        for writer in writers:
            writer.transport.abort()
        await asyncio.gather(*(w.wait_closed() for w in writers), return_exceptions=True)

    def freeze(self) -> None:
        self._flows.clear()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        inner_reader, inner_writer = await asyncio.open_connection(*self._target)
        for source, sink in ((reader, inner_writer), (inner_reader, writer)):
            task = asyncio.create_task(self._pass_on(source, sink))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
            self._writers.add(sink)

    async def _pass_on(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while data := await source.read(65536):
                await self._flows.wait()
                sink.write(data)
                await sink.drain()
        sink.close()
        self._writers.discard(sink)


@pytest.fixture
async def line() -> AsyncIterator[Line]:
    server = urlsplit(read_kubeconfig(kubeconfig_paths(None, os.environ)).choose().server)
    assert server.hostname
    found = Line(server.hostname, server.port or 443)
    await found.mend()
    yield found
    await found.cut()


@pytest.fixture
async def cluster(line: Line, tmp_path: Path) -> AsyncIterator[KubeCluster]:
    config = read_kubeconfig(kubeconfig_paths(None, os.environ))
    path = write_minified(config, config.choose(), tmp_path)
    server = config.choose().server
    path.write_text(path.read_text().replace(server, f"https://127.0.0.1:{line.port}"))
    found = KubeCluster(path, FakePrograms(), PACE)
    yield found
    await found.close()


async def synced(changes: AsyncIterator[object]) -> None:
    async for change in changes:
        if getattr(change, "type", "") == "synced":
            return


async def test_a_short_cut_does_not_show_in_a_watch(line: Line, cluster: KubeCluster) -> None:
    async with aclosing(cluster.watch(["ConfigMap"], "kube-public")) as changes:
        await synced(changes)
        await line.cut()
        await asyncio.sleep(0.2)
        await line.mend()
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(anext(changes), 1.5)


@pytest.mark.parametrize("way", ["cut", "freeze"])
async def test_a_watch_gives_up_when_the_cluster_stays_away(
    line: Line, cluster: KubeCluster, way: str
) -> None:
    async with aclosing(cluster.watch(["ConfigMap"], "kube-public")) as changes:
        await synced(changes)
        started = time.monotonic()
        if way == "cut":
            await line.cut()
        else:
            line.freeze()
        with pytest.raises(ClusterUnavailable):
            await asyncio.wait_for(anext(changes), 10)
        assert time.monotonic() - started < 4


async def test_the_panel_says_that_the_cluster_is_away_and_comes_back_with_it(
    line: Line, cluster: KubeCluster
) -> None:
    async with LiveView(cluster, reconnect_s=0.2).open(["kube-system"]) as look:
        before = await asyncio.wait_for(look.complete(), 10)
        await line.cut()
        async with asyncio.timeout(10):
            async for _ in look.changes():
                if look.snapshot().broken_since:
                    break
        assert look.snapshot().of("Service") == before.of("Service")
        await line.mend()
        async with asyncio.timeout(10):
            async for _ in look.changes():
                if look.snapshot().broken_since is None:
                    break
        assert look.snapshot().of("Service") == before.of("Service")
