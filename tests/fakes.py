"""Clusters that fail in one way each, and one that works, in memory."""

import asyncio
import shlex
from collections.abc import AsyncGenerator, Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import NoReturn

from app.clusters.answer import Answer
from app.clusters.cluster import Change, Output, PodRef
from app.clusters.kinds import KINDS
from app.clusters.objects import Json, Object
from app.errors import ClusterUnavailable, NotAllowed, ToolMissing

END = "\x00exit "


class FakeCluster:
    """Holds objects; answers programs as it was told to (`says`); feeds its watches.

    `on_create` may change an object that is written through `send`: a kubelet in one function.
    A program that it was told nothing about is a mistake in the test, and says so.
    """

    def __init__(
        self,
        objects: Iterable[Mapping[str, Json] | Object] = (),
        *,
        on_create: Callable[[dict[str, Json]], dict[str, Json]] = lambda raw: raw,
        forbidden: Iterable[str] = (),
        server_version: str = "v1.35.4",
    ) -> None:
        self._objects: dict[tuple[str, str, str], Object] = {}
        self._queues: list[tuple[frozenset[str], str, asyncio.Queue[Change]]] = []
        self._said: list[tuple[str, list[Output]]] = []
        self._on_create = on_create
        self._version = server_version
        self.forbidden = set(forbidden)  # "create Pod": what `may` denies
        self.asked: list[str] = []  # every program that was run, as one line
        for found in objects:
            self.put(found)

    def put(self, found: Mapping[str, Json] | Object) -> Object:
        """Add an object, or replace the one of its name."""
        item = found if isinstance(found, Object) else Object(found)
        key = (item.kind, item.namespace, item.name)
        type_ = "modified" if key in self._objects else "added"
        self._objects[key] = item
        self._tell(Change(type_, item.kind, item))  # type: ignore[arg-type]
        return item

    def remove(self, kind: str, name: str, namespace: str = "") -> None:
        """Take an object away; with a Namespace, all that is in it."""
        for key, found in list(self._objects.items()):
            is_within = kind == "Namespace" and found.namespace == name
            if key == (kind, namespace, name) or is_within:
                del self._objects[key]
                self._tell(Change("deleted", found.kind, found))

    def says(self, about: str, stdout: str = "", *, code: int | None = 0, stderr: str = "") -> None:
        """Answer programs whose line (`namespace/pod/container: argv`) contains `about`.

        Told several times about the same, it answers in that order and repeats the last; of
        several that fit, the one told first answers.
        """
        output = Output(code, stdout, stderr)
        for known, outputs in self._said:
            if known == about:
                outputs.append(output)
                return
        self._said.append((about, [output]))

    async def get(self, kind: str, name: str, namespace: str = "") -> Object | None:
        return self._objects.get((kind, namespace, name))

    async def list(self, kind: str, namespace: str = "", labels: str = "") -> list[Object]:
        found = [
            item
            for item in self._objects.values()
            if item.kind == kind
            and namespace in ("", item.namespace)
            and _selects(labels, item.labels)
        ]
        return sorted(found, key=lambda item: (item.namespace, item.name))

    async def watch(self, kinds: Sequence[str], namespace: str) -> AsyncGenerator[Change, None]:
        queue: asyncio.Queue[Change] = asyncio.Queue()
        for kind in kinds:
            for item in await self.list(kind, "" if kind == "Namespace" else namespace):
                if not _is_watched(item, namespace):
                    continue
                queue.put_nowait(Change("added", kind, item))
            queue.put_nowait(Change("synced", kind, None))
        entry = (frozenset(kinds), namespace, queue)
        self._queues.append(entry)
        try:
            while True:
                yield await queue.get()
        finally:
            self._queues.remove(entry)

    @property
    def watches(self) -> int:
        """How many watches are open."""
        return len(self._queues)

    async def ask(
        self, pod: PodRef, argv: Sequence[str], *, timeout_s: float
    ) -> AsyncGenerator[str, None]:
        output = self._answer(_line(pod, argv))
        for line in output.stdout.splitlines():
            yield line
        yield END + ("timeout" if output.code is None else str(output.code))

    async def exec(self, pod: PodRef, argv: Sequence[str], *, timeout_s: float) -> Output:
        return self._answer(_line(pod, argv))

    async def istioctl(self, argv: Sequence[str], *, timeout_s: float) -> Output:
        return self._answer(shlex.join(["istioctl", *argv]))

    async def version(self) -> str:
        return self._version

    async def may(self, verb: str, kind: str, namespace: str = "", subresource: str = "") -> bool:
        return f"{verb} {kind}" not in self.forbidden

    async def send(
        self, method: str, path: str, body: Mapping[str, Json] | None = None, content_type: str = ""
    ) -> Answer:
        kind, namespace, name = _target(path)
        if method == "DELETE":
            is_there = (kind, namespace, name) in self._objects
            self.remove(kind, name, namespace)
            return Answer(200 if is_there else 404, Object({}))
        made = Object(self._on_create(dict(body or {})))
        if (made.kind, made.namespace, made.name) in self._objects:
            return Answer(409, Object({"message": "already exists"}))
        return Answer(201, self.put(made))

    def _answer(self, line: str) -> Output:
        self.asked.append(line)
        for about, outputs in self._said:
            if about in line:
                return outputs.pop(0) if len(outputs) > 1 else outputs[0]
        raise AssertionError(f"the fake cluster was told nothing about: {line}")

    def _tell(self, change: Change) -> None:
        for kinds, namespace, queue in self._queues:
            found = change.object
            if change.kind in kinds and found and _is_watched(found, namespace):
                queue.put_nowait(change)


