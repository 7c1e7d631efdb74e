"""The API server: every request goes in here, and comes out as an answer."""

import logging
from urllib.parse import unquote

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocket

from app.sandbox.api import subresources, verbs
from app.sandbox.api.answers import refused, warn
from app.sandbox.api.call import Call, Target, find, unknown_path
from app.sandbox.api.documents import Documents, is_document
from app.sandbox.api.execs import check_exec, execute
from app.sandbox.api.forwards import check_forward, forward
from app.sandbox.api.logs import log
from app.sandbox.api.ports import Istioctl, Kubelet
from app.sandbox.api.remote import PATH as ISTIOCTL
from app.sandbox.api.remote import remote
from app.sandbox.api.reviews import Reviews
from app.sandbox.api.users import Users
from app.sandbox.api.watches import watched
from app.sandbox.registry.access import Attempt, User, allowed, refusal
from app.sandbox.registry.registry import Registry
from app.sandbox.registry.roles import bootstrap
from app.sandbox.status import StatusError, bad_request

LOG = logging.getLogger(__name__)
DEPRECATED = '299 - "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice"'
STREAMED = ("exec", "attach", "portforward")


class Api:
    """The ASGI application of one sandbox's API server."""

    def __init__(
        self,
        registry: Registry,
        kubelet: Kubelet,
        token: str,
        *,
        address: str = "127.0.0.1",
        istioctl: Istioctl | None = None,
    ) -> None:
        self._registry = registry
        self._kubelet = kubelet
        self._users = Users(registry.store, token)
        self._reviews = Reviews(registry.store, self._users)
        self._documents = Documents(registry, registry.schemas, address)
        self._istioctl = istioctl

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await self._socket(WebSocket(scope, receive, send))
        elif scope["type"] == "http":
            request = Request(scope, receive)
            response = await self._answered(request)
            await response(scope, receive, send)

    async def _answered(self, request: Request) -> ASGIApp:
        try:
            return await self._handled(request)
        except StatusError as error:
            response = refused(error)
            warn(response, getattr(request.state, "warnings", ()))
            return response
        except Exception:
            LOG.exception("The API server failed at %s %s", request.method, request.url.path)
            message = "Internal error occurred: the sandbox's API server failed; see its log"
            return refused(StatusError(500, "InternalError", message))

    async def _handled(self, request: Request) -> ASGIApp:
        path = unquote(request.scope["path"])
        user = self._users.of(request.headers)
        if self._reviews.has(path):
            self._check(user, _review_attempt(path))
            return await self._reviews.review(request, path, user)
        if path == ISTIOCTL and self._istioctl is not None:
            self._check(user, Attempt("create", path=path))
            return await remote(request, self._istioctl)
        target = find(self._registry.kinds, request.scope["path"])
        if target is None:
            self._check(user, Attempt(_path_verb(request.method), path=path))
            if not is_document(path):
                raise unknown_path()
            return self._documents.get(request, path)
        call = Call(request, target, user)
        self._check(user, call.attempt)
        answered = await self._done(call)
        if target.kind.resource == "endpoints" and isinstance(answered, Response):
            answered.headers.append("Warning", DEPRECATED)
        return answered

    async def _done(self, call: Call) -> ASGIApp:
        target = call.target
        if call.method == "GET" and call.asks("watch") and not target.subresource:
            if target.name:
                verbs.found(self._registry, call)
            return watched(self._registry.store, call)
        if not target.name:
            return await verbs.collection(self._registry, call)
        if not target.subresource:
            return await verbs.single(self._registry, call)
        if target.subresource == "log":
            return await log(self._registry, self._kubelet, call)
        if target.subresource in STREAMED:
            pod = verbs.found(self._registry, call)
            if target.subresource == "portforward":
                check_forward(pod)
            else:
                check_exec(call, pod)
            raise bad_request("Upgrade request required: this server streams by websocket alone")
        return await subresources.part(self._registry, self._users, call)

    async def _socket(self, socket: WebSocket) -> None:
        """Answer a websocket: exec, attach or port-forward; refuse it as a request otherwise."""
        request = Request({**socket.scope, "type": "http", "method": "GET"})
        try:
            target = self._streamed(request)
            call = Call(request, target, self._users.of(request.headers))
            self._check(call.user, call.attempt)
            pod = verbs.found(self._registry, call)
            if target.subresource == "portforward":
                await forward(socket, self._kubelet, pod)
            else:
                await execute(socket, self._kubelet, call, pod)
        except StatusError as error:
            await socket.send_denial_response(refused(error))

    def _streamed(self, request: Request) -> Target:
        target = find(self._registry.kinds, request.scope["path"])
        if target is None or target.subresource not in STREAMED:
            raise unknown_path()
        return target

    def _check(self, user: User, attempt: Attempt) -> None:
        """Raises: StatusError 403 where the user may not do that."""
        if allowed(self._registry.store, user, attempt):
            return
        why = refusal(user, attempt)
        if attempt.path:
            raise StatusError(403, "Forbidden", f"forbidden: {why}")
        resource = attempt.resource + (f".{attempt.group}" if attempt.group else "")
        named = f'{resource} "{attempt.name}"' if attempt.name else resource
        details = {
            **({"name": attempt.name} if attempt.name else {}),
            **({"group": attempt.group} if attempt.group else {}),
            "kind": attempt.resource,
        }
        raise StatusError(403, "Forbidden", f"{named} is forbidden: {why}", {**details})


def create_api(
    registry: Registry,
    kubelet: Kubelet,
    token: str,
    *,
    address: str = "127.0.0.1",
    istioctl: Istioctl | None = None,
) -> ASGIApp:
    """Return the API server: an ASGI application for http and websockets.

    `token` is the owner's bearer token, which may do everything. `address` is host:port, as the
    discovery tells it. `istioctl` runs a typed istioctl command inside this process. The roles that
    every cluster has are made, as far as they are not there.
    """
    bootstrap(registry)
    return Api(registry, kubelet, token, address=address, istioctl=istioctl)


def _review_attempt(path: str) -> Attempt:
    _, _, group, _, resource = path.split("/")
    return Attempt("create", resource, group)


def _path_verb(method: str) -> str:
    return "get" if method in ("GET", "HEAD") else method.lower()
