"""The two probes that traffic checks ask from: small pods, one in the mesh and one outside."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from app.clusters.answer import Answer
from app.clusters.cluster import Change, PodRef
from app.clusters.kinds import kind_of, path_of
from app.clusters.objects import Json, Object
from app.clusters.pods import has_sidecar, readiness, status_word
from app.errors import Unavailable

INSIDE_NAMESPACE: Final = "mesh-dojo-probe"
OUTSIDE_NAMESPACE: Final = "mesh-dojo-outside"
NAMESPACES: Final = (INSIDE_NAMESPACE, OUTSIDE_NAMESPACE)
POD: Final = "probe"
CONTAINER: Final = "curl"
IMAGE: Final = "docker.io/curlimages/curl:8.16.0"
READY_S: Final = 90.0  # an image of 20 MB over a slow line
GONE_S: Final = 60.0
MARK: Final = {"app.kubernetes.io/managed-by": "mesh-dojo"}
ISTIO_NAMESPACE: Final = "istio-system"
INJECTOR: Final = "app=sidecar-injector"

_HOPELESS: Final = ("ImagePullBackOff", "InvalidImageName", "CreateContainerConfigError")


@dataclass(frozen=True)
class Probes:
    """Where to ask from. `inside` is None as long as there is no mesh to be in."""

    inside: PodRef | None
    outside: PodRef


class Changeable(Protocol):
    """What the probes need of a cluster: reading, and writing what is theirs."""

    async def get(self, kind: str, name: str, namespace: str = "") -> Object | None:
        """Return one object, None where there is none."""
        ...

    async def list(self, kind: str, namespace: str = "", labels: str = "") -> Sequence[Object]:
        """Return objects by name."""
        ...

    def watch(self, kinds: Sequence[str], namespace: str) -> AsyncIterator[Change]:
        """Yield what is there, then what changes."""
        ...

    async def send(
        self, method: str, path: str, body: Mapping[str, Json] | None = None, content_type: str = ""
    ) -> Answer:
        """Return what the API server answers to a write."""
        ...


class ProbePods:
    """Makes the probes, keeps them fit for the mesh that is installed now, removes them.

    Raises, everywhere: ClusterUnavailable, NotAllowed; Unavailable where a probe does not start.
    """

    def __init__(self, cluster: Changeable, *, ready_s: float = READY_S) -> None:
        self._cluster = cluster
        self._ready_s = ready_s
        self._turn = asyncio.Lock()

    async def ensure(self) -> Probes:
        """Return both probes, ready; makes what is missing, and makes anew what no longer fits."""
        async with self._turn:
            since = await self._mesh_since()
            if since is None:
                return Probes(None, await self._probe(OUTSIDE_NAMESPACE, None))
            inside, outside = await asyncio.gather(
                self._probe(INSIDE_NAMESPACE, since), self._probe(OUTSIDE_NAMESPACE, None)
            )
            return Probes(inside, outside)

    async def sweep(self) -> None:
        """Remove both namespaces; returns when they are gone."""
        async with self._turn:
            await asyncio.gather(*(self._remove("Namespace", name) for name in NAMESPACES))

    async def are_there(self) -> bool:
        """Return whether anything of the probes is in the cluster."""
        found = [await self._cluster.get("Namespace", name) for name in NAMESPACES]
        return any(namespace is not None for namespace in found)

    async def _mesh_since(self) -> datetime | None:
        """When the mesh of now was installed; None where nothing would inject a sidecar."""
        istiod = await self._cluster.get("Deployment", "istiod", ISTIO_NAMESPACE)
        webhooks = await self._cluster.list("MutatingWebhookConfiguration", labels=INJECTOR)
        if istiod is None or istiod.is_terminating or not webhooks:
            return None
        return max(istiod.created, *(webhook.created for webhook in webhooks))

    async def _probe(self, namespace: str, mesh_since: datetime | None) -> PodRef:
        await self._ensure_namespace(namespace, in_mesh=mesh_since is not None)
        pod = await self._cluster.get("Pod", POD, namespace)
        if pod is not None and not _fits(pod, mesh_since):
            await self._remove("Pod", POD, namespace)
            pod = None
        if pod is None:
            pod = await self._create("Pod", _pod(namespace), namespace)
        if not _is_ready(pod):
            pod = await self._wait_until_ready(namespace)
        if mesh_since is not None and not has_sidecar(pod):
            raise Unavailable(
                "The probe inside the mesh got no sidecar, though Istio is installed.",
                hint="Is a revision without a default installed? istioctl tag list",
            )
        return PodRef(namespace, POD, CONTAINER)

    async def _ensure_namespace(self, name: str, *, in_mesh: bool) -> None:
        found = await self._cluster.get("Namespace", name)
        if found is not None and found.is_terminating:
            await self._wait_until_gone("Namespace", name)
            found = None
        if found is None:
            labels: dict[str, Json] = {
                **MARK,
                "istio-injection": "enabled" if in_mesh else "disabled",
            }
            body: dict[str, Json] = {"metadata": {"name": name, "labels": labels}}
            await self._create("Namespace", body)

    async def _create(self, kind: str, body: dict[str, Json], namespace: str = "") -> Object:
        path = path_of(kind_of(kind), "v1", namespace)
        answer = await self._cluster.send("POST", path, {"apiVersion": "v1", "kind": kind, **body})
        if answer.status not in (200, 201, 409):  # 409: another process of the lab was faster
            raise Unavailable(
                f"The cluster does not take the probe's {kind}: {answer.message}.",
                hint="Traffic checks need it; see what refuses it: kubectl get events -A",
            )
        return answer.body

    async def _remove(self, kind: str, name: str, namespace: str = "") -> None:
        path = path_of(kind_of(kind), "v1", namespace, name)
        answer = await self._cluster.send("DELETE", path, {"gracePeriodSeconds": 0})
        if answer.status != 404:
            await self._wait_until_gone(kind, name, namespace)

    async def _wait_until_gone(self, kind: str, name: str, namespace: str = "") -> None:
        try:
            async with asyncio.timeout(GONE_S):
                while True:  # a watch that spans all namespaces would cost more
                    if await self._cluster.get(kind, name, namespace) is None:
                        return
                    await asyncio.sleep(0.2)
        except TimeoutError as error:
            raise Unavailable(
                f"{kind} {name} is being deleted and does not go away.",
                hint=f"What holds it? kubectl get {kind.lower()} {name} -o yaml",
            ) from error

    async def _wait_until_ready(self, namespace: str) -> Object:
        deadline = asyncio.get_running_loop().time() + self._ready_s
        pod = Object({})
        watch = self._cluster.watch(["Pod", "Event"], namespace)
        told: list[str] = []
        async with aclosing(watch) as changes:  # type: ignore[type-var]
            try:
                while True:
                    async with asyncio.timeout_at(deadline):
                        change = await anext(changes)
                    found = change.object
                    if found is None or change.type == "deleted":
                        continue
                    if change.kind == "Event" and found.text("type") == "Warning":
                        told.append(found.text("message"))
                    elif change.kind == "Pod" and found.name == POD:
                        pod = found
                        if _is_ready(pod):
                            return pod
                        if status_word(pod).removeprefix("Init:") in _HOPELESS:
                            break
            except TimeoutError:
                pass
        raise _not_started(namespace, pod, told)


def _fits(pod: Object, mesh_since: datetime | None) -> bool:
    """A sidecar of an earlier installation trusts another root, and has no istiod to ask."""
    if pod.is_terminating or pod.text("status.phase") in ("Failed", "Succeeded"):
        return False
    images = [c.text("image") for c in pod.parts("spec.containers")]
    if IMAGE not in images:
        return False
    return mesh_since is None or (has_sidecar(pod) and pod.created >= mesh_since)


def _is_ready(pod: Object) -> bool:
    state = readiness(pod)
    return not pod.is_terminating and state.total > 0 and state.is_all


def _not_started(namespace: str, pod: Object, told: Sequence[str]) -> Unavailable:
    word = status_word(pod)
    look = f"kubectl describe pod {POD} -n {namespace}"
    said = f" The cluster says: {told[-1]}" if told else ""
    if "Image" in word:
        return Unavailable(
            f"The probe's image {IMAGE} cannot be pulled ({word}).{said}",
            hint=f"Can the cluster reach the registry? {look}",
        )
    return Unavailable(
        f"The probe in {namespace} does not become ready; it is {word}.{said}", hint=look
    )


def _pod(namespace: str) -> dict[str, Json]:
    security: dict[str, Json] = {
        "allowPrivilegeEscalation": False,
        "runAsNonRoot": True,
        "runAsUser": 65534,
        "capabilities": {"drop": ["ALL"]},
        "seccompProfile": {"type": "RuntimeDefault"},
    }
    container: dict[str, Json] = {
        "name": CONTAINER,
        "image": IMAGE,
        "imagePullPolicy": "IfNotPresent",
        "command": ["sleep", "2147483647"],  # busybox has no "infinity" in every build
        "resources": {
            "requests": {"cpu": "5m", "memory": "16Mi"},
            "limits": {"memory": "128Mi"},
        },
        "securityContext": security,
    }
    return {
        "metadata": {"name": POD, "namespace": namespace, "labels": {**MARK, "app": POD}},
        "spec": {
            "containers": [container],
            "automountServiceAccountToken": False,
            "enableServiceLinks": False,
            "terminationGracePeriodSeconds": 1,
        },
    }
