"""What a container says of its end: the message in its status.

Source: https://kubernetes.io/docs/tasks/debug/debug-application/determine-reason-pod-failure/
"""

from app.sandbox.kubelet.logs import Log
from app.sandbox.objects import Obj, items, text
from app.sandbox.shell.container import Container

MOST_BYTES = 4096  # of the file; what is kept is its end
MOST_OF_LOG = 2048
MOST_LINES = 80
MOST_OF_POD = 12_288  # bytes of all its containers together, each has an equal share


def make_room(container: Container, spec: Obj) -> None:
    """Put the file there into which a container may write why it ends."""
    if path := text(spec, "terminationMessagePath"):
        container.files.put(path, b"", is_writable=True)


def farewell(pod: Obj, spec: Obj, container: Container | None, log: Log, code: int) -> str:
    """Return what a container that has ended says of it, empty where it says nothing."""
    said, path = b"", text(spec, "terminationMessagePath")
    if container is not None and path and container.files.has(path):
        said = container.files.read(path)[-MOST_BYTES:]
    if not said and code and text(spec, "terminationMessagePolicy") == "FallbackToLogsOnError":
        said = log.end(MOST_LINES)[-MOST_OF_LOG:]
    count = len(items(pod, "spec.containers")) + len(items(pod, "spec.initContainers"))
    return said[: MOST_OF_POD // max(count, 1)].decode("utf-8", "replace")
