"""A cluster written down: what a real one said, replayed at the same border.

The file keeps every object once, under a hash of its content, one object a line: a new recording
shows in a diff as the lines that changed.
"""

import asyncio
import hashlib
import json
import shlex
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import asdict
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from app.clusters.cluster import Change, Cluster, Output, PodRef
from app.clusters.objects import Object
from app.errors import AppError, ClusterUnavailable, NotAllowed, ToolMissing

ERRORS = {error.__name__: error for error in (ClusterUnavailable, NotAllowed, ToolMissing)}


class NotRecorded(AssertionError):
    """A question that the recorded cluster was not asked; record anew."""


class RecordingCluster:
    """Passes every question on and keeps the answer, in the order of asking."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._objects: dict[str, Any] = {}
        self._calls: dict[str, list[Any]] = {}

    async def get(self, kind: str, name: str, namespace: str = "") -> Object | None:
        with self._keeping(_line("get", kind, name, namespace)) as keep:
            found = await self._cluster.get(kind, name, namespace)
            keep(self._hash(found))
            return found

    async def list(self, kind: str, namespace: str = "", labels: str = "") -> list[Object]:
        with self._keeping(_line("list", kind, namespace, labels)) as keep:
            found = await self._cluster.list(kind, namespace, labels)
            keep([self._hash(item) for item in found])
            return found

    async def watch(self, kinds: Sequence[str], namespace: str) -> AsyncIterator[Change]:
        seen: list[Any] = []
        with self._keeping(_line("watch", ",".join(kinds), namespace)) as keep:
            keep(seen)
            async with aclosing(self._cluster.watch(kinds, namespace)) as changes:  # type: ignore
                async for change in changes:
                    seen.append([change.type, change.kind, self._hash(change.object)])
                    yield change

    async def ask(
        self, pod: PodRef, argv: Sequence[str], *, timeout_s: float
    ) -> AsyncIterator[str]:
        seen: list[str] = []
        with self._keeping(_program("ask", pod, argv)) as keep:
            keep(seen)
            lines = self._cluster.ask(pod, argv, timeout_s=timeout_s)
            async with aclosing(lines) as stream:  # type: ignore
                async for line in stream:
                    seen.append(line)
                    yield line

    async def exec(self, pod: PodRef, argv: Sequence[str], *, timeout_s: float) -> Output:
        with self._keeping(_program("exec", pod, argv)) as keep:
            output = await self._cluster.exec(pod, argv, timeout_s=timeout_s)
            keep(asdict(output))
            return output

    async def istioctl(self, argv: Sequence[str], *, timeout_s: float) -> Output:
        with self._keeping(_line("istioctl", shlex.join(argv))) as keep:
            output = await self._cluster.istioctl(argv, timeout_s=timeout_s)
            keep(asdict(output))
            return output

    def text(self) -> str:
        """Return the recording as JSON, one object or answer a line."""
        objects = ",\n".join(f"{_json(k)}: {_json(v)}" for k, v in sorted(self._objects.items()))
        calls = ",\n".join(
            f"{_json(line)}: {_json(_shortest(answers))}"
            for line, answers in sorted(self._calls.items())
        )
        return f'{{"objects": {{\n{objects}\n}},\n"calls": {{\n{calls}\n}}}}\n'

    def write(self, path: Path) -> None:
        """Write the recording into a file."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(self.text(), encoding="utf-8")

    def _keeping(self, line: str) -> "_Kept":
        return _Kept(self._calls.setdefault(line, []))

    def _hash(self, found: Object | None) -> str | None:
        if found is None:
            return None
        raw = json.loads(json.dumps(dict(found.raw)))
        raw.get("metadata", {}).pop("managedFields", None)
        digest = hashlib.sha256(_json(raw).encode()).hexdigest()[:12]
        self._objects[digest] = raw
        return digest


class _Kept:
    """Keeps one answer, or the error that came instead of it."""

    def __init__(self, answers: list[Any]) -> None:
        self._answers = answers

    def __enter__(self) -> Any:
        return self._answers.append

    def __exit__(self, _type: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, AppError):
            known = {"error": type(error).__name__, "message": str(error), "hint": error.hint}
            self._answers.append(known)


