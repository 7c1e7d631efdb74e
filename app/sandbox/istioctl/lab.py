"""What istioctl needs of the sandbox around it, and what one call of it is."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from app.sandbox.istioctl.client.build import BUILD
from app.sandbox.istioctl.terminal import Terminal
from app.sandbox.istiod.debug import Proxy
from app.sandbox.istiod.install import Component
from app.sandbox.registry.registry import Registry
from app.sandbox.store.store import Store

VERSION = BUILD["version"]


class Profiles(Protocol):
    """What an installation consists of."""

    def components(self, profile: str, settings: Mapping[str, str]) -> Sequence[Component]:
        """Return a profile's parts, in the order of installing; `settings` are its `--set` values.

        Raises: UnknownProfile, RefusedSetting.
        """
        ...


class Mesh(Protocol):
    """The control plane: the proxies that it has."""

    async def connected(self) -> Sequence[Proxy]:
        """Return the proxies whose Envoy runs and is configured by this control plane."""
        ...

    async def admin(self, namespace: str, pod: str, path: str, method: str = "GET") -> bytes:
        """Return what a proxy's admin interface says, socket paths translated to addresses.

        Raises: NoProxy where the pod has none, or it does not run.
        """
        ...


class Ports(Protocol):
    """The way to a pod's ports; the kubelet is it."""

    async def portforward(
        self, namespace: str, pod: str, port: int
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Return a connection to a port inside the pod. Raises: StatusError, OSError."""
        ...


@dataclass(frozen=True)
class Lab:
    """The parts of a sandbox that istioctl works on."""

    registry: Registry
    profiles: Profiles
    mesh: Mesh
    ports: Ports

    @property
    def store(self) -> Store:
        """Return the cluster's objects."""
        return self.registry.store


@dataclass(frozen=True)
class Request:
    """One call: its line after `istioctl`, and what the client read for it.

    `files` are by the path that the line names, or that a folder of the line holds; a folder's
    entry in `folders` lists every file below it. `namespace` is the kubeconfig context's.
    """

    argv: Sequence[str]
    files: Mapping[str, bytes] = field(default_factory=dict)
    folders: Mapping[str, Sequence[str]] = field(default_factory=dict)
    namespace: str = "default"
    is_terminal: bool = False


@dataclass(frozen=True)
class Around:
    """What a verb may use: the request, where it prints, and the sandbox."""

    request: Request
    terminal: Terminal
    lab: Lab
