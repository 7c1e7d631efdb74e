"""kubectl port-forward: SPDY/3.1 inside a websocket, a connection to the pod for each request.

Source: k8s.io/kubernetes, pkg/kubelet/cri/streaming/portforward; KEP-4006.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

from starlette.websockets import WebSocket

from app.sandbox.api.ports import Kubelet
from app.sandbox.api.spdy import (
    PING,
    RST_STREAM,
    SYN_STREAM,
    BrokenFrame,
    Frame,
    Session,
    control,
    data,
    window,
)
from app.sandbox.objects import Obj, name_of, namespace_of, text
from app.sandbox.status import StatusError, bad_request

PROTOCOL = "SPDY/3.1+portforward.k8s.io"
CHUNK = 32 * 1024
MOST_STREAMS = 512  # of one port-forward at a time, both of each request


async def forward(socket: WebSocket, kubelet: Kubelet, pod: Obj) -> None:
    """Carry a port-forward until its client leaves. Raises: StatusError 400 before it begins."""
    check_forward(pod)
    if PROTOCOL not in socket.scope.get("subprotocols", ()):
        raise bad_request(f"unable to upgrade: only {PROTOCOL} is spoken")
    await socket.accept(subprotocol=PROTOCOL)
    await _Forwarding(socket, kubelet, pod).run()


def check_forward(pod: Obj) -> None:
    """Raises: StatusError where a pod's ports cannot be forwarded."""
    if text(pod, "status.phase") != "Running":
        phase = text(pod, "status.phase")
        raise bad_request(
            f"unable to forward port because pod is not running. Current status={phase}"
        )


class _Forwarding:
    """The streams of one port-forward."""

    def __init__(self, socket: WebSocket, kubelet: Kubelet, pod: Obj) -> None:
        self._socket = socket
        self._kubelet = kubelet
        self._pod = pod
        self._session = Session()
        self._errors: dict[str, int] = {}  # request: the stream that tells its error
        self._incoming: dict[
            int, asyncio.Queue[bytes]
        ] = {}  # data stream: what came, b"" at its end
        self._tasks: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Answer frames until the client leaves or breaks the protocol."""
        try:
            async for message in _messages(self._socket):
                for frame in self._session.frames(message):
                    await self._take(frame)
        except (BrokenFrame, OSError, RuntimeError):
            with suppress(RuntimeError, OSError):
                await self._socket.close(1002)
        finally:
            for task in tuple(self._tasks):
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _take(self, frame: Frame) -> None:
        if frame.kind == 0:
            await self._taken(frame)
        elif frame.kind == SYN_STREAM:
            await self._begin(frame)
        elif frame.kind == PING:
            await self._send(control(PING, frame.body))
        elif frame.kind == RST_STREAM and frame.stream in self._incoming:
            self._incoming[frame.stream].put_nowait(b"")

    async def _taken(self, frame: Frame) -> None:
        queue = self._incoming.get(frame.stream)
        if queue is None:
            return
        if frame.body:
            queue.put_nowait(frame.body)
            await self._send(window(frame.stream, len(frame.body)))
        if frame.is_last:
            queue.put_nowait(b"")

    async def _begin(self, frame: Frame) -> None:
        headers = self._session.headers(frame)
        request = headers.get("requestid", "")
        if len(self._incoming) + len(self._errors) >= MOST_STREAMS:
            raise BrokenFrame("too many streams")
        await self._send(self._session.reply(frame.stream))
        if headers.get("streamtype") == "error":
            self._errors[request] = frame.stream
            return
        port = headers.get("port", "")
        self._incoming[frame.stream] = asyncio.Queue()
        carrying = self._carry(frame.stream, int(port) if port.isdigit() else 0, request)
        task = asyncio.create_task(carrying)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _carry(self, stream: int, port: int, request: str) -> None:
        """Connect one request to the pod, and carry its bytes both ways."""
        error = self._errors.get(request, 0)
        try:
            reader, writer = await self._connected(port)
        except (OSError, StatusError) as why:
            told = f"error forwarding port {port} to pod {text(self._pod, 'metadata.uid')}: {why}"
            await self._send(data(error, told.encode(), is_last=True))
            await self._send(data(stream, b"", is_last=True))
            return
        else:
            upwards = asyncio.create_task(self._write(stream, writer))
            try:
                while piece := await reader.read(CHUNK):
                    await self._send(data(stream, piece))
            except OSError:
                pass
            finally:
                upwards.cancel()
                writer.close()
                await asyncio.gather(upwards, return_exceptions=True)
            await self._send(data(stream, b"", is_last=True))
            await self._send(data(error, b"", is_last=True))
        finally:
            self._incoming.pop(stream, None)
            self._errors.pop(request, None)

    async def _connected(self, port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await self._kubelet.portforward(namespace_of(self._pod), name_of(self._pod), port)

    async def _write(self, stream: int, writer: asyncio.StreamWriter) -> None:
        queue = self._incoming[stream]
        with suppress(OSError):
            while piece := await queue.get():
                writer.write(piece)
                await writer.drain()
            if writer.can_write_eof():
                writer.write_eof()

    async def _send(self, frame: bytes) -> None:
        await self._socket.send_bytes(frame)


async def _messages(socket: WebSocket) -> AsyncIterator[bytes]:
    """Yield binary messages until the client leaves."""
    while (message := await socket.receive())["type"] == "websocket.receive":
        if body := message.get("bytes"):
            yield body
