"""One sandbox put together: every part is made here, and handed what it needs."""

import os
import secrets
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from app.sandbox.api import certificates, kubeconfig
from app.sandbox.api.server import create_api
from app.sandbox.api.serving import Serving, listening
from app.sandbox.control.controllers import Controllers
from app.sandbox.kubelet.kubelet import Kubelet
from app.sandbox.life import write_whole
from app.sandbox.network.network import Network
from app.sandbox.objects import Obj
from app.sandbox.programs import catalog
from app.sandbox.registry.registry import Registry
from app.sandbox.release import lay_out
from app.sandbox.schemas.schemas import Schemas
from app.sandbox.store.kinds import Kinds
from app.sandbox.store.snapshot import keep, restore
from app.sandbox.store.store import Store

SNAPSHOT = "snapshot.json"


class Sandbox:
    """A sandbox that is up: its API server serves, its pods run."""

    def __init__(self, folder: Path, plain: str) -> None:
        self._folder = folder
        self._plain = plain

    @property
    def kubeconfig(self) -> Path:
        """Return the kubeconfig by which everything reaches it."""
        return self._folder / "kubeconfig"

    @property
    def release(self) -> Path:
        """Return the folder of its programs and samples: bin/, samples/."""
        return self._folder / "release"

    def state(self) -> Obj:
        """Return what `state.json` holds."""
        return {
            "pid": os.getpid(),
            "kubeconfig": str(self.kubeconfig),
            "release": str(self.release),
            "plain": self._plain,
        }


@asynccontextmanager
async def open_sandbox(folder: Path, *, pace: float = 1.0) -> AsyncIterator[Sandbox]:
    """Give a running sandbox whose state is kept in the folder; end it, whatever happens."""
    store = Store(Kinds())
    registry = Registry(store, Schemas.load(store.kinds))
    restore(store, folder / SNAPSHOT)
    network = Network(store)
    kubelet = Kubelet(registry, network, catalog.find, pace=pace)
    made = certificates.make(folder / "pki")
    token = _token(folder / "token")
    listener = _listening(folder / "port")
    api = create_api(registry, kubelet, token, address=f"127.0.0.1:{listener.getsockname()[1]}")
    server = Serving(api, made, listener)
    controllers = Controllers(registry, certificate=made.authority.read_text(), pace=pace)
    sandbox = Sandbox(folder, "")
    lay_out(sandbox.release)
    try:
        controllers.start()
        kubelet.start()
        await server.start()
        kubeconfig.write(sandbox.kubeconfig, server.url, made.authority, token)
        yield sandbox
    finally:
        await server.stop()
        controllers.stop()
        keep(store, folder / SNAPSHOT)
        await kubelet.stop()
        network.close()


def _token(file: Path) -> str:
    """Return the owner's token: the same at each start, so that a terminal goes on."""
    if not file.exists():
        write_whole(file, secrets.token_urlsafe(32).encode())
    return file.read_text()


def _listening(file: Path) -> socket.socket:
    """Return a socket on the port of the last start, where it is free, else on another one."""
    try:
        found = listening(int(file.read_text()))
    except (FileNotFoundError, ValueError, OSError):
        found = listening()
    write_whole(file, str(found.getsockname()[1]).encode())
    return found
