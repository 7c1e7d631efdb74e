"""URL globs: `{one,two}`, `[1-100]`, `[001-100:10]`, `[a-z]`, and several of them in one URL."""

import re
from collections.abc import Iterator, Sequence
from itertools import islice

from app.sandbox.shell.curl.failures import MALFORMED, Failure

_NUMBERS = re.compile(r"\[(\d{1,18})-(\d{1,18})(?::(\d{1,18}))?\]")
_LETTERS = re.compile(r"\[([A-Za-z])-([A-Za-z])(?::(\d{1,18}))?\]")
_ADDRESS = re.compile(r"\[[0-9A-Fa-f:.%]*:[0-9A-Fa-f:.%]*\]")
_MOST_SETS = 100
_MOST_WORDS = 10_000


def expand(url: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield each URL of a glob and the words that its sets stand for; the last set turns first.

    Raises: Failure, at once.
    """
    return _product(_parse(url))


Part = Sequence[str]  # a fixed text is a list of one word in a tuple


def _parse(url: str) -> list[tuple[bool, "Part | range", int]]:
    parts: list[tuple[bool, Part | range, int]] = []
    text, at = "", 0
    while at < len(url):
        char = url[at]
        if char == "\\" and url[at + 1 : at + 2] in tuple("{}[]"):
            text, at = text + url[at + 1], at + 2
            continue
        if char == "[" and (found := _ADDRESS.match(url, at)):
            text, at = text + found[0], found.end()
            continue
        if char in "}]":
            raise _bad(url, at, "unmatched close brace/bracket")
        if char not in "{[":
            text, at = text + char, at + 1
            continue
        words, width, end = (_words if char == "{" else _range)(url, at)
        parts += [(False, [text], 0), (True, words, width)]
        text, at = "", end
    parts.append((False, [text], 0))
    if sum(is_set for is_set, _, _ in parts) > _MOST_SETS:
        raise Failure(MALFORMED, "too many globs")
    return parts


def _words(url: str, at: int) -> "tuple[Part | range, int, int]":
    end = url.find("}", at)
    if end < 0:
        raise _bad(url, at, "unmatched brace")
    inside = url[at + 1 : end]
    if nested := re.search(r"[\[{]", inside):
        raise _bad(url, at + 1 + nested.start(), "nested brace")
    if not inside:
        raise _bad(url, at + 1, "empty string within braces")
    return inside.split(",")[:_MOST_WORDS], 0, end + 1


def _range(url: str, at: int) -> "tuple[Part | range, int, int]":
    if found := _NUMBERS.match(url, at):
        first, last, step = int(found[1]), int(found[2]), int(found[3] or 1)
        if first > last or step == 0 or step > max(last - first, 1):
            raise _bad(url, found.end(), "bad range")
        is_padded = found[1].startswith("0") and len(found[1]) > 1
        return range(first, last + 1, step), len(found[1]) if is_padded else 0, found.end()
    if found := _LETTERS.match(url, at):
        first, last, step = ord(found[1]), ord(found[2]), int(found[3] or 1)
        if first > last or step == 0 or step > max(last - first, 1):
            raise _bad(url, found.end(), "bad range")
        return [chr(code) for code in range(first, last + 1, step)], 0, found.end()
    raise _bad(url, at + 1, "bad range")


def _bad(url: str, at: int, why: str) -> Failure:
    return Failure(MALFORMED, f"{why} in URL position {at + 1}:\n{url}\n{' ' * at}^")


def _product(
    parts: "list[tuple[bool, Part | range, int]]", chosen: tuple[str, ...] = (), url: str = ""
) -> Iterator[tuple[str, tuple[str, ...]]]:
    if not parts:
        yield url, chosen
        return
    is_set, words, width = parts[0]
    for word in islice(words, None):
        text = str(word).zfill(width)
        yield from _product(parts[1:], (*chosen, text) if is_set else chosen, url + text)
