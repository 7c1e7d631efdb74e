"""What looks after one container: its pod, its standing, and how both are told of."""

from typing import Protocol

from app.sandbox.kubelet.parts import SOURCE, Parts
from app.sandbox.kubelet.states import Standing, Waiting
from app.sandbox.kubelet.volumes import Content
from app.sandbox.network.place import Place
from app.sandbox.objects import Obj

RELIST_S = 1.0  # how long a kubelet takes to notice that a container has ended
SYNC_S = 12.0  # how often it looks at a pod that waits


class Home(Protocol):
    """The pod in which a container lives."""

    parts: Parts
    pod: Obj
    place: Place
    addresses: Obj
    volumes: dict[str, Content]

    def publish(self) -> None:
        """Write the pod's status soon."""
        ...

    async def news(self, timeout_s: float) -> None:
        """Wait until the pod or something that it may use has changed, or the time is over."""
        ...


class Bedside:
    """A container with its pod: events about it, and the reasons for which it waits."""

    def __init__(self, home: Home, standing: Standing) -> None:
        self.home = home
        self.standing = standing

    def wait_for(self, reason: str, message: str) -> None:
        """Have the container wait, and say why."""
        self.standing.state = Waiting(reason, message)
        self.home.publish()

    def tell(self, type_: str, reason: str, message: str) -> None:
        """Record an Event about the container."""
        field = "containers" if self.standing.role == "app" else "initContainers"
        where = f"spec.{field}{{{self.standing.name}}}"
        events = self.home.parts.events
        events.record(self.home.pod, type_, reason, message, SOURCE, field=where)
