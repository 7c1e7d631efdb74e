"""kubectl attach, and `kubectl run -i`: a container's output from now on, until it ends.

A container's program gets no input here, so what would wait for some is refused.
"""

from app.sandbox.api.ports import Kubelet
from app.sandbox.api.terminal import SHELLS
from app.sandbox.objects import Obj, items, name_of, namespace_of, text, words
from app.sandbox.shell.io import Io
from app.sandbox.status import StatusError

READERS = ("", "cat", *SHELLS)  # what an image runs by itself may be a shell too


def check_attach(pod: Obj, container: str) -> None:
    """Raises: StatusError where the container's program would wait for input."""
    for spec in items(pod, "spec.containers"):
        if text(spec, "name") == container and spec.get("stdin") is True and _reads(spec):
            said = "the sandbox gives no input to a container's own program, exec -it does"
            raise StatusError(405, "MethodNotAllowed", said)


def _reads(spec: Obj) -> bool:
    argv = [*words(spec, "command"), *words(spec, "args")]
    first, second = (*argv, "", "")[:2]
    return first in READERS and not second.startswith("-c")


async def follow(kubelet: Kubelet, pod: Obj, container: str, io: Io) -> int:
    """Write what a container says from now on; return 0 when it has ended."""
    lines = kubelet.logs(namespace_of(pod), name_of(pod), container, follow=True, tail=0)
    async for line in lines:
        io.out(line)
    return 0
