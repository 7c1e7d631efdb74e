"""The OpenAPI documents that kubectl reads for explain and to learn of field validation."""

from collections.abc import Iterable

from app.sandbox.objects import Obj
from app.sandbox.schemas.schemas import Schemas
from app.sandbox.store.kinds import Kind


def index(kinds: Iterable[Kind]) -> Obj:
    """Return the document of `/openapi/v3`: a path for each group and version."""
    return {"paths": {}}


def document(schemas: Schemas, group_version: str) -> Obj | None:
    """Return the document of `/openapi/v3/api/v1` (`v1`) or `/openapi/v3/apis/apps/v1`."""
    return schemas.openapi(group_version)
