"""When a cluster has come to rest: nothing that a check would see is still on its way."""

import asyncio
import time
from collections.abc import Sequence
from typing import Final

from app.clusters.cluster import Cluster
from app.clusters.objects import Object
from app.clusters.pods import readiness, status_word

REST_S: Final = 45.0  # a pod of the sandbox takes two; a probe that fails for ever never rests
POLL_S: Final = 0.1
# What a pod says that will not become ready by waiting.
HOPELESS: Final = frozenset(
    {
        "ErrImagePull",
        "ImagePullBackOff",
        "InvalidImageName",
        "CrashLoopBackOff",
        "CreateContainerConfigError",
        "Error",
        "Completed",
        "Evicted",
    }
)


async def until_settled(
    cluster: Cluster, namespaces: Sequence[str], *, rest_s: float = REST_S
) -> bool:
    """Return whether nothing is on its way in these namespaces, as soon as that is so.

    False after `rest_s`.

    Raises: ClusterUnavailable, NotAllowed.
    """
    deadline = time.monotonic() + rest_s
    while True:  # watches of all these kinds would cost more than a few looks
        if await _is_settled(cluster, namespaces):
            return True
        if time.monotonic() > deadline:
            return False
        await asyncio.sleep(POLL_S)


async def _is_settled(cluster: Cluster, namespaces: Sequence[str]) -> bool:
    found = await asyncio.gather(
        *(cluster.list(kind, name) for name in namespaces for kind in ("Deployment", "Pod")),
        *(cluster.get("Namespace", name) for name in namespaces),
    )
    return all(_rests(each) for part in found for each in _objects(part))


def _objects(part: list[Object] | Object | None) -> list[Object]:
    if isinstance(part, list):
        return part
    return [] if part is None else [part]


def _rests(found: Object) -> bool:
    if found.is_terminating:
        return False
    if found.kind == "Deployment":
        return _is_carried_out(found)
    if found.kind == "Pod":
        word = status_word(found).removeprefix("Init:")
        return readiness(found).is_all or word in HOPELESS
    return True


def _is_carried_out(deployment: Object) -> bool:
    """Whether its pods were made and the old ones told to go; not whether they are well."""
    seen = deployment.number("status.observedGeneration") or 0
    if seen < (deployment.number("metadata.generation") or 0):
        return False
    wanted = deployment.number("spec.replicas")
    return (deployment.number("status.updatedReplicas") or 0) >= (1 if wanted is None else wanted)