class RecordedCluster:
    """Answers as the recorded cluster did: each question's answers in their order, then the last.

    Raises: NotRecorded for a question that is not in the recording.
    """

    def __init__(self, data: Mapping[str, Any]) -> None:
        self._objects = {key: Object(raw) for key, raw in data["objects"].items()}
        self._calls = {line: list(answers) for line, answers in data["calls"].items()}

    @classmethod
    def read(cls, path: Path) -> "RecordedCluster":
        """Return the cluster of a recording."""
        return cls(read_recording(path))

    async def get(self, kind: str, name: str, namespace: str = "") -> Object | None:
        digest = self._answer(_line("get", kind, name, namespace))
        return None if digest is None else self._objects[digest]

    async def list(self, kind: str, namespace: str = "", labels: str = "") -> list[Object]:
        digests = self._answer(_line("list", kind, namespace, labels))
        return [self._objects[digest] for digest in digests]

    async def watch(self, kinds: Sequence[str], namespace: str) -> AsyncGenerator[Change, None]:
        for type_, kind, digest in self._answer(_line("watch", ",".join(kinds), namespace)):
            yield Change(type_, kind, None if digest is None else self._objects[digest])
        await asyncio.Event().wait()  # nothing more was seen, and a watch does not end

    async def ask(
        self, pod: PodRef, argv: Sequence[str], *, timeout_s: float
    ) -> AsyncGenerator[str, None]:
        for line in self._answer(_program("ask", pod, argv)):
            yield line

    async def exec(self, pod: PodRef, argv: Sequence[str], *, timeout_s: float) -> Output:
        return Output(**self._answer(_program("exec", pod, argv)))

    async def istioctl(self, argv: Sequence[str], *, timeout_s: float) -> Output:
        return Output(**self._answer(_line("istioctl", shlex.join(argv))))

    def _answer(self, line: str) -> Any:
        answers = self._calls.get(line)
        if not answers:
            known = "\n  ".join(sorted(self._calls))
            raise NotRecorded(f"not in the recording: {line}\nit has:\n  {known}")
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if isinstance(answer, dict) and "error" in answer:
            raise ERRORS[answer["error"]](answer["message"], hint=answer["hint"])
        return answer


POOL = "objects.json"  # of a folder of recordings: the objects that its files share


def read_recording(path: Path) -> dict[str, Any]:
    """Return a recording's data, with its objects from the pool where it has none of its own."""
    data: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    if "objects" not in data:
        pool = next(folder / POOL for folder in path.parents if (folder / POOL).is_file())
        data["objects"] = _read_pool(pool, pool.stat().st_mtime_ns)
    return data


@cache  # hundreds of recordings share a pool; a recorder writes it anew
def _read_pool(path: Path, _changed_ns: int) -> Mapping[str, Any]:
    return MappingProxyType(json.loads(path.read_text(encoding="utf-8")))


def share_objects(folder: Path) -> None:
    """Move the objects of all recordings below a folder into one pool, one object a line."""
    pool: dict[str, Any] = {}
    for path in sorted(folder.glob("*/*.json")):
        data = read_recording(path)
        pool |= data.pop("objects")
        calls = data.pop("calls")
        rows = ",\n".join(f"{_json(line)}: {_json(calls[line])}" for line in sorted(calls))
        path.write_text(f'{_json(data)[:-1]},\n"calls": {{\n{rows}\n}}}}\n', encoding="utf-8")
    rows = ",\n".join(f"{_json(key)}: {_json(pool[key])}" for key in sorted(pool))
    (folder / POOL).write_text(f"{{\n{rows}\n}}\n", encoding="utf-8")


def _line(*words: str) -> str:
    return " ".join(word for word in words if word)


def _program(verb: str, pod: PodRef, argv: Sequence[str]) -> str:
    return f"{verb} {pod.namespace}/{pod.pod}/{pod.container}: {shlex.join(argv)}"


def _json(value: object) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def _shortest(answers: Sequence[Any]) -> Sequence[Any]:
    return answers[:1] if all(answer == answers[0] for answer in answers) else answers
