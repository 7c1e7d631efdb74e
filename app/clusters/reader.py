"""A real cluster: objects as plain data, watches, and questions from inside pods."""

import asyncio
import builtins
import time
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from pathlib import Path
from typing import TYPE_CHECKING, Final

from app.clusters.answer import Answer
from app.clusters.cluster import Change, Output, PodRef
from app.clusters.kinds import ObjectKind, kind_of, path_of
from app.clusters.objects import Json, Object
from app.clusters.podexec import lines_of, output_of, run_in
from app.clusters.programs import Programs
from app.clusters.watching import WATCH_S, Expired, Listing, Pace, readable, watch_all

if TYPE_CHECKING:
    from app.clusters.api import Api

DEFAULT_PACE: Final = Pace()

# A list and an object are asked for by different names; the wrong one is refused with 406.
_LIST_OF_NAMES: Final = {
    "Accept": "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"
}
_NAME_ONLY: Final = {"Accept": "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1"}


class KubeCluster:
    """The cluster of a minified kubeconfig. Keeps the Protocol `Cluster`, and whatever it raises.

    Nothing is connected before the first question; `close` ends all connections.
    """

    def __init__(self, kubeconfig: Path, programs: Programs, pace: Pace = DEFAULT_PACE) -> None:
        self._kubeconfig = kubeconfig
        self._programs = programs
        self._pace = pace
        self._api: Api | None = None
        self._one_pulse = asyncio.Lock()
        self._versions: dict[str, tuple[str, ...]] = {}  # API group: the versions it serves

    async def get(self, kind: str, name: str, namespace: str = "") -> Object | None:
        """Return one object, None where there is none (or its kind is not installed)."""
        answer = await self._read(kind_of(kind), namespace, name)
        return None if answer is None else readable(answer.body, kind)

    async def list(self, kind: str, namespace: str = "", labels: str = "") -> list[Object]:
        """Return objects by name; of all namespaces where none is given."""
        query = [("labelSelector", labels)] if labels else []
        answer = await self._read(kind_of(kind), namespace, query=query)
        return _items(answer.body, kind) if answer else []

    def watch(self, kinds: Sequence[str], namespace: str) -> AsyncGenerator[Change, None]:
        """Yield what is there, then what changes, for ever; short breaks do not show."""
        return watch_all(self, kinds, namespace, self._pace)

    async def ask(
        self, pod: PodRef, argv: Sequence[str], *, timeout_s: float
    ) -> AsyncGenerator[str, None]:
        """Run one program inside a container; yield its lines, then `\\x00exit N`."""
        api = await self._connected()
        async with (
            aclosing(run_in(api, pod, argv, timeout_s=timeout_s)) as pieces,
            aclosing(lines_of(pieces)) as lines,
        ):
            async for line in lines:
                yield line

    async def exec(self, pod: PodRef, argv: Sequence[str], *, timeout_s: float) -> Output:
        """Run one program inside a container and return everything it said."""
        api = await self._connected()
        async with aclosing(run_in(api, pod, argv, timeout_s=timeout_s)) as pieces:
            return await output_of(pieces)

    async def istioctl(self, argv: Sequence[str], *, timeout_s: float) -> Output:
        """Run istioctl with these arguments. Raises also: ToolMissing."""
        return await self._programs.run(["istioctl", *argv], timeout_s=timeout_s)

    async def version(self) -> str:
        """Return the API server's version, such as `v1.35.2`."""
        api = await self._connected()
        return (await api.request("GET", "/version")).body.text("gitVersion")

    async def may(self, verb: str, kind: str, namespace: str = "", subresource: str = "") -> bool:
        """Return whether this account may do that, in a namespace or everywhere."""
        known = kind_of(kind)
        attributes: dict[str, Json] = {
            "verb": verb,
            "group": known.group,
            "resource": known.plural,
            "subresource": subresource,
            "namespace": namespace,
        }
        body: dict[str, Json] = {
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "SelfSubjectAccessReview",
            "spec": {"resourceAttributes": attributes},
        }
        path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
        answer = await self.send("POST", path, body)
        return answer.body.at("status.allowed") is True

    async def send(
        self, method: str, path: str, body: Mapping[str, Json] | None = None, content_type: str = ""
    ) -> Answer:
        """Return what the API server answers to a write. For the probes: checks change nothing."""
        headers = {"Content-Type": content_type} if content_type else None
        return await (await self._connected()).request(method, path, body=body, headers=headers)

    async def close(self) -> None:
        """End all connections."""
        api, self._api = self._api, None
        if api is not None:
            await api.close()

    async def listing(self, kind: str, namespace: str) -> Listing | None:
        """Return all objects of a kind with the version that a watch goes on from."""
        answer = await self._read(kind_of(kind), namespace, query=_only(kind, namespace))
        if answer is None:
            return None
        version = answer.body.text("metadata.resourceVersion")
        return Listing(_items(answer.body, kind), version)

    async def events(self, kind: str, namespace: str, version: str) -> AsyncGenerator[bytes, None]:
        """Yield the events after that version. Raises: Expired."""
        from app.clusters.api import StreamRefused

        known = kind_of(kind)
        path = path_of(known, await self._version(known) or known.versions[0], namespace)
        query = [
            ("watch", "1"),
            ("allowWatchBookmarks", "true"),
            ("resourceVersion", version),
            ("timeoutSeconds", str(WATCH_S)),
            *_only(kind, namespace),
        ]
        api = await self._connected()
        headers = _NAME_ONLY if known.names_only else None
        try:
            lines = api.lines(path, query, silent_s=WATCH_S + 30, headers=headers)
            async with aclosing(lines) as stream:
                async for line in stream:
                    yield line
        except StreamRefused as error:
            self._versions.pop(known.group, None)
            raise Expired from error

    async def pulse(self) -> None:
        """Return when the API server has just answered, whatever it said."""
        api = await self._connected()
        async with self._one_pulse:  # of many watches one asks, for all
            if time.monotonic() - api.heard_at > self._pace.pulse_s:
                await api.request("GET", "/version", total_s=self._pace.pulse_s)

    async def _read(
        self,
        kind: ObjectKind,
        namespace: str,
        name: str = "",
        query: Sequence[tuple[str, str]] = (),
    ) -> Answer | None:
        version = await self._version(kind)
        if not version:
            return None
        names = _NAME_ONLY if name else _LIST_OF_NAMES
        headers = names if kind.names_only else None
        api = await self._connected()
        path = path_of(kind, version, namespace, name)
        answer = await api.request("GET", path, query, headers=headers)
        if answer.status == 404 and not name:
            self._versions.pop(kind.group, None)  # uninstalled since: ask again next time
        return answer if answer.status == 200 else None

    async def _version(self, kind: ObjectKind) -> str:
        """The version to read a kind in; empty where its group is not installed."""
        if kind.has_one_version:
            return kind.versions[0]
        if kind.group not in self._versions:
            answer = await (await self._connected()).request("GET", f"/apis/{kind.group}")
            if answer.status != 200:
                return ""
            served = tuple(part.text("version") for part in answer.body.parts("versions"))
            self._versions[kind.group] = served
        served = self._versions[kind.group]
        return next((version for version in kind.versions if version in served), "")

    async def _connected(self) -> "Api":
        if self._api is None:
            connection = await asyncio.to_thread(_load_api)
            self._api = self._api or connection(self._kubeconfig)
        return self._api


def _load_api() -> "type[Api]":
    from app.clusters.api import Api

    return Api


def _only(kind: str, namespace: str) -> builtins.list[tuple[str, str]]:
    """A Namespace is in no namespace; to watch one means to watch the one of that name."""
    is_named = kind == "Namespace" and namespace
    return [("fieldSelector", f"metadata.name={namespace}")] if is_named else []


def _items(body: Object, kind: str) -> builtins.list[Object]:
    version = body.text("apiVersion")
    found = [readable(item, kind, version) for item in body.parts("items")]
    return sorted(found, key=lambda item: (item.namespace, item.name))
