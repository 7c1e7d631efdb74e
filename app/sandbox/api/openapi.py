"""The OpenAPI v3 documents that kubectl reads for explain and to learn of field validation."""

import json
from collections.abc import Iterable

from app.sandbox.objects import Obj
from app.sandbox.schemas.documents import fingerprint
from app.sandbox.schemas.schemas import Schemas
from app.sandbox.store.kinds import Kind

KEPT = 4  # documents as bytes; one is 0.1 to 0.6 MB


def _path(group_version: str) -> str:
    """Return a document's path: `api/v1`, `apis/apps/v1`."""
    return f"apis/{group_version}" if "/" in group_version else f"api/{group_version}"


def index(kinds: Iterable[Kind]) -> Obj:
    """Return the document of `/openapi/v3`: a path for each group and version.

    Its addresses hold a hash of what they lead to: an answer to one of them may be kept for ever.
    """
    found: dict[str, list[Kind]] = {}
    for kind in kinds:
        for version in kind.versions:
            found.setdefault(kind.api_version(version), []).append(kind)
    paths: Obj = {}
    for group_version in sorted(found):
        path, mark = _path(group_version), fingerprint(found[group_version], group_version)
        paths[path] = {"serverRelativeURL": f"/openapi/v3/{path}?hash={mark}"}
    return {"paths": paths}


def document(schemas: Schemas, group_version: str) -> Obj | None:
    """Return the document of `/openapi/v3/api/v1` (`v1`) or `/openapi/v3/apis/apps/v1`."""
    return schemas.openapi(group_version)


class Documents:
    """The documents as bytes, the last few of them kept."""

    def __init__(self, schemas: Schemas) -> None:
        self._schemas = schemas
        self._kept: dict[str, bytes] = {}

    def body(self, group_version: str) -> bytes | None:
        """Return the document of `v1` or `apps/v1` as JSON, None where no kind is there."""
        group, _, version = group_version.rpartition("/")
        kinds = [
            kind for kind in self._schemas.kinds if kind.group == group and version in kind.versions
        ]
        mark = fingerprint(kinds, group_version)
        if mark not in self._kept:
            made = document(self._schemas, group_version)
            if made is None:
                return None
            while len(self._kept) >= KEPT:
                del self._kept[next(iter(self._kept))]
            self._kept[mark] = json.dumps(made, separators=(",", ":")).encode()
        return self._kept[mark]
