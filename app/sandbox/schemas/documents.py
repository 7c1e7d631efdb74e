"""The OpenAPI v3 document of a group and version."""

from collections.abc import Sequence

from app.sandbox.objects import Obj
from app.sandbox.schemas.types import Types
from app.sandbox.store.kinds import Kind


def document(types: Types, kinds: Sequence[Kind], group_version: str) -> Obj:
    """Return the document: a path for each verb on each kind, and the types they speak of."""
    return {
        "openapi": "3.0.0",
        "info": {"title": "Kubernetes", "version": types.version},
        "paths": {},
        "components": {"schemas": {}},
    }
