"""Running a program inside a container, over the API server's own websocket."""

import asyncio
import json
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from app.clusters.cluster import Output, PodRef
from app.clusters.objects import Object
from app.errors import ClusterUnavailable

if TYPE_CHECKING:
    from app.clusters.api import Api

PROTOCOL: Final = "v5.channel.k8s.io"
MAX_OUTPUT_BYTES: Final = 16 * 1024 * 1024  # a proxy's whole configuration is 1 to 3 MB
END_MARK: Final = "\x00exit "

_STDOUT, _STDERR, _STATUS = 1, 2, 3


@dataclass(frozen=True)
class Said:
    """A piece of output, or how it ended: `code` as text, `timeout` where time ran out."""

    stream: Literal["out", "err", "end"]
    data: bytes


async def run_in(
    api: "Api", pod: PodRef, argv: Sequence[str], *, timeout_s: float
) -> AsyncGenerator[Said, None]:
    """Yield what the program says as it comes; the last piece is how it ended.

    Raises: ClusterUnavailable where the connection or the container goes away, NotAllowed.
    """
    deadline = asyncio.get_running_loop().time() + timeout_s
    query = [("command", word) for word in argv] + [("stdout", "true"), ("stderr", "true")]
    if pod.container:
        query.append(("container", pod.container))
    path = f"/api/v1/namespaces/{pod.namespace}/pods/{pod.pod}/exec"
    async with api.socket(path, query, PROTOCOL) as socket:
        while True:
            try:
                async with asyncio.timeout_at(deadline):
                    message = await socket.receive()
            except TimeoutError:
                yield Said("end", b"timeout")
                return
            if not isinstance(message.data, bytes) or not message.data:
                raise ClusterUnavailable(
                    f"The connection to pod {pod.pod} broke before the program ended.",
                    hint=f"Is the pod still there? kubectl get pod {pod.pod} -n {pod.namespace}",
                )
            channel, data = message.data[0], message.data[1:]
            if channel == _STATUS:
                yield Said("end", str(_exit_code(data, pod)).encode())
                return
            if data and channel in (_STDOUT, _STDERR):
                yield Said("out" if channel == _STDOUT else "err", data)


async def lines_of(pieces: AsyncGenerator[Said, None]) -> AsyncGenerator[str]:
    """Yield the lines of standard output, then `\\x00exit N`."""
    rest = b""
    async for said in pieces:
        if said.stream == "out":
            *whole, rest = (rest + said.data).split(b"\n")
            for line in whole:
                yield _text(line)
        elif said.stream == "end":
            if rest:
                yield _text(rest)
            yield END_MARK + said.data.decode()


async def output_of(pieces: AsyncGenerator[Said, None]) -> Output:
    """Return everything that was said, up to MAX_OUTPUT_BYTES of each stream."""
    streams = {"out": bytearray(), "err": bytearray()}
    code: int | None = None
    async for said in pieces:
        if said.stream == "end":
            code = None if said.data == b"timeout" else int(said.data)
        elif len(streams[said.stream]) < MAX_OUTPUT_BYTES:
            streams[said.stream] += said.data
    return Output(code, _text(streams["out"]), _text(streams["err"]))


def _text(data: bytes | bytearray) -> str:
    return data.decode("utf-8", errors="replace").replace("\x00", "\ufffd")


def _exit_code(data: bytes, pod: PodRef) -> int:
    status = Object(json.loads(data))
    if status.text("status") == "Success":
        return 0
    for cause in status.parts("details.causes"):
        if cause.text("reason") == "ExitCode":
            return int(cause.text("message"))
    raise ClusterUnavailable(
        f"The program could not be started in pod {pod.pod}: {status.text('message')}.",
        hint=f"Look at the pod: kubectl describe pod {pod.pod} -n {pod.namespace}",
    )
