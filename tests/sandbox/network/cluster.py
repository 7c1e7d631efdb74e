"""A store with a few Services, and programs that say who they are, for tests of the network."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from app.sandbox.objects import Json, Obj
from app.sandbox.store.kinds import Kinds
from app.sandbox.store.store import Store


def store() -> Store:
    return Store(Kinds())


def service(name: str, ip: str, port: int = 80, namespace: str = "demo", **spec: Json) -> Obj:
    ports: Json = [
        {"name": "http", "port": port, **({"nodePort": 30080} if "type" in spec else {})}
    ]
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {"clusterIP": ip, "ports": ports, **spec},
    }


def endpoint_slice(name: str, addresses: dict[str, bool], port: int = 80) -> Obj:
    """`addresses` says of each whether it is ready."""
    return {
        "apiVersion": "discovery.k8s.io/v1",
        "kind": "EndpointSlice",
        "metadata": {
            "name": f"{name}-abc",
            "namespace": "demo",
            "labels": {"kubernetes.io/service-name": name},
        },
        "ports": [{"name": "http", "port": port}],
        "endpoints": [
            {"addresses": [ip], "conditions": {"ready": ready}} for ip, ready in addresses.items()
        ],
    }


@asynccontextmanager
async def says(path: Path, word: bytes, heard: list[bytes] | None = None) -> AsyncIterator[None]:
    """A program that says one word to whoever connects, and notes what it is sent."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if heard is not None:
            heard.append(await reader.read(100))
        writer.write(word)
        writer.close()

    server = await asyncio.start_unix_server(answer, path)
    try:
        yield
    finally:
        server.close()
        await server.wait_closed()
