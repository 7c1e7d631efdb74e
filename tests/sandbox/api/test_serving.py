"""The server's socket, its certificates and its kubeconfig."""

import asyncio
import json
import ssl
from pathlib import Path
from stat import S_IMODE

import pytest
from sandbox.api.asgi import TOKEN
from sandbox.api.world import World, world

from app.sandbox.api import kubeconfig
from app.sandbox.api.certificates import make
from app.sandbox.api.serving import listening


def test_secrets_are_readable_by_their_owner_alone(tmp_path: Path) -> None:
    made = make(tmp_path / "pki")
    file = tmp_path / "kubeconfig"
    kubeconfig.write(file, "https://127.0.0.1:1", made.authority, "secret")
    for path in (made.key, file):
        assert S_IMODE(path.stat().st_mode) == 0o600
    assert S_IMODE((tmp_path / "pki").stat().st_mode) == 0o700
    assert json.loads(file.read_text())["users"][0]["user"] == {"token": "secret"}
    kubeconfig.write(file, "https://127.0.0.1:2", made.authority, "other")
    assert "secret" not in file.read_text()


def test_certificates_that_are_there_are_kept(tmp_path: Path) -> None:
    first = make(tmp_path).authority.read_bytes()
    assert make(tmp_path).authority.read_bytes() == first
    assert not list(tmp_path.glob("ca*.key"))


def test_the_socket_is_loopbacks_alone() -> None:
    with listening() as found, listening() as other:
        assert found.getsockname()[0] == "127.0.0.1"
        assert found.getsockname()[1] != other.getsockname()[1]
        with pytest.raises(OSError, match="in use"):
            listening(found.getsockname()[1])


async def connected(lab: World) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    trusted = ssl.create_default_context(cafile=str(lab.home / "tls/ca.crt"))
    host, port = lab.serving.address.split(":")
    return await asyncio.open_connection(host, int(port), ssl=trusted)


async def test_a_server_with_open_watches_stops_at_once(tmp_path: Path) -> None:
    async with world(tmp_path) as lab:
        reader, writer = await connected(lab)
        head = f"host: x\r\nauthorization: Bearer {TOKEN}\r\n\r\n"
        writer.write(f"GET /api/v1/pods?watch=1&resourceVersion=0 HTTP/1.1\r\n{head}".encode())
        assert b"200 OK" in await reader.readuntil(b"\r\n\r\n")
        start = asyncio.get_running_loop().time()
        await lab.serving.stop()
        assert asyncio.get_running_loop().time() - start < 10
        assert not lab.registry.store._watchers
        writer.transport.abort()


async def test_garbage_instead_of_a_request_ends_its_connection_alone(tmp_path: Path) -> None:
    async with world(tmp_path) as lab:
        reader, writer = await connected(lab)
        writer.write(b"\x00\x01 garbage\r\n\r\n")
        assert b"400" in await reader.read()
        writer.transport.abort()
        assert (await lab.kubectl("get", "--raw", "/readyz")) == (0, "ok", "")
