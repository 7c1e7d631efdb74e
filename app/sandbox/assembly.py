"""One sandbox put together: every part is made here, and handed what it needs."""

import os
import secrets
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

from app.sandbox.addons.images import Addons
from app.sandbox.addons.observatory import Mark
from app.sandbox.api import certificates, kubeconfig
from app.sandbox.api.server import create_api
from app.sandbox.api.serving import Serving, listening
from app.sandbox.control.controllers import Controllers
from app.sandbox.istioctl.analyze.snapshot import Snapshot, of_cluster
from app.sandbox.istioctl.analyze.table import analyze
from app.sandbox.istioctl.lab import Lab
from app.sandbox.istioctl.stream import answer
from app.sandbox.istiod.install import Profiles
from app.sandbox.istiod.istiod import Istiod
from app.sandbox.kubelet.kubelet import Kubelet
from app.sandbox.life import write_whole
from app.sandbox.network.network import Network
from app.sandbox.objects import Obj, text
from app.sandbox.programs import catalog
from app.sandbox.programs.catalog import Image
from app.sandbox.programs.reference import parse
from app.sandbox.proxy.binary import EnvoyMissing, find
from app.sandbox.registry.registry import Registry
from app.sandbox.release import lay_out
from app.sandbox.schemas.schemas import Schemas
from app.sandbox.shell.container import SIDECAR_USER, Agent
from app.sandbox.shell.tools.table import EVERYWHERE
from app.sandbox.store.kinds import Kinds
from app.sandbox.store.snapshot import keep, restore
from app.sandbox.store.store import Store

PLAIN = (
    "The sandbox is in its plain mode: Kubernetes, injection and istioctl's analysis work, and "
    "requests go from pod to pod without a proxy. Routes, weights, timeouts, retries, ejection and "
    "mutual TLS have no effect; the steps that check them cannot pass here."
)
SNAPSHOT = "snapshot.json"
PROXY_TOOLS = EVERYWHERE | {"bash", "sh", "curl", "pilot-agent"}


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
    envoy, plain = _envoy()
    network = Network(store, has_proxies=envoy is not None)
    istiod = Istiod(registry, network, envoy)
    registry.admission.append(istiod)
    addons = Addons(partial(_marks, store))
    kubelet = Kubelet(
        registry,
        network,
        _images(istiod, addons),
        agent=_agents(store, istiod),
        pace=pace,
    )
    lab = Lab(registry, Profiles(registry.schemas.crds()), istiod, kubelet)
    made = certificates.make(folder / "pki")
    token = _token(folder / "token")
    listener = _listening(folder / "port")
    address = f"127.0.0.1:{listener.getsockname()[1]}"
    istioctl = partial(answer, lab=lab)
    api = create_api(registry, kubelet, token, address=address, istioctl=istioctl)
    server = Serving(api, made, listener)
    controllers = Controllers(registry, certificate=made.authority.read_text(), pace=pace)
    sandbox = Sandbox(folder, plain)
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
        await istiod.close()
        network.close()


def _images(istiod: Istiod, addons: Addons) -> Callable[[str], Image | None]:
    """Return what finds an image: Istio's own programs, the add-ons, else the catalog's."""
    own = {
        "proxyv2": Image(
            "istio/proxyv2", ("/usr/local/bin/pilot-agent",), (), istiod.run_proxy,
            tools=PROXY_TOOLS, user=SIDECAR_USER,
        ),
        "pilot": Image(
            "istio/pilot", ("/usr/local/bin/pilot-discovery",), (), istiod.run_pilot,
            user=SIDECAR_USER,
        ),
    }  # fmt: skip

    def find(reference: str) -> Image | None:
        named = parse(reference)
        image = own.get(named.repository.rpartition("/")[2]) if named else None
        if image:
            return replace(image, name=reference)
        return addons.find(reference) or catalog.find(reference)

    return find


def _marks(store: Store) -> list[Mark]:
    """Return what an analysis of the whole mesh says, for the page that lists its objects."""
    said = analyze(Snapshot(of_cluster(store)))
    return [
        Mark(each.resource.kind, each.resource.namespace, each.resource.name,
             each.level, each.code, each.text)
        for each in said
    ]  # fmt: skip


def _agents(store: Store, istiod: Istiod) -> Callable[[str, str], Agent | None]:
    def agent(namespace: str, pod: str) -> Agent | None:
        found = store.get("pods", pod, namespace)
        return istiod.agent(text(found, "metadata.uid")) if found else None

    return agent


def _envoy() -> tuple[Path | None, str]:
    """Return Envoy's binary, or why there is none and what then works."""
    try:
        return find(), ""
    except EnvoyMissing as missing:
        return None, f"{missing} {PLAIN}"


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
