"""What a probe asks, where, and how its failure is worded."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from sandbox.kubelet.node import OK, SICK, container, http_probe, pod

from app.sandbox.kubelet.probes import Target, Unhealthy, Unlistened, ask
from app.sandbox.network.place import Place
from app.sandbox.objects import Json, Obj


async def run(argv: Sequence[str], timeout_s: float) -> tuple[int, str]:
    if argv[0] == "slow":
        raise TimeoutError
    return (0, "") if argv[0] == "true" else (1, f"{argv[0]} says no")


@asynccontextmanager
async def target(*, is_proxied: bool = False, **fields: Json) -> AsyncIterator[Target]:
    with TemporaryDirectory(dir="/tmp") as folder:
        place = Place("default", "web", "u", "10.244.0.9", Path(folder), is_proxied)
        ports: list[Json] = [{"name": "http", "containerPort": 80}]
        one = container(ports=ports)
        yield Target(pod(one, **fields), one, place, run)


@asynccontextmanager
async def listening(path: Path, answer: bytes, heard: list[bytes]) -> AsyncIterator[None]:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(answer)
        writer.close()

    server = await asyncio.start_unix_server(serve, path)
    try:
        yield
    finally:
        server.close()


async def test_a_good_answer_is_health() -> None:
    heard: list[bytes] = []
    async with target() as where, listening(where.place.program(80), OK, heard):
        await ask(http_probe("http"), where)
    assert heard[0].startswith(b"GET / HTTP/1.1\r\nHost: 10.244.0.9:80\r\nUser-Agent: kube-probe/")


async def test_a_bad_status_is_sickness() -> None:
    async with target() as where, listening(where.place.program(80), SICK, []):
        with pytest.raises(Unhealthy, match="HTTP probe failed with statuscode: 503"):
            await ask(http_probe(), where)


async def test_nobody_there_is_a_refused_connection() -> None:
    told = "dial tcp 10.244.0.9:80: connect: connection refused"
    async with target() as where:
        with pytest.raises(Unlistened) as http:
            await ask(http_probe(), where)
        with pytest.raises(Unlistened) as tcp:
            await ask({"tcpSocket": {"port": 80}}, where)
    assert str(http.value) == f'Get "http://10.244.0.9:80/": {told}'
    assert str(tcp.value) == told


async def test_an_answer_that_is_no_http_ends_the_asking() -> None:
    async with target() as where, listening(where.place.program(80), b"220 smtp\r\n", []):
        with pytest.raises(Unhealthy, match="EOF"):
            await ask(http_probe(), where)


async def test_a_command_answers_by_its_exit_code() -> None:
    async with target() as where:
        await ask({"exec": {"command": ["true"]}}, where)
        with pytest.raises(Unhealthy, match="test says no"):
            await ask({"exec": {"command": ["test", "-f", "x"]}}, where)
        with pytest.raises(Unhealthy, match='command timed out: "slow" timed out after 2s'):
            await ask({"exec": {"command": ["slow"]}, "timeoutSeconds": 2}, where)


async def test_what_is_not_emulated_says_so() -> None:
    async with target() as where:
        with pytest.raises(Unhealthy, match="does not emulate gRPC"):
            await ask({"grpc": {"port": 80}}, where)


async def test_a_proxied_pod_is_asked_at_its_sidecars_door() -> None:
    heard: list[bytes] = []
    async with target(is_proxied=True) as where:
        async with listening(where.place.inbound(80), OK, heard):
            await ask(http_probe(), where)
        async with listening(where.place.program(15021), OK, heard):
            await ask(http_probe(15021), where)
    assert len(heard) == 2


async def test_a_rewritten_probe_is_asked_inside_the_pod() -> None:
    own: Obj = {"/app-health/web/readyz": {"httpGet": {"path": "/live", "port": 80}}}
    env: list[Json] = [{"name": "ISTIO_KUBE_APP_PROBERS", "value": json.dumps(own)}]
    sidecar = container(name="istio-proxy", env=env)
    probe: Obj = {"httpGet": {"path": "/app-health/web/readyz", "port": 15020}}
    heard: list[bytes] = []
    async with (
        target(is_proxied=True, initContainers=[sidecar]) as where,
        listening(where.place.program(80), OK, heard),
    ):
        await ask(probe, where)
    assert heard[0].startswith(b"GET /live ")
