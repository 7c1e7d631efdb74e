"""A list of objects as a Table of meta.k8s.io/v1."""

from collections.abc import Sequence
from datetime import UTC, datetime

from app.sandbox.api.tables.cluster import CLUSTER
from app.sandbox.api.tables.columns import Cells, Layout, columns
from app.sandbox.api.tables.custom import custom_layout
from app.sandbox.api.tables.networking import NETWORKING
from app.sandbox.api.tables.pods import PODS, row_conditions
from app.sandbox.api.tables.workloads import WORKLOADS
from app.sandbox.objects import Json, Obj, name_of, text
from app.sandbox.store.kinds import Kind


def _created(obj: Obj, now: datetime) -> Cells:
    return [name_of(obj), text(obj, "metadata.creationTimestamp")]


# What a server shows of kinds that it has no columns for (roles, CRDs, limit ranges).
OTHER = Layout(columns("Name|Created At!"), _created)
LAYOUTS = {"pods": PODS, **WORKLOADS, **NETWORKING, **CLUSTER}


def wants_table(accept: str) -> bool:
    """Whether a client asks for a Table that we can make."""
    return any("as=Table" in part and "v=v1;" in f"{part};" for part in accept.split(","))


def layout(kind: Kind, version: str = "") -> Layout:
    """Return a kind's columns and how its cells are made; `version` matters to CRDs."""
    if kind.crd is not None:
        return custom_layout(kind, version or kind.versions[0])
    return LAYOUTS.get(kind.resource, OTHER)


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
    shown = layout(kind, version)
    at_once = now or datetime.now(UTC)
    rows: list[Json] = [_row(kind, shown, obj, include, at_once) for obj in objects]
    said: list[Json] = [column.definition() for column in shown.columns]
    return {
        "kind": "Table",
        "apiVersion": "meta.k8s.io/v1",
        "metadata": metadata or {},
        "columnDefinitions": said if with_columns else None,
        "rows": rows,
    }


def _row(kind: Kind, shown: Layout, obj: Obj, include: str, now: datetime) -> Obj:
    row: Obj = {"cells": shown.cells(obj, now)}
    conditions = row_conditions(obj) if kind.resource == "pods" else []
    if conditions:
        row["conditions"] = conditions
    if include == "Object":
        row["object"] = obj
    elif include != "None":
        row["object"] = {
            "kind": "PartialObjectMetadata",
            "apiVersion": "meta.k8s.io/v1",
            "metadata": obj.get("metadata"),
        }
    return row
