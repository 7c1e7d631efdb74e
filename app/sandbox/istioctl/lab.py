"""What istioctl needs of the sandbox around it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from app.sandbox.objects import Obj
from app.sandbox.registry.registry import Registry
from app.sandbox.store.store import Store

VERSION = "1.31.0"


@dataclass(frozen=True)
class Component:
    """One part of an installation: `Base`, `Pilot`, `IngressGateways` or `EgressGateways`."""

    name: str
    objects: Sequence[Obj]


class UnknownProfile(Exception):
    """There is no profile of that name."""


class RefusedSetting(Exception):
    """A `--set` that this sandbox does not know; its text says which."""


class Profiles(Protocol):
    """What an installation consists of."""

    def components(self, profile: str, settings: Mapping[str, str]) -> Sequence[Component]:
        """Return a profile's parts, in the order of installing; `settings` are its `--set` values.

        Raises: UnknownProfile, RefusedSetting.
        """
        ...


@dataclass(frozen=True)
class Proxy:
    """One connected proxy, as istiod knows it.

    `types` are the types that it subscribed to (`CDS`, `LDS`, `EDS`, `RDS`), each with what its
    Envoy made of the last push: `SYNCED`, `STALE` or `NACKED`.
    """

    pod: str
    namespace: str
    istiod: str
    types: Mapping[str, str]
    cluster: str = "Kubernetes"
    version: str = VERSION


class Proxies(Protocol):
    """The Envoys of the mesh."""

    async def connected(self) -> Sequence[Proxy]:
        """Return the proxies that istiod has, in no order."""
        ...

    async def admin(self, namespace: str, pod: str, path: str, method: str = "GET") -> bytes:
        """Return what a proxy's admin interface says, socket paths translated to addresses.

        Raises: NoProxy where the pod has none, or it does not run.
        """
        ...


class NoProxy(Exception):
    """A pod without a running proxy; its text says why."""


class Forwarder(Protocol):
    """Opens a loopback port of the learner's machine that leads to a pod."""

    async def listen(self, namespace: str, pod: str, remote: int, local: int) -> "Forward":
        """Return the open forward; `local` 0 takes any free port. Raises: OSError."""
        ...


class Forward(Protocol):
    """An open loopback port."""

    port: int

    async def close(self) -> None:
        """Close the port and every connection through it."""
        ...


@dataclass(frozen=True)
class Lab:
    """The parts of a sandbox that istioctl works on."""

    store: Store
    registry: Registry
    profiles: Profiles
    proxies: Proxies
    forwarder: Forwarder
