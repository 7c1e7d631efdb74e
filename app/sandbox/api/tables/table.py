"""A list of objects as a Table of meta.k8s.io/v1."""

from collections.abc import Sequence
from datetime import datetime

from app.sandbox.objects import Obj
from app.sandbox.store.kinds import Kind


def wants_table(accept: str) -> bool:
    """Whether a client asks for a Table that we can make."""
    return any("as=Table" in part and "v=v1" in part for part in accept.split(","))


def table(
    kind: Kind,
    objects: Sequence[Obj],
    *,
    include: str = "Metadata",
    version: str = "",
    now: datetime | None = None,
    metadata: Obj | None = None,
    with_columns: bool = True,
) -> Obj:
    """Return the Table of some objects of one kind.

    `include` is the query's includeObject (Metadata, Object, None), `version` the API version in
    the path, `metadata` the list's own (resourceVersion, continue). A watch sends the columns
    with its first event alone.
    """
    return {
        "kind": "Table",
        "apiVersion": "meta.k8s.io/v1",
        "metadata": metadata or {},
        "columnDefinitions": [],
        "rows": [],
    }
