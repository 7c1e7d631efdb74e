"""HTML by function calls. Every text is escaped, unless it is HTML already."""

from collections.abc import Iterable
from html import escape
from typing import TypeAlias, Union

VOID = frozenset({"meta", "input", "br", "hr", "col", "line", "path", "circle", "rect"})


class Html(str):
    """Markup that is safe to put into a page."""

    __slots__ = ()


Inner: TypeAlias = Union[str, "Html", int, float, Iterable["Inner"], None]


def el(name: str, /, *inner: Inner, **attributes: str | int | float | bool | None) -> Html:
    """Return an element. `class_` is class, `stroke_width` is stroke-width.

    An attribute that is None or False is left out, one that is True has no value.
    """
    written = "".join(
        f" {_name(key)}" if value is True else f' {_name(key)}="{escape(str(value))}"'
        for key, value in attributes.items()
        if value is not None and value is not False
    )
    if name in VOID and not inner:
        return Html(f"<{name}{written}/>")
    return Html(f"<{name}{written}>{together(inner)}</{name}>")


def together(*inner: Inner) -> Html:
    """Return several pieces as one."""
    return Html("".join(_written(each) for each in inner))


def _written(inner: Inner) -> str:
    if inner is None:
        return ""
    if isinstance(inner, Html):
        return inner
    if isinstance(inner, str | int | float):
        return escape(str(inner))
    return "".join(_written(each) for each in inner)


def _name(key: str) -> str:
    return key.rstrip("_").replace("_", "-")
