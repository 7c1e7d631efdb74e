"""What a kind's table consists of: its columns, and how a row's cells come out of an object."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from app.sandbox.objects import Json, Obj, at, items, strings, text, words

NONE = "<none>"
Cells = list[Json]


@dataclass(frozen=True)
class Column:
    """One column. `wide` ones are shown by `-o wide` alone."""

    name: str
    type: str = "string"
    format: str = ""
    wide: bool = False

    def definition(self) -> Obj:
        """Return it as the Table has it."""
        return {
            "name": self.name,
            "type": self.type,
            "format": self.format,
            "description": "",
            "priority": int(self.wide),
        }


@dataclass(frozen=True)
class Layout:
    """A kind's columns and the cells of one object."""

    columns: tuple[Column, ...]
    cells: Callable[[Obj, datetime], Cells]


def columns(narrow: str, wide: str = "") -> tuple[Column, ...]:
    """Return columns from their names, with `|` between them.

    A mark at the end of a name says its type: `#` integer, `?` boolean, `!` date; `+` says that
    the column is a wide one, as those of `wide` are.
    """
    named = [(name, name.endswith("+")) for name in narrow.split("|")]
    named += [(name, True) for name in wide.split("|") if name]
    return tuple(_column(name, is_wide) for name, is_wide in named)


def _column(name: str, is_wide: bool) -> Column:
    type_ = {"#": "integer", "?": "boolean", "!": "date"}.get(name[-1], "string")
    plain = name.rstrip("#?!+")
    return Column(plain, type_, "name" if plain == "Name" else "", is_wide)


def containers(template: Json) -> Cells:
    """Return the names and the images of a pod spec's containers."""
    found = items(template, "containers")
    return [",".join(text(one, key) for one in found) for key in ("name", "image")]


def pairs(labels: dict[str, str]) -> str:
    """Return labels as `a=1,b=2`, `<none>` where there are none."""
    return ",".join(f"{key}={labels[key]}" for key in sorted(labels)) or NONE


def selector(obj: Obj, path: str, empty: str = NONE) -> str:
    """Return the label selector at a path as `kubectl get -o wide` shows it."""
    told = [(key, f"{key}={value}") for key, value in strings(obj, f"{path}.matchLabels").items()]
    for rule in items(obj, f"{path}.matchExpressions"):
        key, among = text(rule, "key"), ",".join(sorted(words(rule, "values")))
        said = {
            "In": f"{key} in ({among})",
            "NotIn": f"{key} notin ({among})",
            "Exists": key,
            "DoesNotExist": f"!{key}",
        }
        told.append((key, said.get(text(rule, "operator"), "")))
    return ",".join(said for _, said in sorted(told)) or empty


def first_three(found: Sequence[str], empty: str = "<unset>") -> str:
    """Return up to three of some words, and how many more there are."""
    if len(found) > 3:
        return f"{','.join(found[:3])} + {len(found) - 3} more..."
    return ",".join(found) or empty


def plain(obj: Obj, path: str) -> str:
    """Return a number or a string at a path (a port, a percentage) as text."""
    value = at(obj, path)
    return str(value) if isinstance(value, (str, int)) else ""
