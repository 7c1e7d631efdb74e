"""A page as a browser would read it, for tests of pages."""

from html.parser import HTMLParser

from app.grading.reports.html import VOID

ACTING = frozenset({"script", "iframe", "img", "link", "object", "form", "a", "svg", "base"})
PLAIN = frozenset({"lang", "charset", "http-equiv", "content", "name", "class", "scope", "open"})


class Reader(HTMLParser):
    """Reads a page: its elements with their attributes, its text, whether each end fits."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.open: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def assert_safe(
    page: str, *, tags: frozenset[str] = frozenset(), names: frozenset[str] = frozenset()
) -> Reader:
    """Return the page as it reads; it holds nothing that acts or loads but what is allowed here."""
    reader = Reader(page)
    assert reader.open == []
    held = {tag for tag, _ in reader.elements}
    assert not (held & ACTING) - tags
    known = {name for _, attributes in reader.elements for name in attributes}
    assert known <= PLAIN | {name.lower() for name in names}
    return reader
