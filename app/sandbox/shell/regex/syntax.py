"""From a POSIX pattern to a tree.

Source: https://pubs.opengroup.org/onlinepubs/9799919799/basedefs/V1_chap09.html
"""

import string
from dataclasses import dataclass
from typing import TypeAlias

BEGIN, END = "^", "$"  # the edges of a line, as symbols of their own
MOST_TIMES = 255
_CLASSES = {
    "alnum": string.ascii_letters + string.digits,
    "alpha": string.ascii_letters,
    "blank": " \t",
    "cntrl": "".join(map(chr, range(32))) + "\x7f",
    "digit": string.digits,
    "graph": string.ascii_letters + string.digits + string.punctuation,
    "lower": string.ascii_lowercase,
    "print": string.ascii_letters + string.digits + string.punctuation + " ",
    "punct": string.punctuation,
    "space": string.whitespace,
    "upper": string.ascii_uppercase,
    "xdigit": string.hexdigits,
}
_WORD = string.ascii_letters + string.digits + "_"
_ESCAPES = {"w": (_WORD, False), "W": (_WORD, True), "s": (string.whitespace, False)}
_ESCAPES["S"] = (string.whitespace, True)


class BadPattern(Exception):
    """A pattern that cannot be read; its text is grep's."""


@dataclass(frozen=True)
class Chars:
    """One character of a set, or one that is not in it."""

    chars: frozenset[str]
    is_negated: bool = False


@dataclass(frozen=True)
class Edge:
    """The beginning or the end of the line."""

    which: str


@dataclass(frozen=True)
class Many:
    """A part so and so often; `most` None: without end."""

    part: "Node"
    least: int
    most: int | None


@dataclass(frozen=True)
class Row:
    """Parts one after the other."""

    parts: "tuple[Node, ...]"


@dataclass(frozen=True)
class Either:
    """One of several parts."""

    parts: "tuple[Node, ...]"


Node: TypeAlias = Chars | Edge | Many | Row | Either


def parse(pattern: str, *, is_extended: bool = False, ignores_case: bool = False) -> Node:
    """Return the tree of a pattern. Raises: BadPattern."""
    reader = _Reader(pattern, is_extended, ignores_case)
    tree = reader.either(0)
    if reader.at < len(pattern):
        raise BadPattern("Unmatched ) or \\)")
    return tree


class _Reader:
    def __init__(self, text: str, is_extended: bool, ignores_case: bool) -> None:
        self.text = text
        self.at = 0
        self._is_extended = is_extended
        self._ignores_case = ignores_case

    def _sees(self, mark: str) -> bool:
        """Whether a mark with a meaning comes next: escaped in basic patterns, bare in others."""
        return self.text.startswith(mark if self._is_extended else f"\\{mark}", self.at)

    def _take(self, mark: str) -> bool:
        if self._sees(mark):
            self.at += 1 if self._is_extended else 2
            return True
        return False

    def either(self, depth: int) -> Node:
        if depth > 50:
            raise BadPattern("Regular expression too big")
        parts = [self._row(depth)]
        while self._take("|"):
            parts.append(self._row(depth))
        return parts[0] if len(parts) == 1 else Either(tuple(parts))

    def _row(self, depth: int) -> Node:
        parts: list[Node] = []
        while self.at < len(self.text) and not self._sees("|"):
            if self._sees(")") and (depth or not self._is_extended):
                break
            if self._sees(")"):
                raise BadPattern("Unmatched ) or \\)")
            parts.append(self._repeated(self._atom(depth, is_first=not parts)))
        return Row(tuple(parts))

    def _atom(self, depth: int, *, is_first: bool) -> Node:
        if self._take("("):
            inner = self.either(depth + 1)
            if not self._take(")"):
                raise BadPattern("Unmatched ( or \\(")
            return inner
        char = self.text[self.at]
        self.at += 1
        if char == ".":
            return Chars(frozenset(), True)
        if char == "[":
            return self._bracket()
        if char == "^" and (self._is_extended or is_first):
            return Edge(BEGIN)
        if char == "$" and (self._is_extended or self._is_at_end()):
            return Edge(END)
        if char == "\\":
            return self._escape()
        if char in "*+?{" and is_first and self._is_extended:
            return Row(()) if char == "*" else self._one(char)
        return self._one(char)

    def _is_at_end(self) -> bool:
        rest = self.text[self.at :]
        return not rest or rest.startswith(("\\)", "\\|"))

    def _escape(self) -> Node:
        if self.at >= len(self.text):
            raise BadPattern("Trailing backslash")
        char = self.text[self.at]
        self.at += 1
        if char in _ESCAPES:
            chars, is_negated = _ESCAPES[char]
            return Chars(frozenset(chars), is_negated)
        if char.isdigit() or char in "bB<>":
            raise BadPattern(f"the sandbox does not emulate \\{char} in patterns")
        return self._one(char)

    def _one(self, char: str) -> Chars:
        both = {char.lower(), char.upper()} if self._ignores_case else {char}
        return Chars(frozenset(both))

    def _repeated(self, part: Node) -> Node:
        while self.at < len(self.text):
            if self.text[self.at] == "*":
                self.at += 1
                part = Many(part, 0, None)
            elif self._take("+"):
                part = Many(part, 1, None)
            elif self._take("?"):
                part = Many(part, 0, 1)
            elif self._sees("{"):
                part = self._counted(part)
            else:
                break
        return part

    def _counted(self, part: Node) -> Node:
        close = "}" if self._is_extended else "\\}"
        start = self.at + (1 if self._is_extended else 2)
        end = self.text.find(close, start)
        least, comma, most = self.text[start:end].partition(",")
        is_right = end >= 0 and (least.isdigit() or (comma and not least))
        if not is_right or (most and not most.isdigit()):
            if self._is_extended and not is_right:
                self.at += 1
                return Row((part, self._one("{")))
            raise BadPattern("Invalid content of \\{\\}")
        self.at = end + len(close)
        low = int(least or 0)
        high = low if not comma else int(most) if most else None
        if max(low, high or 0) > MOST_TIMES:
            raise BadPattern("Regular expression too big")
        if high is not None and high < low:
            raise BadPattern("Invalid content of \\{\\}")
        return Many(part, low, high)

    def _bracket(self) -> Node:
        is_negated = self.text.startswith("^", self.at)
        self.at += is_negated
        chars: set[str] = set()
        is_first = True
        while True:
            if self.at >= len(self.text):
                raise BadPattern("Unmatched [, [^, [:, [., or [=")
            char = self.text[self.at]
            if char == "]" and not is_first:
                self.at += 1
                break
            is_first = False
            if self.text.startswith("[:", self.at):
                chars |= self._class()
                continue
            self.at += 1
            last = self.text[self.at + 1 : self.at + 2]
            if self.text.startswith("-", self.at) and last not in ("", "]"):
                self.at += 2
                if ord(last) < ord(char):
                    raise BadPattern("Invalid range end")
                chars.update(map(chr, range(ord(char), min(ord(last), ord(char) + 70_000) + 1)))
            else:
                chars.add(char)
        if self._ignores_case:
            chars |= {c.lower() for c in chars} | {c.upper() for c in chars}
        return Chars(frozenset(chars), is_negated)

    def _class(self) -> set[str]:
        end = self.text.find(":]", self.at)
        name = self.text[self.at + 2 : end] if end >= 0 else ""
        if name not in _CLASSES:
            raise BadPattern("Invalid character class name")
        self.at = end + 2
        return set(_CLASSES[name])
