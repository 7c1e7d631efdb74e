"""dashboard opens a loopback port that leads into a pod, and closes it with its call."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from sandbox.istioctl.bench import Said, call, lab_of

from app.sandbox.istioctl.lab import Lab, Request
from app.sandbox.istioctl.run import run
from app.sandbox.istioctl.terminal import Terminal
from app.sandbox.objects import Obj


@dataclass
class EchoPorts:
    """Pods whose every port answers with what it was sent, in capitals."""

    socket: Path
    asked: list[tuple[str, str, int]] = field(default_factory=list)

    async def portforward(
        self, namespace: str, pod: str, port: int
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        self.asked.append((namespace, pod, port))
        return await asyncio.open_unix_connection(self.socket)


async def shout(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write((await reader.read()).upper())
    await writer.drain()
    writer.close()
    await writer.wait_closed()


def kiali(phase: str = "Running") -> Obj:
    labels: Obj = {"app": "kiali"}
    meta: Obj = {"name": "kiali-1", "namespace": "istio-system", "labels": labels}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": meta, "status": {"phase": phase}}


@asynccontextmanager
async def opened(lab: Lab, *argv: str) -> AsyncIterator[tuple[Said, int]]:
    """Give what a dashboard printed and its port, while the client is there."""
    said, printed = Said(), asyncio.Event()

    def out(text: str) -> None:
        said.out(text)
        printed.set()

    task = asyncio.create_task(run(Request(argv), Terminal(out, said.err), lab))
    try:
        async with asyncio.timeout(5):
            await printed.wait()
        found = re.match(r"http://localhost:(\d+)", said.stdout)
        assert found
        yield said, int(found[1])
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_a_dashboard_leads_to_its_pod_until_the_client_leaves(tmp_path: Path) -> None:
    ports = EchoPorts(tmp_path / "pod")
    lab = lab_of([kiali()], ports=ports)
    async with await asyncio.start_unix_server(shout, ports.socket):
        async with opened(lab, "dashboard", "kiali", "--browser=false") as (said, port):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"hello")
            writer.write_eof()
            assert await reader.read() == b"HELLO"
            writer.close()
            await writer.wait_closed()
            assert said.stdout == f"http://localhost:{port}/kiali\nskipping opening a browser"
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.1", port)
    assert ports.asked == [("istio-system", "kiali-1", 20001)]


async def test_a_port_that_is_taken_gives_way_to_a_free_one(tmp_path: Path) -> None:
    lab = lab_of([kiali()], ports=EchoPorts(tmp_path / "pod"))
    argv = ("d", "kiali", "--browser=false")
    async with opened(lab, *argv) as (_, first), opened(lab, *argv) as (_, second):
        assert first != second


async def test_a_port_that_was_asked_for_must_be_free(tmp_path: Path) -> None:
    lab = lab_of([kiali()], ports=EchoPorts(tmp_path / "pod"))
    async with opened(lab, "dash", "kiali", "--browser=false") as (_, port):
        said = await call(lab, "dashboard", "kiali", "-p", str(port))
    assert said.code == 1
    assert said.stderr.startswith("Error: failure running port forward process: ")


async def test_a_dashboard_listens_on_loopback_alone(tmp_path: Path) -> None:
    lab = lab_of([kiali()], ports=EchoPorts(tmp_path / "pod"))
    said = await call(lab, "dashboard", "kiali", "--address", "0.0.0.0")
    assert (said.code, said.stdout) == (1, "")
    assert "listens on 127.0.0.1 alone" in said.stderr


async def test_an_addon_that_is_not_there_has_no_dashboard() -> None:
    said = await call(lab_of([]), "dashboard", "grafana")
    assert said.stderr == ("Error: no pods found with selector app.kubernetes.io/name=grafana\n")


async def test_a_connection_to_a_pod_that_refuses_ends_and_the_next_is_taken() -> None:
    async with opened(lab_of([kiali()]), "d", "kiali", "--browser=false") as (_, port):
        for _ in range(2):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            assert await reader.read() == b""
            writer.close()
            await writer.wait_closed()
