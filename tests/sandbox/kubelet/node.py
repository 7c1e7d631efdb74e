"""A kubelet with a registry, a network and a few images whose programs are a test's own."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

from app.sandbox.kubelet.kubelet import Kubelet
from app.sandbox.network.network import Network
from app.sandbox.objects import Json, Obj, items, text
from app.sandbox.programs.catalog import Image
from app.sandbox.registry.registry import Registry
from app.sandbox.shell.container import Container, Program
from app.sandbox.shell.execute import NotStarted
from app.sandbox.shell.io import Io
from app.sandbox.store.kinds import Kinds
from app.sandbox.store.store import Store

OK = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"
SICK = b"HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n"


class Node:
    """The node and what a test asks of it. `answer` is what its servers say."""

    def __init__(self, pace: float) -> None:
        self.store = Store(Kinds())
        self.registry = Registry(self.store)
        self.network = Network(self.store)
        self.images: dict[str, Image] = {}
        self.answer = OK
        self.ran: list[Container] = []
        self.kubelet = Kubelet(
            self.registry, self.network, self.images.get, run=self._execute, pace=pace
        )
        for name, program in (
            ("server", self._serve),
            ("crash", self._crash),
            ("once", self._once),
            ("stubborn", self._stubborn),
        ):
            self.add(name, program)

    def add(self, name: str, program: Program) -> None:
        self.images[name] = Image(name, (f"/{name}",), ("--default",), program)

    async def _serve(self, container: Container) -> int:
        """Listen on port 80 until stopped."""
        self.ran.append(container)

        async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(self.answer)
            writer.close()

        server = await asyncio.start_unix_server(answer, container.place.program(80))
        container.log("serving")
        try:
            await container.stopping.wait()
        finally:
            server.close()
        return 0

    async def _crash(self, container: Container) -> int:
        self.ran.append(container)
        container.log(f"run {len(self.ran)}")
        return 3

    async def _once(self, container: Container) -> int:
        self.ran.append(container)
        return 0

    async def _stubborn(self, container: Container) -> int:
        self.ran.append(container)
        await asyncio.Event().wait()
        return 0

    async def _execute(self, argv: Sequence[str], io: Io, container: Container) -> int:
        if argv[0] == "missing":
            raise NotStarted("no such program")
        io.out(" ".join(argv).encode())
        return 1 if argv[0] == "false" else 0

    def create(self, obj: Obj) -> Obj:
        return self.registry.create(obj)

    def pod(self, name: str = "web") -> Obj:
        found = self.store.get("pods", name, "default")
        assert found, "the pod has gone"
        return found

    def status(self, container: str = "web", pod: str = "web") -> Obj:
        found = self.pod(pod)
        every = [
            *items(found, "status.initContainerStatuses"),
            *items(found, "status.containerStatuses"),
        ]
        return next((one for one in every if one["name"] == container), {})

    def told(self, reason: str) -> list[str]:
        """Return the messages of the Events about pods with a reason."""
        found = self.store.list("events", "default")
        return [
            str(event["message"])
            for event in found
            if event["reason"] == reason and text(event, "involvedObject.kind") == "Pod"
        ]

    async def until(self, is_true: Callable[[], object]) -> None:
        """Wait for a change after which something is true."""
        watching = self.store.watch(["pods", "events"])
        try:
            async with asyncio.timeout(3):
                while not is_true():
                    await watching.next()
        finally:
            watching.close()

    async def until_ready(self, name: str = "web") -> None:
        await self.until(lambda: is_ready(self.pod(name)))

    async def until_gone(self, name: str = "web") -> None:
        await self.until(lambda: self.store.get("pods", name, "default") is None)


@asynccontextmanager
async def node(pace: float = 0.01) -> AsyncIterator[Node]:
    made = Node(pace)
    for name in ("default", "kube-node-lease"):
        made.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
    made.create(config_map("kube-root-ca.crt", {"ca.crt": "PEM"}))
    made.kubelet.start()
    try:
        yield made
    finally:
        await made.kubelet.stop()
        made.network.close()


def is_ready(pod: Obj) -> bool:
    return condition(pod, "Ready") == "True"


def condition(pod: Obj, type_: str) -> str:
    found = [one for one in items(pod, "status.conditions") if one["type"] == type_]
    return text(found[0], "status") if found else ""


def config_map(name: str, data: dict[str, str]) -> Obj:
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": name, "namespace": "default"},
        "data": dict(data),
    }


def pod(*containers: Obj, name: str = "web", **spec: Json) -> Obj:
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": name,
            "namespace": "default",
            "labels": {"app": "web"},
            "annotations": {"note": 'a "b"'},
        },
        "spec": {
            "nodeName": "minikube",
            "containers": [*containers] or [container()],
            **spec,
        },
    }


def container(image: str = "server", name: str = "web", **fields: Json) -> Obj:
    return {"name": name, "image": image, **fields}


def http_probe(port: Json = 80, **fields: Json) -> Obj:
    return {"httpGet": {"path": "/", "port": port}, **fields}
