"""The kubelet: it runs the pods of the one node, and answers for their logs, exec and ports."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence

from app.sandbox.kubelet import idle
from app.sandbox.kubelet.commands import visitor
from app.sandbox.kubelet.images import Images
from app.sandbox.kubelet.life import Life
from app.sandbox.kubelet.logs import Log
from app.sandbox.kubelet.node import Node
from app.sandbox.kubelet.parts import NODE, Execute, Parts
from app.sandbox.kubelet.queries import container_of, log_of, running
from app.sandbox.network.network import Network
from app.sandbox.objects import Obj, is_ending, namespace_of, number, text, words
from app.sandbox.programs.catalog import Image
from app.sandbox.registry.events import Events
from app.sandbox.registry.registry import Registry
from app.sandbox.shell.container import Agent
from app.sandbox.shell.execute import NotStarted, execute
from app.sandbox.shell.io import Io
from app.sandbox.status import StatusError, bad_request, not_found
from app.sandbox.store.store import Change
from app.sandbox.version import KUBERNETES

FASTEST = 0.001  # a pace of nothing at all would try again without rest
DONE = ("Succeeded", "Failed")


class Kubelet:
    """Runs every pod that is assigned to the node.

    `find` gives an image by its reference: assembly puts istiod's own programs before the catalog.
    `agent` gives the sidecar's agent of a namespace's pod, for exec. `pace` scales back-off times
    (1.0 as in reality). A probe goes to the pod's door; one of the ports 15000 to 15099, and what
    port-forward opens, goes to the program's own socket.
    """

    def __init__(
        self,
        registry: Registry,
        network: Network,
        find: Callable[[str], Image | None],
        *,
        agent: Callable[[str, str], Agent | None] = lambda namespace, pod: None,
        run: Execute = execute,
        pace: float = 1.0,
    ) -> None:
        events = Events(registry)
        images = Images(lambda reference: idle.find(reference) or find(reference))
        self._store = registry.store
        pace = max(pace, FASTEST)
        self._parts = Parts(registry.store, events, images, network, run, agent, pace)
        self._node = Node(registry.store, events, KUBERNETES)
        self._lives: dict[str, Life] = {}
        self._endings: set[asyncio.Task[None]] = set()
        self._stopped = False

    def start(self) -> None:
        """Begin to run what is assigned to the node, now and from now on."""
        self._store.listen(self._follow)
        self._node.start()
        for pod in self._store.list("pods"):
            self._see(pod)

    async def stop(self) -> None:
        """End every program at once; the objects stay as they are."""
        self._stopped = True
        self._node.stop()
        lives, self._lives = self._lives, {}
        await asyncio.gather(*(life.stop() for life in lives.values()), *self._endings)

    def _follow(self, change: Change) -> None:
        if self._stopped:
            return
        if change.resource == "pods":
            if change.type == "DELETED":
                life = self._lives.pop(text(change.object, "metadata.uid"), None)
                if life is not None:
                    self._bury(life)
            else:
                self._see(change.object)
        elif change.resource in ("configmaps", "secrets"):
            for life in self._lives.values():
                if namespace_of(life.pod) == namespace_of(change.object):
                    life.tell_news()

    def _bury(self, life: Life) -> None:
        """End what still runs of a pod that is gone."""
        ending = life.end(0.0)
        self._endings.add(ending)
        ending.add_done_callback(self._endings.discard)

    def _see(self, pod: Obj) -> None:
        """Act on a pod as it is now."""
        uid = text(pod, "metadata.uid")
        life = self._lives.get(uid)
        if life is None:
            mine = text(pod, "spec.nodeName") == NODE
            if not mine or text(pod, "status.phase") in DONE:
                return
            is_held = is_ending(pod) and bool(words(pod, "metadata.finalizers"))
            if is_held and not number(pod, "metadata.deletionGracePeriodSeconds"):
                return  # it has been stopped already; others hold it
            life = self._lives[uid] = Life(self._parts, pod)
        life.change(pod)
        if is_ending(pod):
            life.end(float(number(pod, "metadata.deletionGracePeriodSeconds")))

    def _life(self, namespace: str, pod: str) -> tuple[Obj, Life]:
        """Return a pod that is on the node, and its life. Raises: StatusError."""
        found = self._store.get("pods", pod, namespace)
        if found is None:
            raise not_found("pods", pod)
        if not text(found, "spec.nodeName"):
            raise bad_request(f"pod {pod} does not have a host assigned")
        life = self._lives.get(text(found, "metadata.uid"))
        if life is None:
            raise not_found("pods", pod)
        return found, life

    async def exec(
        self, namespace: str, pod: str, container: str, argv: Sequence[str], io: Io, tty: bool
    ) -> int:
        """Return the exit code of a command run inside a container. Raises: StatusError."""
        found, life = self._life(namespace, pod)
        keeper = running(life, container_of(found, container))
        if keeper.container is None or not argv:
            raise bad_request("you must specify at least one command for the container")
        inside = visitor(keeper.container, argv, self._parts.agent(namespace, pod))
        if tty:  # as container runtimes set it; sh prompts where it is
            inside.env = {**inside.env, "TERM": "xterm"}
        try:
            return await self._parts.execute(argv, io, inside)
        except NotStarted as missing:
            raise StatusError(500, "InternalError", str(missing)) from None

    def logs(
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
        """Yield the log's lines, each with its newline. Raises: StatusError.

        A pod without a node has written nothing.
        """
        waiting = self._store.get("pods", pod, namespace)
        if waiting is not None and not text(waiting, "spec.nodeName"):
            return Log().read()
        found, life = self._life(namespace, pod)
        keeper = life.keeper(container_of(found, container))
        if keeper is None:
            raise bad_request(f"container {container} is not valid for pod {pod}")
        log = log_of(keeper, pod, previous=previous)
        return log.read(follow=follow, tail=tail, since_s=since_s, timestamps=timestamps)

    async def portforward(
        self, namespace: str, pod: str, port: int
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Return a connection to a port inside the pod. Raises: StatusError, OSError."""
        _, life = self._life(namespace, pod)
        try:
            door = life.place.program(port)
            reader, writer = await asyncio.open_unix_connection(door)
            self._parts.network.introduce(writer, door, "127.0.0.1")
            return reader, writer
        except OSError:
            told = f"dial tcp4 127.0.0.1:{port}: connect: connection refused"
            raise ConnectionRefusedError(told) from None
