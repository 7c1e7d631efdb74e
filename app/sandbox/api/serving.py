"""The API server on its socket: https on a port of loopback, and nowhere else."""

import contextlib
import socket
from collections.abc import Iterator
from typing import TYPE_CHECKING

from starlette.types import ASGIApp

from app.sandbox.api.certificates import Certificates

if TYPE_CHECKING:
    import uvicorn

HOST = "127.0.0.1"
BACKLOG = 512
STOP_S = 1  # seconds that open streams have to end by themselves


def listening(port: int = 0) -> socket.socket:
    """Return a listening socket of loopback; port 0 takes a free one. Raises: OSError."""
    # asyncio sends small writes at once only on sockets that say that they are TCP: without the
    # third word each answer waits 40 ms for the client's delayed acknowledgement.
    found = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        found.bind((HOST, port))
        found.listen(BACKLOG)
    except OSError:
        found.close()
        raise
    found.setblocking(False)
    return found


class Serving:
    """An API server that serves from `start` until `stop`."""

    def __init__(self, app: ASGIApp, certificates: Certificates, socket_: socket.socket) -> None:
        self._app = app
        self._certificates = certificates
        self._socket = socket_
        self._server: uvicorn.Server | None = None

    @property
    def address(self) -> str:
        """Return host:port."""
        return f"{HOST}:{self._socket.getsockname()[1]}"

    @property
    def url(self) -> str:
        """Return what a kubeconfig calls the server."""
        return f"https://{self.address}"

    async def start(self) -> None:
        """Begin to serve."""
        self._server = _server(self._app, self._certificates)
        await self._server.startup(sockets=[self._socket])

    async def stop(self) -> None:
        """End every connection, and stop."""
        if self._server is not None:
            for connection in tuple(self._server.server_state.connections):
                connection.transport.abort()  # open watches would hold everything up
            await self._server.shutdown(sockets=[self._socket])
            self._server = None
        self._socket.close()


def _server(app: ASGIApp, certificates: Certificates) -> "uvicorn.Server":
    import uvicorn

    class Server(uvicorn.Server):
        """uvicorn without its clock and its signals: an idle sandbox does nothing at all."""

        @contextlib.contextmanager
        def capture_signals(self) -> Iterator[None]:
            yield

    config = uvicorn.Config(
        app,
        loop="asyncio",
        http="h11",
        ws="wsproto",  # the others refuse the subprotocol of port-forward
        ws_ping_interval=None,
        ws_max_size=4 * 1024 * 1024,
        lifespan="off",
        log_config=None,
        log_level="error",
        access_log=False,
        date_header=False,
        server_header=False,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=STOP_S,
        ssl_certfile=str(certificates.certificate),
        ssl_keyfile=str(certificates.key),
    )
    config.load()
    server = Server(config)
    server.lifespan = config.lifespan_class(config)
    return server
