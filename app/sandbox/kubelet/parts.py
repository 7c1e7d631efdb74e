"""What the life of a pod needs from the rest of the sandbox."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from app.sandbox.kubelet.images import Images
from app.sandbox.network.network import Network
from app.sandbox.registry.events import Events
from app.sandbox.shell.container import Agent, Container
from app.sandbox.shell.io import Io
from app.sandbox.store.store import Store

Execute: TypeAlias = Callable[[Sequence[str], Io, Container], Awaitable[int]]
NODE = "minikube"
NODE_IP = "192.168.49.2"
SOURCE = "kubelet"


@dataclass(frozen=True)
class Parts:
    """The store and its events, images, network, what exec runs, and how fast back-offs go."""

    store: Store
    events: Events
    images: Images
    network: Network
    execute: Execute
    agent: Callable[[str, str], Agent | None]
    pace: float
