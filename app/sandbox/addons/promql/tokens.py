"""A query as words and signs."""

import re
from dataclasses import dataclass

from app.sandbox.addons.promql.nodes import QueryError

_TOKEN = re.compile(
    r"(?P<space>\s+|\#[^\n]*)"
    r"|(?P<duration>(?:[0-9]+(?:ms|[smhdwy]))+(?![a-zA-Z0-9_]))"
    r"|(?P<number>(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)"
    r"|(?P<word>[a-zA-Z_][a-zA-Z0-9_:]*)"
    r"|(?P<text>\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'|`[^`]*`)"
    r"|(?P<sign>=~|!~|==|!=|<=|>=|[-+*/%^<>=(){}\[\],:@])"
)
_PART = re.compile(r"([0-9]+)(ms|[smhdwy])")
_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0, "w": 604_800.0,
          "y": 31_536_000.0}  # fmt: skip
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r"}
LONGEST = 10_000  # characters


@dataclass(frozen=True)
class Token:
    """One word or sign; `kind` is duration, number, word, text, sign or end."""

    kind: str
    text: str
    at: int


def tokens(query: str) -> list[Token]:
    """Return a query's tokens, the end as the last. Raises: QueryError."""
    if len(query) > LONGEST:
        raise QueryError(f"the query is longer than {LONGEST} characters")
    found, at = [], 0
    while at < len(query):
        match = _TOKEN.match(query, at)
        if match is None:
            raise QueryError(f"1:{at + 1}: parse error: unexpected character: {query[at]!r}")
        kind = match.lastgroup or ""
        if kind != "space":
            found.append(Token(kind, match[0], at))
        at = match.end()
    return [*found, Token("end", "", at)]


def seconds(duration: str) -> float:
    """Return a duration (`1h30m`) in seconds."""
    return sum(int(number) * _UNITS[unit] for number, unit in _PART.findall(duration))


def unquoted(written: str) -> str:
    """Return what a quoted string says."""
    inner = written[1:-1]
    if written[0] == "`":
        return inner
    return re.sub(r"\\(.)", lambda found: _ESCAPES.get(found[1], found[1]), inner)
