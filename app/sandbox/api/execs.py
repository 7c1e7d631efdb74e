"""kubectl exec: a program's three streams as channels of one websocket.

Source: k8s.io/apimachinery, pkg/util/remotecommand (v4.channel.k8s.io, v5.channel.k8s.io).
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress

from starlette.websockets import WebSocket

from app.sandbox.api.answers import encoded
from app.sandbox.api.attaching import check_attach, follow
from app.sandbox.api.call import Call
from app.sandbox.api.ports import Kubelet
from app.sandbox.api.subresources import container_of
from app.sandbox.api.terminal import SHELLS, Terminal, shown
from app.sandbox.objects import Obj, at, items, name_of, namespace_of, text
from app.sandbox.status import StatusError, bad_request

PROTOCOLS = ("v5.channel.k8s.io", "v4.channel.k8s.io")
STDIN, STDOUT, STDERR, STATUS, RESIZE, CLOSE = 0, 1, 2, 3, 4, 255
PIECE = 32 * 1024  # bytes of output in one message


async def execute(socket: WebSocket, kubelet: Kubelet, call: Call, pod: Obj) -> None:
    """Run a program in a container until it ends or its client leaves.

    Raises: StatusError, before the websocket is accepted.
    """
    container = check_exec(call, pod)
    argv = call.request.query_params.getlist("command")
    offered = socket.scope.get("subprotocols", ())
    protocol = next((one for one in PROTOCOLS if one in offered), None)
    if protocol is None:
        raise bad_request(
            "unable to upgrade: unable to negotiate protocol: client supports "
            f"{list(offered)}, server accepts {list(PROTOCOLS)}"
        )
    await socket.accept(subprotocol=protocol)
    running = _Exec(socket, has_stdin=call.asks("stdin"), is_tty=call.asks("tty"))
    try:
        _check_running(pod, container)
    except StatusError as error:
        await running.refuse(error)
        return
    namespace, name = namespace_of(pod), name_of(pod)
    if call.target.subresource == "attach":
        program = follow(kubelet, pod, container, running)
    else:
        program = kubelet.exec(namespace, name, container, argv, running, call.asks("tty"))
    await running.run(asyncio.ensure_future(program), argv)


def check_exec(call: Call, pod: Obj) -> str:
    """Return the container in which something can be run as it is asked for.

    Raises: StatusError where it cannot.
    """
    container = container_of(pod, call.query("container"))
    if call.target.subresource == "attach":
        check_attach(pod, container)
    elif not call.request.query_params.getlist("command"):
        raise bad_request("you must specify at least one command for the container")
    if not any(call.asks(name) for name in ("stdin", "stdout", "stderr")):
        raise bad_request("you must specify at least 1 of stdin, stdout, stderr")
    if not text(pod, "spec.nodeName"):
        raise bad_request(f"pod {name_of(pod)} does not have a host assigned")
    return container


def _check_running(pod: Obj, container: str) -> None:
    """Raise the StatusError that a real server tells once the websocket is open."""
    known = [
        *items(pod, "status.containerStatuses"),
        *items(pod, "status.initContainerStatuses"),
    ]
    if not any(
        text(one, "name") == container and at(one, "state.running") is not None for one in known
    ):
        message = (
            "Internal error occurred: unable to upgrade connection: container not found "
            f'("{container}")'
        )
        raise StatusError(500, "InternalError", message)


class _Exec:
    """One program's streams: an Io whose output goes out as messages."""

    def __init__(self, socket: WebSocket, *, has_stdin: bool, is_tty: bool) -> None:
        self.stdin = asyncio.StreamReader()
        self._socket = socket
        self._queue: asyncio.Queue[bytes] = asyncio.Queue()
        self._is_tty = is_tty
        self._terminal = Terminal(self.stdin) if is_tty else None
        if not has_stdin:
            self.stdin.feed_eof()

    @property
    def _is_interrupted(self) -> bool:
        return self._terminal is not None and self._terminal.is_interrupted

    def out(self, data: bytes) -> None:
        """Write to standard output."""
        self._put(STDOUT, data)

    def err(self, data: bytes) -> None:
        """Write to standard error, which a terminal shows as it shows the other."""
        self._put(STDOUT if self._is_tty else STDERR, data)

    def _put(self, channel: int, data: bytes) -> None:
        said = shown(data) if self._is_tty else data
        for place in range(0, len(said), PIECE):
            self._queue.put_nowait(bytes([channel]) + said[place : place + PIECE])

    async def refuse(self, error: StatusError) -> None:
        """Tell why no program runs, and close."""
        await self._socket.send_bytes(bytes([STATUS]) + encoded(error.status()))
        await self._socket.close(1000)

    async def run(self, program: asyncio.Future[int], argv: Sequence[str]) -> None:
        """Carry a program's streams; tell how it ended, and close."""
        reading = asyncio.create_task(self._read(program, argv))
        sending = asyncio.create_task(self._send())
        try:
            await asyncio.wait((program, reading), return_when=asyncio.FIRST_COMPLETED)
            if program.done():
                self._queue.put_nowait(bytes([STATUS]) + encoded(_ended(program)))
                self._queue.put_nowait(b"")
                await asyncio.wait((sending, reading), return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (program, reading, sending):
                task.cancel()
            await asyncio.gather(program, reading, sending, return_exceptions=True)

    async def _read(self, program: asyncio.Future[int], argv: Sequence[str]) -> None:
        """Feed what comes to the program, until the client leaves."""
        while (message := await self._socket.receive())["type"] == "websocket.receive":
            body = message.get("bytes") or b""
            if body[:1] == bytes([STDIN]):
                self._feed(body[1:])
                if self._is_interrupted and not set(argv[:1]) & set(SHELLS):
                    program.cancel()
            elif body == bytes([CLOSE, STDIN]) and not self.stdin.at_eof():
                self.stdin.feed_eof()

    def _feed(self, data: bytes) -> None:
        if self._terminal is None:
            with suppress(AssertionError):  # input after its end is no concern of ours
                self.stdin.feed_data(data)
        elif echo := self._terminal.typed(data):
            self._queue.put_nowait(bytes([STDOUT]) + echo)

    async def _send(self) -> None:
        """Send what was queued; b"" ends the conversation."""
        with suppress(OSError, RuntimeError):
            while message := await self._queue.get():
                await self._socket.send_bytes(message)
            await self._socket.close(1000)


def _ended(program: asyncio.Future[int]) -> Obj:
    """Return the Status of how a program ended."""
    if program.cancelled():
        return _failed(130)
    error = program.exception()
    if isinstance(error, StatusError):
        return error.status()
    if error is not None:
        message = f"Internal error occurred: error executing command in container: {error}"
        return StatusError(500, "InternalError", message).status()
    code = program.result()
    return {"metadata": {}, "status": "Success"} if code == 0 else _failed(code)


def _failed(code: int) -> Obj:
    return {
        "metadata": {},
        "status": "Failure",
        "message": f"command terminated with non-zero exit code: exit status {code}",
        "reason": "NonZeroExitCode",
        "details": {"causes": [{"reason": "ExitCode", "message": str(code)}]},
    }
