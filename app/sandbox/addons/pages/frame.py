"""The frame of every page: what it stands in for, where one can go, how it looks."""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files

from app.sandbox.addons.pages.html import Html, Inner, el, together

DOCTYPE = Html("<!doctype html>")


@dataclass(frozen=True)
class Frame:
    """A stand-in: the name of what it stands in for, and the pages that its head leads to."""

    product: str
    pages: Sequence[tuple[str, str]] = ()  # path, title

    def page(self, title: str, *inner: Inner, at: str = "", refresh_s: int = 0) -> Html:
        """Return a whole page; `at` is its path among `pages`, 0 s is never loaded anew."""
        links = (
            el("a", name, href=path, aria_current="page" if path == at else None)
            for path, name in self.pages
        )
        head = el(
            "head",
            el("meta", charset="utf-8"),
            el("meta", name="viewport", content="width=device-width, initial-scale=1"),
            el("meta", http_equiv="refresh", content=refresh_s) if refresh_s else None,
            el("title", f"{title} · stand-in for {self.product}"),
            el("style", _style()),
        )
        top = el(
            "header",
            el("p", el("b", self.product), " ", el("small", "Mesh Dojo's stand-in")),
            el("nav", links, aria_label=self.product) if self.pages else None,
            class_="top",
        )
        foot = el(
            "footer",
            f"This is Mesh Dojo's stand-in for {self.product}, part of the sandbox. "
            f"It shows real data of this mesh. {self.product} itself shows much more.",
        )
        body = el("body", top, el("main", el("h1", title), *inner), foot)
        return together(DOCTYPE, el("html", head, body, lang="en"))


def _style() -> Html:
    return Html((files("app.sandbox.addons.pages") / "pages.css").read_text(encoding="utf-8"))


def select(
    name: str, label: str, options: Sequence[tuple[str, str]], chosen: str, *, empty: str = ""
) -> Html:
    """Return a labelled choice; `options` are value and text, `empty` is the text of none."""
    listed = [("", empty), *options] if empty else [*options]
    if chosen and chosen not in dict(listed):
        listed.append((chosen, chosen))
    inner = (el("option", text, value=value, selected=value == chosen) for value, text in listed)
    return el("label", label, el("select", inner, name=name))


def note(*inner: Inner, is_bad: bool = False) -> Html:
    """Return a remark in a box."""
    return el("p", *inner, class_="note bad" if is_bad else "note")


def table(head: Sequence[str], rows: Sequence[Sequence[Inner]]) -> Html:
    """Return a table that can be scrolled where it is too wide."""
    return el(
        "div",
        el(
            "table",
            el("thead", el("tr", (el("th", each, scope="col") for each in head))),
            el("tbody", (el("tr", (el("td", cell) for cell in row)) for row in rows)),
        ),
        class_="wide",
        tabindex="0",
    )
