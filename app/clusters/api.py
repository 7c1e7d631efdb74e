"""One connection to an API server: plain JSON in and out, and the app's own errors.

Import it late: the Kubernetes client behind it takes a third of a second to load.
"""

import asyncio
import json
import time
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Final

import aiohttp
from kubernetes.aio.client import ApiClient

from app.clusters.answer import Answer
from app.clusters.credentials import authorization, client_of
from app.clusters.objects import Json, Object
from app.errors import ClusterUnavailable, NotAllowed

CONNECT_S: Final = 3.0
TOTAL_S: Final = 10.0
RELOAD_S: Final = 10.0  # credentials that are refused are read anew at most this often

_HEADERS: Final = {"Accept": "application/json", "Content-Type": "application/json"}

Query = Sequence[tuple[str, str]]


class StreamRefused(Exception):
    """A stream did not begin: 404 (no such kind), 410 (too old to go on from) or the like."""

    def __init__(self, status: int) -> None:
        super().__init__(f"status {status}")
        self.status = status


class Api:
    """Requests to the cluster of a minified kubeconfig.

    Raises, everywhere: ClusterUnavailable where nothing useful answers, NotAllowed on 401 and 403.
    """

    def __init__(self, kubeconfig: Path) -> None:
        self._kubeconfig = kubeconfig
        self._client: ApiClient | None = None
        self._opening = asyncio.Lock()
        self._opened_at = 0.0
        self.heard_at = 0.0  # monotonic time of the last answer: who waits need not ask anew

    async def request(
        self,
        method: str,
        path: str,
        query: Query = (),
        *,
        body: Mapping[str, Json] | None = None,
        headers: Mapping[str, str] | None = None,
        total_s: float = TOTAL_S,
    ) -> Answer:
        """Return the answer; 404, 409, 410 and 422 are answers too."""
        limits = aiohttp.ClientTimeout(total=total_s, sock_connect=CONNECT_S)
        with _as_unavailable():
            response = await self._send(method, path, query, limits, body, headers or {})
            async with response:
                answer = Answer(response.status, _object(await response.read()))
        self.heard_at = time.monotonic()
        return _checked(answer)

    async def lines(
        self, path: str, query: Query, *, silent_s: float, headers: Mapping[str, str] | None = None
    ) -> AsyncGenerator[bytes, None]:
        """Yield the lines of an answer that goes on, until the server ends it.

        Units: `silent_s` seconds without a byte after which it counts as broken.
        Raises also: StreamRefused.
        """
        limits = aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_S, sock_read=silent_s)
        with _as_unavailable():
            response = await self._send("GET", path, query, limits, None, headers or {})
        async with response:
            if response.status != 200:
                answer = _checked(Answer(response.status, _object(await response.read())))
                raise StreamRefused(answer.status)
            while True:
                with _as_unavailable():
                    line = await response.content.readline()
                self.heard_at = time.monotonic()
                if not line:
                    return
                yield line

    @asynccontextmanager
    async def socket(
        self, path: str, query: Query, protocol: str
    ) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
        """Hold a websocket open for as long as the `async with` lasts."""

        async def dialled_by(client: ApiClient) -> aiohttp.ClientWebSocketResponse:
            dialling = _session(client).ws_connect(
                client.configuration.host + path,
                params=list(query),
                headers=await authorization(client),
                protocols=(protocol,),
                max_msg_size=0,
                timeout=aiohttp.ClientWSTimeout(ws_close=0.2),
                proxy=client.configuration.proxy,
            )
            return await asyncio.wait_for(dialling, TOTAL_S)

        client = await self._connected()
        with _as_unavailable():
            try:
                socket = await dialled_by(client)
            except aiohttp.WSServerHandshakeError as error:
                fresh = await self._renewed(client) if error.status == 401 else client
                if fresh is client:
                    raise _refused_socket(error) from error
                socket = await dialled_by(fresh)
        self.heard_at = time.monotonic()
        async with socket:
            yield socket

    async def close(self) -> None:
        """End all connections."""
        client, self._client = self._client, None
        if client is not None:
            await client.close()  # type: ignore[no-untyped-call]

    async def _send(
        self,
        method: str,
        path: str,
        query: Query,
        limits: aiohttp.ClientTimeout,
        body: Mapping[str, Json] | None,
        headers: Mapping[str, str],
    ) -> aiohttp.ClientResponse:
        data = None if body is None else json.dumps(body).encode()

        async def sent_by(client: ApiClient) -> aiohttp.ClientResponse:
            return await _session(client).request(
                method,
                client.configuration.host + path,
                params=list(query),
                headers={**_HEADERS, **await authorization(client), **headers},
                data=data,
                timeout=limits,
                proxy=client.configuration.proxy,
                server_hostname=client.configuration.tls_server_name or None,
            )

        client = await self._connected()
        response = await sent_by(client)
        if response.status == 401:  # a token ran out: an exec plugin or a token file has a new one
            fresh = await self._renewed(client)
            if fresh is not client:
                response.release()
                return await sent_by(fresh)
        return response

    async def _renewed(self, refused: ApiClient) -> ApiClient:
        async with self._opening:
            if self._client is refused and time.monotonic() - self._opened_at > RELOAD_S:
                await self.close()
                self._client = await self._open()
        return self._client or refused

    async def _connected(self) -> ApiClient:
        async with self._opening:
            if self._client is None:
                self._client = await self._open()
            return self._client

    async def _open(self) -> ApiClient:
        self._opened_at = time.monotonic()
        return await client_of(self._kubeconfig)


