"""Asking the admin interface of a pod's proxy, with the words of a port-forward that fails."""

import random
from typing import Final

from app.sandbox.istioctl.lab import Around
from app.sandbox.istioctl.line.command import Call
from app.sandbox.istioctl.line.failure import Failure
from app.sandbox.istioctl.pods import PodName
from app.sandbox.istiod.istiod import NoProxy
from app.sandbox.objects import text
from app.sandbox.store.store import Store

ADMIN: Final = 15000
OWN_PORTS: Final = (32768, 61000)  # which of this machine's a port-forward would have taken
UNREACHED: Final = "failure running port forward process"


async def ask(call: Call[Around], pod: PodName, path: str, method: str = "GET") -> bytes:
    """Return what a pod's proxy says. Raises: Failure, with the words of the real one."""
    lab = call.context.lab
    port = number_of(call)
    trouble = unreachable(lab.store, pod)
    if trouble:
        raise Failure(f"{UNREACHED}: {trouble}")
    try:
        if port == ADMIN:
            return await lab.mesh.admin(pod.namespace, pod.name, path, method)
    except NoProxy:
        pass
    own = random.randrange(*OWN_PORTS)
    asked = f"http://localhost:{own}/{path.lstrip('/')}"
    raise Failure(f'{UNREACHED}: {method.title()} "{asked}": EOF')


def number_of(call: Call[Around]) -> int:
    """Return the port of a proxy's admin interface that a line names. Raises: Failure."""
    if "proxy-admin-port" not in call.flags.flags:
        return ADMIN
    port = call.flags.number("proxy-admin-port")
    if not 1 <= port <= 65535:
        raise Failure(f"port number {port} must be in the range 1..65535")
    return port


def unreachable(store: Store, pod: PodName) -> str:
    """Return why a pod's ports cannot be reached; empty where they can."""
    found, start = store.get("pods", pod.name, pod.namespace), "building port forwarded:"
    if found is None:
        said = f'pods "{pod.name}" not found in the "{pod.namespace}" namespace'
        return f"{UNREACHED}: {start} failed retrieving: {said}"
    phase = text(found, "status.phase")
    return "" if phase == "Running" else f"{UNREACHED}: {start} pod is not running. Status={phase}"
