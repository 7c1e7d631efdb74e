"""An expression's text as a tree."""

import ast
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

_TOKEN = re.compile(
    r"""\s*(?:
        (?P<number>\d+\.\d+(?:[eE][-+]?\d+)?|0x[0-9a-fA-F]+|\d+)[uU]?
      | (?P<string>[rR]?(?:"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'))
      | (?P<name>[A-Za-z_]\w*)
      | (?P<sign>&&|\|\||==|!=|<=|>=|[-+*/%<>!?:.,()\[\]{}])
    )""",
    re.VERBOSE,
)
_LEVELS: tuple[tuple[str, ...], ...] = (
    ("||",),
    ("&&",),
    ("==", "!=", "<", "<=", ">", ">=", "in"),
    ("+", "-"),
    ("*", "/", "%"),
)
_CONSTANTS: dict[str, bool | None] = {"true": True, "false": False, "null": None}
DEEPEST = 60  # nested parts; a rule of a person has fewer


class CelError(Exception):
    """A rule that cannot be read, or that fails on a value."""


@dataclass(frozen=True)
class Constant:
    """A literal."""

    value: bool | int | float | str | None


@dataclass(frozen=True)
class Name:
    """A variable: `self`, or what a macro names."""

    name: str


@dataclass(frozen=True)
class Call:
    """A function, an operator (`&&`, `?:`, `[]`, `{}`) or a method, whose target comes first."""

    name: str
    parts: tuple["Node", ...]
    is_method: bool = False


@dataclass(frozen=True)
class Field:
    """A field of something."""

    of: "Node"
    name: str


Node: TypeAlias = "Constant | Name | Call | Field"


@lru_cache(maxsize=1024)
def parse(rule: str) -> Node:
    """Return the tree of a rule. Raises: CelError."""
    parser = _Parser(_tokens(rule))
    node = parser.ternary()
    if parser.next():
        raise CelError(f"unexpected {parser.next()!r}")
    return node


def _tokens(rule: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    place, rule = 0, rule.strip()
    while place < len(rule):
        match = _TOKEN.match(rule, place)
        if match is None or match.lastgroup is None:
            raise CelError(f"cannot read {rule[place : place + 10]!r}")
        found.append((match.lastgroup, match[match.lastgroup]))
        place = match.end()
    return found


class _Parser:
    def __init__(self, tokens: list[tuple[str, str]]) -> None:
        self._tokens = tokens
        self._place = 0
        self._depth = 0

    def next(self) -> str:
        """Return the next token's text, "" at the end."""
        return self._tokens[self._place][1] if self._place < len(self._tokens) else ""

    def ternary(self) -> Node:
        """Return what `a ? b : c` or anything simpler says."""
        self._depth += 1
        if self._depth > DEEPEST:
            raise CelError("the expression is nested too deeply")
        node = self._level(0)
        if self._takes("?"):
            then = self.ternary()
            self._needs(":")
            node = Call("?:", (node, then, self.ternary()))
        self._depth -= 1
        return node

    def _level(self, level: int) -> Node:
        if level == len(_LEVELS):
            return self._unary()
        node = self._level(level + 1)
        while self.next() in _LEVELS[level] and self._kind() in ("sign", "name"):
            node = Call(self._take(), (node, self._level(level + 1)))
        return node

    def _unary(self) -> Node:
        if self.next() in ("!", "-") and self._kind() == "sign":
            sign = self._take()
            return Call("not" if sign == "!" else "negative", (self._unary(),))
        return self._member()

    def _member(self) -> Node:
        node = self._primary()
        while True:
            if self._takes("."):
                if self._kind() != "name":
                    raise CelError(f"unexpected {self.next()!r}")
                name = self._take()
                if self._takes("("):
                    node = Call(name, (node, *self._listed(")")), is_method=True)
                else:
                    node = Field(node, name)
            elif self._takes("["):
                node = Call("[]", (node, self.ternary()))
                self._needs("]")
            else:
                return node

    def _primary(self) -> Node:
        kind, text = self._kind(), self._take()
        if kind == "number":
            return Constant(float(text) if "." in text else int(text, 0))
        if kind == "string":
            return Constant(text[2:-1] if text[0] in "rR" else _unescaped(text))
        if kind == "name":
            if text in _CONSTANTS:
                return Constant(_CONSTANTS[text])
            return Call(text, self._listed(")")) if self._takes("(") else Name(text)
        if text == "(":
            node = self.ternary()
            self._needs(")")
            return node
        if text == "[":
            return Call("list", self._listed("]"))
        if text == "{":
            return Call("map", self._pairs())
        raise CelError(f"unexpected {text!r}")

    def _listed(self, end: str) -> tuple[Node, ...]:
        found: list[Node] = []
        while not self._takes(end):
            found.append(self.ternary())
            if not self._takes(","):
                self._needs(end)
                break
        return tuple(found)

    def _pairs(self) -> tuple[Node, ...]:
        found: list[Node] = []
        while not self._takes("}"):
            found.append(self.ternary())
            self._needs(":")
            found.append(self.ternary())
            if not self._takes(","):
                self._needs("}")
                break
        return tuple(found)

    def _kind(self) -> str:
        return self._tokens[self._place][0] if self._place < len(self._tokens) else ""

    def _take(self) -> str:
        if self._place >= len(self._tokens):
            raise CelError("the expression ends too early")
        self._place += 1
        return self._tokens[self._place - 1][1]

    def _takes(self, sign: str) -> bool:
        if self.next() == sign and self._kind() == "sign":
            self._place += 1
            return True
        return False

    def _needs(self, sign: str) -> None:
        if not self._takes(sign):
            raise CelError(f"expected {sign!r} before {self.next()!r}")


def _unescaped(text: str) -> str:
    try:
        value = ast.literal_eval(text)
    except (SyntaxError, ValueError) as error:
        raise CelError(f"cannot read the string {text}") from error
    return str(value)
