"""HTML as a tree of elements, escaped when it is written: there is no other way to write it."""

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from typing import Final

from app.grading.reports.wording import shown

VOID: Final = frozenset({"meta", "br", "hr", "col"})


@dataclass(frozen=True)
class Element:
    """An element; `children` that are text are escaped, as the values of `attributes` are."""

    tag: str
    attributes: tuple[tuple[str, str], ...]
    children: tuple["Node", ...]


Node = Element | str | None


def element(tag: str, *children: Node, **attributes: str) -> Element:
    """Return an element. `class_` and `http_equiv` are written class and http-equiv."""
    named = ((name.rstrip("_").replace("_", "-"), value) for name, value in attributes.items())
    return Element(tag, tuple(named), children)


def page(title: str, style: str, policy: str, *body: Node) -> str:
    """Return a whole page. `style` is trusted text of our own, the only one that is not escaped."""
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=policy),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="referrer", content="no-referrer"),
        element("title", title),
    )
    written = "".join(_written(head)).removesuffix("</head>")
    whole = "".join(_written(element("body", *body)))
    return (
        f'<!doctype html>\n<html lang="en">\n{written}<style>{style}</style></head>\n'
        f"{whole}\n</html>\n"
    )


def _written(node: Node) -> Iterator[str]:
    if node is None:
        return
    if isinstance(node, str):
        yield escape(shown(node), quote=False)
        return
    pairs = "".join(f' {name}="{escape(shown(value))}"' for name, value in node.attributes)
    yield f"<{node.tag}{pairs}>"
    if node.tag in VOID:
        return
    for child in node.children:
        yield from _written(child)
    yield f"</{node.tag}>"
