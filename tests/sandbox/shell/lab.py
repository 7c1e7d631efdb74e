"""A network with a few running containers, and a way to exec in them, for tests."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from sandbox.network.cluster import endpoint_slice, service, store

from app.sandbox.network.network import Network
from app.sandbox.programs.catalog import find
from app.sandbox.shell.container import Container
from app.sandbox.shell.execute import execute
from app.sandbox.shell.files import Files

NAMESPACE = "demo"


class HeardIo:
    """An Io that keeps what is written."""

    def __init__(self, data: bytes = b"") -> None:
        self.stdin = asyncio.StreamReader()
        if data:
            self.stdin.feed_data(data)
        self.stdin.feed_eof()
        self.stdout = b""
        self.stderr = b""

    def out(self, data: bytes) -> None:
        self.stdout += data

    def err(self, data: bytes) -> None:
        self.stderr += data


@dataclass
class Done:
    """What a command said, as text."""

    code: int
    out: str
    err: str


@dataclass
class Lab:
    """Containers by name; each is a pod of its own behind a Service of its name."""

    network: Network
    containers: dict[str, Container] = field(default_factory=dict)
    logs: dict[str, list[str]] = field(default_factory=dict)
    running: dict[str, "asyncio.Task[int]"] = field(default_factory=dict)

    def container(
        self,
        image: str,
        name: str = "me",
        *args: str,
        files: Mapping[str, Mapping[str, bytes]] | None = None,
    ) -> Container:
        """Return a container of an image; nothing runs in it yet."""
        found = find(image)
        assert found is not None
        place = self.network.join(NAMESPACE, name, f"uid-{name}", is_proxied=False)
        log = self.logs.setdefault(name, [])
        container = Container(
            [*found.entrypoint, *(args or found.command)],
            dict(found.env),
            Files(found.files),
            place,
            self.network,
            lambda line, end="\n": log.append(line),
            tools=found.tools,
            user=found.user,
        )
        for folder, content in (files or {}).items():
            container.files.mount(folder, content)
        self.containers[name] = container
        return container

    async def start(
        self,
        image: str,
        name: str,
        port: int,
        *args: str,
        files: Mapping[str, Mapping[str, bytes]] | None = None,
    ) -> Container:
        """Run a container, and wait until it listens on its port or has ended."""
        container = self.container(image, name, *args, files=files)
        found = find(image)
        assert found is not None
        program: asyncio.Task[int] = asyncio.ensure_future(found.program(container))  # type: ignore[arg-type]
        self.running[name] = program
        number = len(self.running)
        self.network.store.create(service(name, f"10.96.0.{number}"))
        self.network.store.create(endpoint_slice(name, {container.place.ip: True}, port))
        while not (container.place.program(port).exists() or program.done()):  # noqa: ASYNC110
            await asyncio.sleep(0)
        return container

    async def exec(self, container: Container, *argv: str, given: bytes = b"") -> Done:
        """Run a command in a container."""
        io = HeardIo(given)
        code = await execute(argv, io, container)
        return Done(code, io.stdout.decode(), io.stderr.decode())

    async def stop(self) -> None:
        for container in self.containers.values():
            container.stopping.set()
        for program in self.running.values():
            if not program.done():
                await asyncio.wait({program}, timeout=5)
                program.cancel()
        await asyncio.gather(*self.running.values(), return_exceptions=True)
        self.network.close()


@asynccontextmanager
async def lab() -> AsyncIterator[Lab]:
    """An empty lab."""
    made = Lab(Network(store()))
    try:
        yield made
    finally:
        await made.stop()
