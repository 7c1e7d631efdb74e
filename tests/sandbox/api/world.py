"""An API server over https with everything real but the kubelet, for kubectl and clients."""

import asyncio
import subprocess
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from socket import socket, socketpair

from sandbox.api.asgi import TOKEN

from app.sandbox.api.certificates import make
from app.sandbox.api.kubeconfig import write
from app.sandbox.api.server import create_api
from app.sandbox.api.serving import Serving, listening
from app.sandbox.objects import Obj
from app.sandbox.registry.registry import Registry
from app.sandbox.schemas.schemas import Schemas
from app.sandbox.shell.io import Io
from app.sandbox.status import not_found
from app.sandbox.store.kinds import Kinds
from app.sandbox.store.store import Store

KUBECTL = Path(__file__).parents[3] / ".venv/bin/kubectl"


class FakeKubelet:
    """Pods whose programs say what was asked of them; `cat` repeats its input."""

    def __init__(self) -> None:
        self.lines = [b"first\n", b"second\n"]
        self.answering: list[asyncio.Task[None]] = []

    async def exec(
        self, namespace: str, pod: str, container: str, argv: Sequence[str], io: Io, tty: bool
    ) -> int:
        if argv[0] == "cat":
            while line := await io.stdin.readline():
                io.out(line)
            return 0
        if argv[0] == "sleep":
            await asyncio.sleep(float(argv[1]))
        io.out(f"{namespace} {pod} {container}: {' '.join(argv)}\n".encode())
        io.err(b"an error\n")
        return int(argv[-1]) if argv[-1].isdigit() else 0

    async def logs(
        self,
        namespace: str,
        pod: str,
        container: str,
        *,
        follow: bool = False,
        tail: int | None = None,
        previous: bool = False,
        since_s: float | None = None,
        timestamps: bool = False,
    ) -> AsyncIterator[bytes]:
        if previous:
            raise not_found("containers", container)
        for line in self.lines[-tail:] if tail else self.lines:
            yield line

    async def portforward(
        self, namespace: str, pod: str, port: int
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if port != 80:
            raise ConnectionRefusedError("connection refused")
        ours, theirs = socketpair()
        reader, writer = await asyncio.open_connection(sock=theirs)
        self.answering.append(asyncio.create_task(_echo(ours)))
        return reader, writer


async def _echo(connection: socket) -> None:
    """Answer one line with the same in upper case, and close."""
    reader, writer = await asyncio.open_connection(sock=connection)
    writer.write((await reader.readline()).upper())
    await writer.drain()
    writer.close()
    await writer.wait_closed()


@dataclass
class World:
    """One sandbox's API, and how to reach it."""

    registry: Registry
    kubelet: FakeKubelet
    serving: Serving
    kubeconfig: Path
    home: Path

    async def kubectl(self, *argv: str, stdin: str = "") -> tuple[int, str, str]:
        """Return exit code, output and errors of a kubectl."""
        return await asyncio.to_thread(_run, [str(KUBECTL), *argv], self.environment, stdin)

    def started(self, *argv: str) -> "subprocess.Popen[str]":
        """Start a kubectl that goes on; the caller ends it."""
        told = subprocess.PIPE
        return subprocess.Popen([str(KUBECTL), *argv], env=self.environment, stdout=told, text=True)

    @property
    def environment(self) -> dict[str, str]:
        """Return the environment in which kubectl finds this server, and diff."""
        return {
            "KUBECONFIG": str(self.kubeconfig),
            "HOME": str(self.home),
            "KUBERC": "off",
            "PATH": "/usr/bin:/bin",
        }


def _run(argv: list[str], env: dict[str, str], stdin: str) -> tuple[int, str, str]:
    done = subprocess.run(
        argv, env=env, input=stdin, capture_output=True, text=True, timeout=20, check=False
    )
    return done.returncode, done.stdout, done.stderr


def namespace(name: str) -> Obj:
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}


def running_pod(name: str, *containers: str) -> Obj:
    """A pod that the kubelet has started."""
    names = containers or ("web",)
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": "default", "labels": {"app": name}},
        "spec": {
            "nodeName": "minikube",
            "containers": [{"name": one, "image": "nginx:1"} for one in names],
        },
        "status": {
            "phase": "Running",
            "containerStatuses": [
                {"name": one, "ready": True, "state": {"running": {}}} for one in names
            ],
        },
    }


def registry() -> Registry:
    kinds = Kinds()
    made = Registry(Store(kinds), Schemas.load(kinds))
    for name in ("default", "kube-system"):
        made.create(namespace(name))
    return made


@asynccontextmanager
async def world(folder: Path) -> AsyncIterator[World]:
    """Yield a served API; it stops at the end."""
    made, kubelet, listener = registry(), FakeKubelet(), listening()
    certificates = make(folder / "tls")
    address = f"127.0.0.1:{listener.getsockname()[1]}"
    serving = Serving(create_api(made, kubelet, TOKEN, address=address), certificates, listener)
    await serving.start()
    kubeconfig = folder / "kubeconfig"
    write(kubeconfig, serving.url, certificates.authority, TOKEN)
    try:
        yield World(made, kubelet, serving, kubeconfig, folder)
    finally:
        await serving.stop()
        await asyncio.gather(*kubelet.answering)
