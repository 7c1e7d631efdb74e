"""An expression as a tree."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias


class QueryError(Exception):
    """A query that cannot be read, or asks for what is not known here; its text says which.

    `kind` is what Prometheus' API calls it: `bad_data` or `execution`.
    """

    def __init__(self, message: str, kind: str = "bad_data") -> None:
        super().__init__(message)
        self.kind = kind


@dataclass(frozen=True)
class Number:
    """A number."""

    value: float


@dataclass(frozen=True)
class Text:
    """A string."""

    value: str


@dataclass(frozen=True)
class Matcher:
    """A condition on a label; `op` is =, !=, =~ or !~."""

    label: str
    op: str
    value: str


@dataclass(frozen=True)
class Selector:
    """Series by name and labels; `range_s` seconds of each where it is above 0."""

    name: str
    matchers: tuple[Matcher, ...]
    range_s: float = 0.0
    offset_s: float = 0.0


@dataclass(frozen=True)
class Call:
    """A function with its arguments."""

    function: str
    arguments: tuple["Node", ...]


@dataclass(frozen=True)
class Aggregate:
    """`sum by (label) (part)`; `parameter` is the k of topk."""

    operation: str
    part: "Node"
    parameter: "Node | None"
    labels: tuple[str, ...]
    is_without: bool


@dataclass(frozen=True)
class Matching:
    """How two vectors are paired: by these labels, or (`is_on` false) by all but these.

    `side` is `left` or `right` where several of that side may have the same partner.
    """

    labels: tuple[str, ...] = ()
    is_on: bool = False
    side: str = ""
    included: tuple[str, ...] = ()


@dataclass(frozen=True)
class Binary:
    """Two parts and an operator between them."""

    op: str
    left: "Node"
    right: "Node"
    is_bool: bool
    matching: Matching


Node: TypeAlias = Number | Text | Selector | Call | Aggregate | Binary
Nodes: TypeAlias = Sequence[Node]
