"""What follows a pipe: grep, head, tail and wc, done here on lines, without a shell."""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from app.commands.model import Filter
from app.errors import CommandRefused

_HINT: Final = "After a pipe: grep WORD (-i -v -c -E), head -N, tail -N, wc -l."
_GREP: Final = frozenset("ivcEF")
_PATTERN_SIGNS: Final = frozenset("*+?[](){}\\")
MOST: Final = 10_000  # lines that `tail` may keep in memory


def parse_filter(words: Sequence[str]) -> Filter:
    """Return the filter that the words after a pipe mean. Raises: CommandRefused."""
    name, *rest = words or [""]
    if name == "grep":
        return _grep(rest)
    if name == "wc" and rest == ["-l"]:
        return Filter("wc")
    if name in ("head", "tail"):
        return Filter("head" if name == "head" else "tail", count=_count(rest))
    raise CommandRefused(f"`{' '.join(words)[:80]}` is no filter that the lab has.", hint=_HINT)


def _grep(words: Sequence[str]) -> Filter:
    options = {letter for word in words if word.startswith("-") for letter in word[1:]}
    texts = [word for word in words if not word.startswith("-")]
    if len(texts) != 1 or not options <= _GREP:
        raise CommandRefused("`grep` takes one word here.", hint=_HINT)
    if "F" not in options and _PATTERN_SIGNS & set(texts[0]):
        raise CommandRefused(
            "`grep` takes plain words here, no patterns.",
            hint="-E 'one|other' finds either; ^ and $ stand for a line's ends.",
        )
    return Filter("grep", text=texts[0], options=frozenset(options))


def _count(words: Sequence[str]) -> int:
    text = " ".join(words) or "-10"
    number = text.removeprefix("-n").removeprefix("-").strip().removeprefix("-")
    if not text.startswith("-") or not (number.isascii() and number.isdigit()) or len(number) > 5:
        raise CommandRefused("`head` and `tail` take a number of lines.", hint=_HINT)
    return min(int(number), MOST)


class Pipeline:
    """The filters of one command, fed line by line. `is_done`: no line can come any more."""

    def __init__(self, filters: Sequence[Filter]) -> None:
        self._stages = [_stage(filter_) for filter_ in filters]

    @property
    def is_done(self) -> bool:
        """Whether a `head` has had enough."""
        return any(isinstance(stage, _Head) and stage.is_full for stage in self._stages)

    def feed(self, texts: Iterable[str]) -> list[str]:
        """Return what is left of these lines."""
        for stage in self._stages:
            texts = stage.feed(texts)
        return list(texts)

    def end(self) -> list[str]:
        """Return what the filters held back until the end: a count, the last lines."""
        left: list[str] = []
        for stage in self._stages:
            left = [*stage.feed(left), *stage.end()]
        return left


class _Stage:
    def feed(self, texts: Iterable[str]) -> Iterator[str]:
        yield from texts

    def end(self) -> list[str]:
        return []


class _Grep(_Stage):
    def __init__(self, filter_: Filter) -> None:
        self._options = filter_.options
        text = filter_.text.lower() if "i" in self._options else filter_.text
        self._words = text.split("|") if "E" in self._options else [text]
        self._count = 0

    def feed(self, texts: Iterable[str]) -> Iterator[str]:
        for text in texts:
            if self._fits(text) == ("v" in self._options):
                continue
            self._count += 1
            if "c" not in self._options:
                yield text

    def end(self) -> list[str]:
        return [str(self._count)] if "c" in self._options else []

    def _fits(self, text: str) -> bool:
        text = text.lower() if "i" in self._options else text
        if "F" in self._options:
            return any(word in text for word in self._words)
        return any(_found(word, text) for word in self._words)


def _found(word: str, text: str) -> bool:
    """Return whether the line holds the word; ^ and $ bind it to the line's ends."""
    starts, ends = word.startswith("^"), word.endswith("$")
    plain = word.removeprefix("^").removesuffix("$")
    if starts and ends:
        return text == plain
    if starts or ends:
        return text.startswith(plain) if starts else text.endswith(plain)
    return plain in text


class _Head(_Stage):
    def __init__(self, count: int) -> None:
        self._left = count

    @property
    def is_full(self) -> bool:
        return self._left <= 0

    def feed(self, texts: Iterable[str]) -> Iterator[str]:
        for text in texts:
            if self._left > 0:
                self._left -= 1
                yield text


class _Tail(_Stage):
    def __init__(self, count: int) -> None:
        self._last: deque[str] = deque(maxlen=count)

    def feed(self, texts: Iterable[str]) -> Iterator[str]:
        self._last.extend(texts)
        yield from ()

    def end(self) -> list[str]:
        return list(self._last)


class _Count(_Stage):
    def __init__(self) -> None:
        self._count = 0

    def feed(self, texts: Iterable[str]) -> Iterator[str]:
        self._count += sum(1 for _ in texts)
        yield from ()

    def end(self) -> list[str]:
        return [str(self._count)]


def _stage(filter_: Filter) -> _Stage:
    if filter_.name == "grep":
        return _Grep(filter_)
    if filter_.name == "head":
        return _Head(filter_.count)
    return _Tail(filter_.count) if filter_.name == "tail" else _Count()
