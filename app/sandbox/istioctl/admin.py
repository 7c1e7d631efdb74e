"""Asking the admin interface of a pod's proxy, with the words of a port-forward that fails."""

from typing import Final

from app.sandbox.istioctl.lab import Around
from app.sandbox.istioctl.line.command import Call
from app.sandbox.istioctl.line.failure import Failure
from app.sandbox.istioctl.pods import PodName
from app.sandbox.istiod.istiod import NoProxy
from app.sandbox.objects import text
from app.sandbox.store.store import Store

UNREACHED: Final = "failure running port forward process"


async def ask(call: Call[Around], pod: PodName, path: str, method: str = "GET") -> bytes:
    """Return what a pod's proxy says. Raises: Failure, with the words of the real one."""
    lab = call.context.lab
    trouble = unreachable(lab.store, pod)
    if trouble:
        raise Failure(f"{UNREACHED}: {trouble}")
    try:
        return await lab.mesh.admin(pod.namespace, pod.name, path, method)
    except NoProxy as missing:
        raise Failure(f"{UNREACHED}: {missing}") from missing


def unreachable(store: Store, pod: PodName) -> str:
    """Return why a pod's ports cannot be reached; empty where they can."""
    found, start = store.get("pods", pod.name, pod.namespace), "building port forwarded:"
    if found is None:
        said = f'pods "{pod.name}" not found in the "{pod.namespace}" namespace'
        return f"{UNREACHED}: {start} failed retrieving: {said}"
    phase = text(found, "status.phase")
    return "" if phase == "Running" else f"{UNREACHED}: {start} pod is not running. Status={phase}"
