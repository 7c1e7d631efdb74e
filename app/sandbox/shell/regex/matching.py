"""Matching: an automaton whose states are made as the text asks for them."""

from dataclasses import dataclass, field
from typing import TypeAlias

from app.sandbox.shell.regex.syntax import (
    BEGIN,
    END,
    BadPattern,
    Chars,
    Edge,
    Either,
    Many,
    Node,
    Row,
    parse,
)

MOST_NODES = 4_000
MOST_STATES = 1_000  # kept at a time
MOST_WORK = 1_000_000  # steps for one line; about a tenth of a second
_DONE = -1
_BEGIN, _END = ("\x00begin",), ("\x00end",)  # symbols that no text holds
_BOTH = _BEGIN + _END  # where a line is empty
_Set: TypeAlias = frozenset[int]


@dataclass
class _Step:
    """One node of the automaton: takes a symbol and goes on, or goes on to several at once."""

    takes: Chars | str | None
    to: list[int] = field(default_factory=list)


class Pattern:
    """A compiled pattern. Raises: BadPattern, when made and when a line asks too much of it."""

    def __init__(
        self, pattern: str, *, is_extended: bool = False, ignores_case: bool = False
    ) -> None:
        self._steps: list[_Step] = []
        tree = parse(pattern, is_extended=is_extended, ignores_case=ignores_case)
        self._first = self._closed([self._build(tree, _DONE)])
        self._cache: dict[tuple[_Set, str], _Set] = {}

    def search(self, line: str) -> bool:
        """Whether the pattern is anywhere in a line."""
        if len(line) > MOST_WORK:
            raise BadPattern("the line is too long for this pattern")
        states = self._past(self._first, _BEGIN if line else _BOTH)
        for symbol in line:
            if _DONE in states:
                return True
            states = self._next(states, symbol) | self._first
        return _DONE in self._past(states, _END)

    def spans(self, line: str) -> list[tuple[int, int]]:
        """Return where the pattern is: leftmost, longest, not overlapping, not empty."""
        found: list[tuple[int, int]] = []
        at, work = 0, 0
        while at <= len(line):
            end, steps = self._longest(line, at)
            work += steps
            if work > MOST_WORK:
                raise BadPattern("the line is too long for this pattern")
            if end is not None and end > at:
                found.append((at, end))
                at = end
            else:
                at += 1
        return found

    def _longest(self, line: str, start: int) -> tuple[int | None, int]:
        """The end of the longest match that begins at a place, and how many steps it took."""
        states = self._first
        if start == 0:
            states = self._past(states, _BEGIN if line else _BOTH)
        end = start if _DONE in states else None
        for at in range(start, len(line)):
            states = self._next(states, line[at])
            if not states:
                return end, at - start + 1
            if _DONE in states:
                end = at + 1
        if _DONE in self._past(states, _END):
            end = len(line)
        return end, len(line) - start + 1

    def _past(self, states: _Set, edges: tuple[str, ...]) -> _Set:
        """The states, and those beyond edges of the line, which a pattern may name repeatedly."""
        while (more := states.union(*(self._next(states, edge) for edge in edges))) != states:
            states = more
        return states

    def _next(self, states: _Set, symbol: str) -> _Set:
        key = (states, symbol)
        known = self._cache.get(key)
        if known is None:
            if len(self._cache) >= MOST_STATES:
                self._cache.clear()
            reached: list[int] = []
            for number in states:
                if number != _DONE and _takes(self._steps[number].takes, symbol):
                    reached += self._steps[number].to
            known = self._cache[key] = self._closed(reached)
        return known

    def _closed(self, numbers: list[int]) -> _Set:
        """All that can be reached without a symbol."""
        seen: set[int] = set()
        todo = list(numbers)
        while todo:
            number = todo.pop()
            if number not in seen:
                seen.add(number)
                if number != _DONE and self._steps[number].takes is None:
                    todo += self._steps[number].to
        return frozenset(n for n in seen if n == _DONE or self._steps[n].takes is not None)

    def _add(self, takes: Chars | str | None, to: list[int]) -> int:
        if len(self._steps) >= MOST_NODES:
            raise BadPattern("Regular expression too big")
        self._steps.append(_Step(takes, to))
        return len(self._steps) - 1

    def _build(self, node: Node, after: int) -> int:
        """Add a node's steps, which go on to `after`; return the first of them."""
        if isinstance(node, Chars):
            return self._add(node, [after])
        if isinstance(node, Edge):
            return self._add({BEGIN: _BEGIN, END: _END}[node.which][0], [after])
        if isinstance(node, Row):
            for part in reversed(node.parts):
                after = self._build(part, after)
            return after
        if isinstance(node, Either):
            return self._add(None, [self._build(part, after) for part in node.parts])
        return self._many(node, after)

    def _many(self, node: Many, after: int) -> int:
        if node.most is None:
            loop = self._add(None, [after])
            self._steps[loop].to.append(self._build(node.part, loop))
            after = loop
        else:
            for _ in range(node.most - node.least):
                after = self._add(None, [self._build(node.part, after), after])
        for _ in range(node.least):
            after = self._build(node.part, after)
        return after


def _takes(wanted: Chars | str | None, symbol: str) -> bool:
    if isinstance(wanted, Chars):
        return len(symbol) == 1 and (symbol in wanted.chars) != wanted.is_negated
    return wanted == symbol