def _session(client: ApiClient) -> aiohttp.ClientSession:
    """The library makes its session at its own first request; here it never makes one itself."""
    rest = client.rest_client
    if rest.pool_manager is None:
        rest.pool_manager = rest._create_pool_manager()
    session: aiohttp.ClientSession = rest.pool_manager
    return session


def _object(content: bytes) -> Object:
    try:
        found = json.loads(content)
    except ValueError:
        return Object({})
    return Object(found if isinstance(found, dict) else {})


def _checked(answer: Answer) -> Answer:
    said = answer.body.text("message")
    if answer.status == 401:
        raise NotAllowed(
            "The cluster does not know this account: it refused the kubeconfig's credentials.",
            hint="Renew them, or start minikube again: minikube start",
        )
    if answer.status == 403:
        raise NotAllowed(
            said or "The cluster refuses this to the kubeconfig's account.",
            hint="See what it may do: kubectl auth can-i --list",
        )
    if answer.status == 429 or answer.status >= 500:
        raise ClusterUnavailable(
            f"The API server answered {answer.status}: {said or 'no reason given'}.",
            hint="It may be starting or overloaded; try again in a moment.",
        )
    return answer


@contextmanager
def _as_unavailable() -> Iterator[None]:
    try:
        yield
    except aiohttp.ClientConnectorCertificateError as error:
        raise ClusterUnavailable(
            "The API server's certificate is not the one that the kubeconfig expects.",
            hint="The cluster was probably made anew: minikube update-context",
        ) from error
    except TimeoutError as error:
        raise ClusterUnavailable(
            "The cluster does not answer in time.",
            hint="Is it running, or paused? minikube status",
        ) from error
    except (aiohttp.ClientError, OSError, ValueError) as error:
        raise ClusterUnavailable(
            f"The cluster cannot be reached: {error}.",
            hint="Is it running? minikube status; minikube start",
        ) from error


def _refused_socket(error: aiohttp.WSServerHandshakeError) -> Exception:
    if error.status in (401, 403):
        return NotAllowed(
            "The cluster does not let this account run a program in that pod.",
            hint="See what it may do: kubectl auth can-i create pods/exec",
        )
    return ClusterUnavailable(
        f"The cluster does not run a program in that pod (status {error.status}).",
        hint="Is the pod there, and its container running? kubectl get pods -A",
    )
