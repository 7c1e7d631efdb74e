"""A sandbox for istioctl alone: a store of objects, and a mesh and ports that stand still."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from app.sandbox.istioctl.lab import Lab, Request
from app.sandbox.istioctl.run import run
from app.sandbox.istioctl.terminal import Terminal
from app.sandbox.istiod.debug import Proxy
from app.sandbox.istiod.install import Component, UnknownProfile
from app.sandbox.istiod.istiod import NoProxy
from app.sandbox.objects import Obj
from app.sandbox.registry.registry import Registry
from app.sandbox.store.kinds import Kind, Kinds
from app.sandbox.store.store import Store

REAL = Path(__file__).parent / "real"
ISTIO = {
    "networking.istio.io": "VirtualService DestinationRule Gateway ServiceEntry Sidecar "
    "WorkloadEntry WorkloadGroup EnvoyFilter ProxyConfig",
    "security.istio.io": "PeerAuthentication RequestAuthentication AuthorizationPolicy",
    "telemetry.istio.io": "Telemetry",
    "extensions.istio.io": "WasmPlugin TrafficExtension",
}


def plural(kind: str) -> str:
    low = kind.lower()
    return f"{low[:-1]}ies" if low.endswith("y") and not low.endswith("ay") else f"{low}s"


@dataclass
class FakeMesh:
    """A control plane with the proxies and the answers it is given."""

    proxies: Sequence[Proxy] = ()
    answers: Mapping[str, bytes] = field(default_factory=dict)

    async def connected(self) -> Sequence[Proxy]:
        return self.proxies

    async def admin(self, namespace: str, pod: str, path: str, method: str = "GET") -> bytes:
        found = self.answers.get(f"{pod}.{namespace}/{path}")
        if found is None:
            raise NoProxy(f"pod {pod}.{namespace} has no proxy")
        return found


@dataclass
class FakeProfiles:
    """Profiles that install the components they are given."""

    known: Mapping[str, Sequence[Component]] = field(default_factory=dict)

    def components(self, profile: str, settings: Mapping[str, str]) -> Sequence[Component]:
        if profile not in self.known:
            raise UnknownProfile(profile)
        return self.known[profile]


class NoPorts:
    """Pods whose ports nobody listens on."""

    async def portforward(
        self, namespace: str, pod: str, port: int
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        raise ConnectionRefusedError(port)


@dataclass
class Said:
    """What a call printed, and its exit status."""

    code: int = -1
    stdout: str = ""
    stderr: str = ""

    def out(self, text: str) -> None:
        self.stdout += text

    def err(self, text: str) -> None:
        self.stderr += text


def lab_of(objects: Iterable[Obj], **parts: object) -> Lab:
    """Return a sandbox that holds the objects, Istio's kinds among those that it knows."""
    kinds = Kinds()
    for group, names in ISTIO.items():
        for name in names.split():
            kinds.add(Kind(name, plural(name), group, ("v1", "v1beta1", "v1alpha3", "v1alpha1")))
    store = Store(kinds)
    for obj in objects:
        store.create(obj)
    given = {"profiles": FakeProfiles(), "mesh": FakeMesh(), "ports": NoPorts(), **parts}
    return Lab(Registry(store), **given)  # type: ignore[arg-type]


async def call(lab: Lab, *argv: str, answers: Sequence[str] = (), **request: object) -> Said:
    """Return what `istioctl ARGV` says in a sandbox."""
    said = Said()
    terminal = Terminal(said.out, said.err, answers)
    said.code = await run(Request(argv, **request), terminal, lab)  # type: ignore[arg-type]
    return said


def documents(text: str) -> list[Obj]:
    """Return the objects of a text of YAML."""
    return [each for each in yaml.safe_load_all(text) if each]
