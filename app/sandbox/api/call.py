"""One request, understood: what it is about, who asks, and what they want of it.

Source: k8s.io/apiserver, pkg/endpoints/request/requestinfo.go.
"""

from dataclasses import dataclass
from urllib.parse import unquote

from starlette.requests import Request

from app.sandbox.registry.access import Attempt, User
from app.sandbox.status import StatusError, not_found
from app.sandbox.store.kinds import Kind, Kinds

VERBS = {
    "GET": "get",
    "HEAD": "get",
    "POST": "create",
    "PUT": "update",
    "PATCH": "patch",
    "DELETE": "delete",
}


@dataclass(frozen=True)
class Target:
    """What a path means: a collection of a kind, one object of it, or a part of that object."""

    kind: Kind
    version: str
    namespace: str = ""
    name: str = ""
    subresource: str = ""
    rest: tuple[str, ...] = ()


@dataclass(frozen=True)
class Call:
    """A request to a target, by somebody."""

    request: Request
    target: Target
    user: User

    @property
    def method(self) -> str:
        """Return the HTTP method."""
        return self.request.method

    def asks(self, name: str) -> bool:
        """Whether a query parameter is on (`true`, `1`)."""
        return self.request.query_params.get(name, "").lower() in ("true", "1")

    def query(self, name: str) -> str:
        """Return a query parameter, empty where there is none."""
        return self.request.query_params.get(name, "")

    @property
    def attempt(self) -> Attempt:
        """Return what the caller wants to do, as roles speak of it."""
        target = self.target
        verb = VERBS.get(self.method, "get")
        if not target.name:
            verb = {"get": "list", "delete": "deletecollection"}.get(verb, verb)
            verb = "watch" if verb == "list" and self.asks("watch") else verb
        if target.subresource in ("exec", "attach", "portforward"):
            verb = "create"
        return Attempt(
            verb,
            target.kind.plural,
            target.kind.group,
            target.subresource,
            target.name,
            target.namespace,
        )


def unknown_path() -> StatusError:
    """Return the 404 of a path that means nothing."""
    message = "the server could not find the requested resource"
    return StatusError(404, "NotFound", message)


def wrong_method() -> StatusError:
    """Return the 405 of a method that a target does not know."""
    message = "the server does not allow this method on the requested resource"
    return StatusError(405, "MethodNotAllowed", message)


def find(kinds: Kinds, path: str) -> Target | None:
    """Return what a path means, None where it names no group's resource.

    Raises: StatusError 404 where it names a resource that is not there.
    """
    parts = [unquote(part) for part in path.strip("/").split("/")]
    if parts[0] == "api" and len(parts) > 2 and parts[1] == "v1":
        group, version, rest = "", "v1", parts[2:]
    elif parts[0] == "apis" and len(parts) > 3:
        group, version, rest = parts[1], parts[2], parts[3:]
    else:
        return None
    namespace = ""
    if rest[0] == "namespaces" and len(rest) > 2 and rest[2] not in ("status", "finalize"):
        namespace, rest = rest[1], rest[2:]
    kind = kinds.get(f"{rest[0]}.{group}" if group else rest[0])
    if kind is None or version not in kind.versions or (namespace and not kind.namespaced):
        raise unknown_path()
    name = rest[1] if len(rest) > 1 else ""
    if name and kind.namespaced and not namespace:
        raise unknown_path()
    if kind.resource == "namespaces":
        namespace = name
    subresource = rest[2] if len(rest) > 2 else ""
    if subresource and subresource not in kind.subresources:
        raise not_found(kind.resource, name) if kind.crd is not None else unknown_path()
    return Target(kind, version, namespace, name, subresource, tuple(rest[3:]))
