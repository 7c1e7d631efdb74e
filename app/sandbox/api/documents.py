"""What the API server says of itself: health, version, discovery, OpenAPI."""

import hashlib
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from operator import is_

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from app.sandbox.api import discovery, openapi
from app.sandbox.api.answers import answer
from app.sandbox.api.call import unknown_path, wrong_method
from app.sandbox.api.protobuf import openapi as protobuf
from app.sandbox.objects import Obj
from app.sandbox.registry.registry import Registry
from app.sandbox.schemas.older import definitions
from app.sandbox.schemas.schemas import Schemas
from app.sandbox.store.kinds import Kind
from app.sandbox.version import KUBERNETES

HEALTH = ("/healthz", "/livez", "/readyz")
V2_PROTOBUF = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf"
TITLE = "Kubernetes"
CHECKS = ("ping", "etcd")


def is_document(path: str) -> bool:
    """Whether a path means something that the server says of itself."""
    head = path.split("/")[1] if "/" in path else ""
    return path == "/" or head in (
        "api",
        "apis",
        "openapi",
        "version",
        "healthz",
        "livez",
        "readyz",
    )


def version_of(written: str = KUBERNETES) -> Obj:
    """Return the document of `/version`."""
    major, minor, _ = written.removeprefix("v").split(".", 2)
    return {
        "major": major,
        "minor": minor,
        "emulationMajor": major,
        "emulationMinor": minor,
        "minCompatibilityMajor": major,
        "minCompatibilityMinor": str(int(minor) - 1),
        "gitVersion": written,
        "gitCommit": "",
        "gitTreeState": "clean",
        "buildDate": "1970-01-01T00:00:00Z",
        "goVersion": "none",
        "compiler": "none",
        "platform": "sandbox",
    }


class Documents:
    """The documents of one API server. Raises: StatusError 404, 405."""

    def __init__(self, registry: Registry, schemas: Schemas, address: str) -> None:
        self._kinds = registry.kinds
        self._schemas = schemas
        self._openapis = openapi.Documents(schemas)
        self._address = address
        self._packed_of: tuple[Kind, ...] = ()
        self._packed_body = b""

    def get(self, request: Request, path: str) -> Response:
        """Return the document of a path."""
        if path.startswith(HEALTH):
            return _health(request, path)
        if path.startswith("/openapi/v3/"):
            return self._openapi(path, request.query_params.get("hash", ""))
        if path == "/openapi/v2":
            return self._older_openapi(request)
        found = self._found(request, path)
        if found is None:
            raise unknown_path()
        if request.method not in ("GET", "HEAD"):
            raise wrong_method()
        is_aggregated = found.get("kind") == "APIGroupDiscoveryList"
        if is_aggregated:
            return answer(found, media_type=discovery.AGGREGATED)
        return answer(found)

    def _found(self, request: Request, path: str) -> Obj | None:
        parts = path.strip("/").split("/")
        if parts == [""]:
            return self._paths()
        if parts[0] == "version":
            return version_of() if len(parts) == 1 else None
        if parts[0] == "openapi":
            return openapi.index(self._kinds) if parts[1:] == ["v3"] else None
        if len(parts) == 1:
            return self._groups(request, is_core=parts[0] == "api")
        if parts[0] == "api":
            return discovery.api_resources(self._kinds, parts[1]) if len(parts) == 2 else None
        if len(parts) == 2:
            return discovery.api_group(self._kinds, parts[1])
        return (
            discovery.api_resources(self._kinds, "/".join(parts[1:])) if len(parts) == 3 else None
        )

    def _groups(self, request: Request, *, is_core: bool) -> Obj:
        if discovery.wants_aggregated(request.headers.get("accept", "")):
            return discovery.aggregated(self._kinds, core=is_core)
        if is_core:
            return discovery.api_versions(self._address)
        return discovery.api_groups(self._kinds)

    def _openapi(self, path: str, mark: str) -> Response:
        head, _, group_version = path.removeprefix("/openapi/v3/").partition("/")
        body = self._openapis.body(group_version) if head in ("api", "apis") else None
        if body is None:
            raise unknown_path()
        kept = {"Cache-Control": "public, immutable", "Expires": _next_year()} if mark else {}
        return Response(body, media_type="application/json", headers=kept)

    def _older_openapi(self, request: Request) -> Response:
        """Return OpenAPI v2: the types of all kinds. Its paths are in v3 alone."""
        if request.method not in ("GET", "HEAD"):
            raise wrong_method()
        if "protobuf" not in request.headers.get("accept", ""):
            found = definitions(self._schemas, self._kinds)
            info: Obj = {"title": TITLE, "version": KUBERNETES}
            return answer({"swagger": "2.0", "info": info, "paths": {}, "definitions": found})
        body, mark = self._packed()
        headers = {"ETag": mark, "Vary": "Accept"}
        if request.headers.get("if-none-match", "") == mark:  # what kubectl has kept is still so
            return Response(status_code=304, headers=headers)
        return Response(body, media_type=V2_PROTOBUF, headers=headers)

    def _packed(self) -> tuple[bytes, str]:
        """Return OpenAPI v2 as protobuf and its mark, made anew where a kind came or changed.

        kubectl asks for it at every apply that changes a custom resource.
        """
        kinds = tuple(self._kinds)
        is_same = len(kinds) == len(self._packed_of) and all(map(is_, kinds, self._packed_of))
        if not is_same or not self._packed_body:
            found = definitions(self._schemas, kinds)
            self._packed_of = kinds
            self._packed_body = protobuf.document(TITLE, KUBERNETES, found)
        return self._packed_body, f'"{hashlib.sha256(self._packed_body).hexdigest()}"'

    def _paths(self) -> Obj:
        versions = {kind.api_version(version) for kind in self._kinds for version in kind.versions}
        groups = {f"/apis/{one}" for one in versions if "/" in one}
        groups |= {one.rpartition("/")[0] for one in groups}
        fixed = ["/api", "/api/v1", "/apis", "/openapi/v2", "/openapi/v3", "/version", *HEALTH]
        return {"paths": [*sorted({*groups, *fixed})]}


def _next_year() -> str:
    """Return when an answer grows stale whose address holds a hash of it."""
    return format_datetime(datetime.now(UTC) + timedelta(days=365), usegmt=True)


def _health(request: Request, path: str) -> Response:
    head, _, check = path.strip("/").partition("/")
    if f"/{head}" not in HEALTH or (check and check not in CHECKS):
        raise unknown_path()
    if request.method not in ("GET", "HEAD"):
        raise wrong_method()
    if "verbose" in request.query_params and not check:
        told = "".join(f"[+]{one} ok\n" for one in CHECKS)
        return PlainTextResponse(f"{told}{head} check passed\n")
    return PlainTextResponse("ok")
