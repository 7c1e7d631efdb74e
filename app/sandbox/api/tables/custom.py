"""The rows of custom resources: the columns that their CRD names."""

from datetime import datetime

from app.sandbox.api.tables.ages import since
from app.sandbox.api.tables.columns import Column, Layout
from app.sandbox.api.tables.jsonpath import first, printed
from app.sandbox.objects import Json, Obj, items, name_of, number, text
from app.sandbox.store.kinds import Kind

AGE: Obj = {"name": "Age", "type": "date", "jsonPath": ".metadata.creationTimestamp"}


def custom_layout(kind: Kind, version: str) -> Layout:
    """Return the layout of a CRD's version: the name, then its columns, or the age alone."""
    found = [one for one in items(kind.crd, "spec.versions") if text(one, "name") == version]
    told = items(found[0], "additionalPrinterColumns") if found else []
    asked = told or [AGE]

    def cells(obj: Obj, now: datetime) -> list[Json]:
        return [name_of(obj), *(_cell(obj, column, now) for column in asked)]

    named = Column("Name", format="name")
    return Layout((named, *(_column(column) for column in asked)), cells)


def _column(told: Obj) -> Column:
    is_wide = number(told, "priority") > 0
    return Column(text(told, "name"), text(told, "type"), text(told, "format"), is_wide)


def _cell(obj: Obj, column: Obj, now: datetime) -> Json:
    value = first(obj, text(column, "jsonPath"))
    match text(column, "type"), value:
        case _, None:
            return None
        case "string", _:
            return printed(value)
        case "integer", bool():
            return None
        case "integer", int() | float():
            return int(value)
        case "number", bool():
            return None
        case "number", int() | float():
            return value
        case "boolean", bool():
            return value
        case "date", str():
            said = since({"at": value}, "at", now)
            return "<invalid>" if said == "<unknown>" else said
    return None