class SlowCluster(FakeCluster):
    """Answers everything right, `delay_s` late."""

    def __init__(self, objects: Iterable[Mapping[str, Json]] = (), *, delay_s: float) -> None:
        super().__init__(objects)
        self._delay_s = delay_s

    async def get(self, kind: str, name: str, namespace: str = "") -> Object | None:
        await asyncio.sleep(self._delay_s)
        return await super().get(kind, name, namespace)

    async def list(self, kind: str, namespace: str = "", labels: str = "") -> list[Object]:
        await asyncio.sleep(self._delay_s)
        return await super().list(kind, namespace, labels)

    async def exec(self, pod: PodRef, argv: Sequence[str], *, timeout_s: float) -> Output:
        await asyncio.sleep(self._delay_s)
        return await super().exec(pod, argv, timeout_s=timeout_s)

    async def version(self) -> str:
        await asyncio.sleep(self._delay_s)
        return await super().version()


class _Unable:
    """Every question goes to `_fail`."""

    async def _fail(self) -> NoReturn:
        raise NotImplementedError

    async def get(self, kind: str, name: str, namespace: str = "") -> Object | None:
        await self._fail()

    async def list(self, kind: str, namespace: str = "", labels: str = "") -> list[Object]:
        await self._fail()

    async def watch(self, kinds: Sequence[str], namespace: str) -> AsyncGenerator[Change, None]:
        await self._fail()
        yield Change("synced", "", None)

    async def ask(
        self, pod: PodRef, argv: Sequence[str], *, timeout_s: float
    ) -> AsyncGenerator[str, None]:
        await self._fail()
        yield ""

    async def exec(self, pod: PodRef, argv: Sequence[str], *, timeout_s: float) -> Output:
        await self._fail()

    async def istioctl(self, argv: Sequence[str], *, timeout_s: float) -> Output:
        await self._fail()

    async def version(self) -> str:
        await self._fail()

    async def may(self, verb: str, kind: str, namespace: str = "", subresource: str = "") -> bool:
        await self._fail()

    async def send(
        self, method: str, path: str, body: Mapping[str, Json] | None = None, content_type: str = ""
    ) -> Answer:
        await self._fail()


class NeverCluster(_Unable):
    """Never answers: a paused virtual machine, a firewall that drops packets."""

    async def _fail(self) -> NoReturn:
        await asyncio.Event().wait()
        raise AssertionError("unreachable")


class BrokenCluster(_Unable):
    """Does not answer at all: nothing listens there."""

    async def _fail(self) -> NoReturn:
        raise ClusterUnavailable(
            "The cluster cannot be reached: connection refused.", hint="Is it running?"
        )


class ForbiddenCluster(_Unable):
    """Answers that this account may not."""

    async def _fail(self) -> NoReturn:
        raise NotAllowed("The cluster refuses this to the kubeconfig's account.")


class FakePrograms:
    """Programs that are installed, and what they print: {"minikube profile list": Output}."""

    def __init__(self, *names: str, says: Mapping[str, Output | str] | None = None) -> None:
        self._names = names
        self._says = dict(says or {})
        self.ran: list[str] = []

    def path(self, name: str) -> Path | None:
        return Path("/usr/local/bin") / name if name in self._names else None

    async def run(self, argv: Sequence[str], *, timeout_s: float) -> Output:
        line = shlex.join(argv)
        self.ran.append(line)
        if argv[0] not in self._names:
            raise ToolMissing(f"{argv[0]} is not installed.")
        for known, said in self._says.items():
            if line.startswith(known):
                return Output(0, said, "") if isinstance(said, str) else said
        raise AssertionError(f"the fake programs were told nothing about: {line}")


def _is_watched(found: Object, namespace: str) -> bool:
    return namespace in ("", found.name if found.kind == "Namespace" else found.namespace)


def _line(pod: PodRef, argv: Sequence[str]) -> str:
    return f"{pod.namespace}/{pod.pod}/{pod.container}: {shlex.join(argv)}"


def _target(path: str) -> tuple[str, str, str]:
    """Take an address of the API apart: kind, namespace, name."""
    parts = path.strip("/").split("/")
    parts = parts[2:] if parts[0] == "api" else parts[3:]
    namespace = ""
    if parts[0] == "namespaces" and len(parts) > 2:
        namespace, parts = parts[1], parts[2:]
    kind = next(kind.name for kind in KINDS.values() if kind.plural == parts[0])
    return kind, namespace, parts[1] if len(parts) > 1 else ""


def _selects(selector: str, labels: Mapping[str, str]) -> bool:
    """Keep what kubectl's -l takes, as far as the app uses it: a=b, a!=b, a, !a."""
    for term in filter(None, selector.split(",")):
        if "!=" in term:
            key, value = term.split("!=", 1)
            if labels.get(key) == value:
                return False
        elif "=" in term:
            key, value = term.replace("==", "=").split("=", 1)
            if labels.get(key) != value:
                return False
        elif (term.lstrip("!") in labels) == term.startswith("!"):
            return False
    return True
