"""A manifest's text as trees of nodes that know their line, free of what readers differ on.

The server reads YAML 1.1, the reader here 1.2. So tags, aliases, merge keys and directives are not
taken, and a scalar is kept as its text: no rule depends on what a reader would make of it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from app.errors import ManifestRefused

MAX_BYTES: Final = 64 * 1024
MAX_DOCUMENTS: Final = 20
MAX_DEPTH: Final = 40
MAX_LINE: Final = (
    4096  # characters; reading a flow of brackets takes time by the square of its line
)
_LINE_BREAKS: Final = (
    "\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"  # a break to one reader, none to another
)


@dataclass(frozen=True)
class Place:
    """Where a node stands. Both count from 1."""

    line: int
    column: int


@dataclass(frozen=True)
class Scalar:
    """A text, number, boolean or null, as it is written."""

    place: Place
    text: str
    is_plain: bool

    @property
    def is_empty(self) -> bool:
        """Whether it means nothing."""
        return self.is_plain and self.text in {"", "~", "null", "Null", "NULL"}


@dataclass(frozen=True)
class Listing:
    """A list of nodes."""

    place: Place
    items: tuple["Node", ...]


@dataclass(frozen=True)
class Mapping:
    """Keys with their places and nodes; a key stands once."""

    place: Place
    keys: dict[str, Place]
    nodes: dict[str, "Node"]

    def get(self, path: str) -> "Node | None":
        """Return the node at a dotted path of keys, None where there is none."""
        found: Node | None = self
        for key in path.split("."):
            found = found.nodes.get(key) if isinstance(found, Mapping) else None
        return found

    def text(self, path: str) -> str:
        """Return the text at a path, empty where there is none."""
        found = self.get(path)
        return found.text if isinstance(found, Scalar) else ""

    def place_of(self, path: str) -> Place:
        """Return where the node at a path stands, else where this mapping does."""
        found = self.get(path)
        return found.place if found else self.place


Node = Scalar | Listing | Mapping


def read(text: str, name: str = "manifest") -> list[Mapping]:
    """Return the documents that hold something. Raises: ManifestRefused with line and column."""
    _check_text(text)
    try:
        events = YAML(typ="safe", pure=True).parse(text.replace("\r\n", "\n"))
        return list(_documents(_Reader(events)))
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        what = error.problem or error.context or "it is no YAML"
        line, column = (mark.line + 1, mark.column + 1) if mark else (0, 0)
        raise ManifestRefused(
            f"{name} does not parse, line {line}, column {column}: {what}.",
            line=line,
            column=column,
            hint="Look at the indentation and the colons there, and in the line before.",
        ) from error
    except YAMLError as error:
        raise ManifestRefused(f"{name} does not parse: {error}") from error


def _check_text(text: str) -> None:
    size = len(text.encode(errors="surrogatepass"))
    if size > MAX_BYTES:
        raise ManifestRefused(f"This manifest has {size} bytes; {MAX_BYTES} are the most.")
    for number, line in enumerate(text.replace("\r\n", "\n").split("\n"), 1):
        odd = next((c for c in line if c in _LINE_BREAKS or (c < " " and c != "\t")), "")
        if odd or any("\ud800" <= char <= "\udfff" for char in line):
            raise ManifestRefused(
                f"Line {number} holds a character that cannot be seen.",
                hint="Type the line anew.",
                line=number,
                column=line.find(odd) + 1,
            )
        if len(line) > MAX_LINE:
            raise ManifestRefused(
                f"Line {number} has more than {MAX_LINE} characters.", line=number, column=MAX_LINE
            )
        if line.startswith("%"):
            raise ManifestRefused("YAML directives are not taken here.", line=number, column=1)


class _Reader:
    """Turns a document's events into nodes."""

    def __init__(self, events: Iterator[Event]) -> None:
        self._events = events
        self._depth = 0

    def next(self) -> Event | None:
        return next(self._events, None)

    def node(self, event: Event | None) -> Node:
        if isinstance(event, ScalarEvent):
            _check_tag(event, event.tag)
            return Scalar(_place(event), event.value, bool(event.implicit[0]) and not event.style)
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise _refused(event, f"This is nested more than {MAX_DEPTH} deep.")
        if isinstance(event, SequenceStartEvent):
            found: Node = self._listing(event)
        elif isinstance(event, MappingStartEvent):
            found = self._mapping(event)
        else:
            raise _refused(event, "An alias (*name) is not taken here: write the part out.")
        self._depth -= 1
        return found

    def _listing(self, start: SequenceStartEvent) -> Listing:
        _check_tag(start, start.tag)
        items: list[Node] = []
        while not isinstance(event := self.next(), SequenceEndEvent):
            items.append(self.node(event))
        return Listing(_place(start), tuple(items))

    def _mapping(self, start: MappingStartEvent) -> Mapping:
        _check_tag(start, start.tag)
        keys: dict[str, Place] = {}
        nodes: dict[str, Node] = {}
        while not isinstance(event := self.next(), MappingEndEvent):
            key = self.node(event)
            if not isinstance(key, Scalar) or key.text == "<<":
                raise _refused(event, "A key is a plain word here.")
            if key.text in nodes:
                raise _refused(event, f"`{key.text}` stands twice in the same place.")
            keys[key.text] = key.place
            nodes[key.text] = self.node(self.next())
        return Mapping(_place(start), keys, nodes)


def _documents(reader: _Reader) -> Iterator[Mapping]:
    count = 0
    while (event := reader.next()) is not None:
        if not isinstance(event, DocumentStartEvent):
            continue
        count += 1
        if count > MAX_DOCUMENTS:
            raise _refused(event, f"A manifest has {MAX_DOCUMENTS} documents at most.")
        node = reader.node(reader.next())
        if isinstance(node, Mapping):
            yield node
        elif not (isinstance(node, Scalar) and node.is_empty):
            raise ManifestRefused(
                f"Line {node.place.line} is no Kubernetes object.",
                hint="An object begins with apiVersion and kind.",
                line=node.place.line,
                column=node.place.column,
            )


def _place(event: Event) -> Place:
    mark = event.start_mark
    return Place(mark.line + 1, mark.column + 1)


def _check_tag(event: Event, tag: object) -> None:
    if tag is not None or getattr(event, "anchor", None) is not None:
        raise _refused(event, "Tags (!name) and anchors (&name) are not taken here.")


def _refused(event: Event | None, message: str) -> ManifestRefused:
    place = _place(event) if event else Place(0, 0)
    return ManifestRefused(f"Line {place.line}: {message}", line=place.line, column=place.column)
