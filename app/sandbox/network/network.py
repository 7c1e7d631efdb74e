"""The network itself: pods join and leave it, and their programs connect through it."""

from asyncio import StreamReader, StreamWriter

from app.sandbox.network.place import Place
from app.sandbox.network.places import Places
from app.sandbox.store.store import Store


class Network:
    """Every address and every socket of one sandbox. `close` removes the folder of the sockets."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.places = Places()

    def join(self, namespace: str, pod: str, uid: str, *, is_proxied: bool) -> Place:
        """Return the place of a pod that starts: the next 10.244.0.x, and a folder of its own."""
        raise NotImplementedError

    def leave(self, uid: str) -> None:
        """Take a pod off the network and remove its folder; nothing happens if it has none."""
        raise NotImplementedError

    async def connect(
        self,
        source: Place | None,
        host: str,
        port: int,
        timeout_s: float,
        *,
        is_captured: bool = True,
    ) -> tuple[StreamReader, StreamWriter]:
        """Return a connection from a pod (None: the node itself) to a name or an address.

        A proxied pod's goes through its sidecar, unless it is not captured (a process of the
        sidecar's own user). Raises: NoSuchHost, Refused, Unreachable, TimedOut.
        """
        raise NotImplementedError

    def close(self) -> None:
        """Remove the folder of all sockets."""
        raise NotImplementedError
