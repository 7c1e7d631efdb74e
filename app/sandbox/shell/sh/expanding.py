"""From words to texts: variables, substitutions, and the splitting of what was not quoted."""

from collections.abc import Awaitable, Callable, Sequence
from fnmatch import fnmatchcase

from app.sandbox.shell.sh.arithmetic import evaluate
from app.sandbox.shell.sh.state import Leave, State
from app.sandbox.shell.sh.tree import Output, Part, Script, Sum, Text, Variable, Word

MOST_CHARACTERS = 256 * 1024  # of one command's words, or of a variable
LONGEST_PATTERN = 200  # characters; of ${name%pattern} and case
_BLANKS = " \t\n"


class Unset(Leave):
    """A variable that is not set where it must be; its text is what is said."""

    def __init__(self, message: str) -> None:
        super().__init__(2)
        self.message = message


class Expander:
    """Expands words with a state; `capture` runs the script of a substitution."""

    def __init__(self, state: State, capture: Callable[[Script], Awaitable[str]]) -> None:
        self._state = state
        self._capture = capture

    async def words(self, words: Sequence[Word]) -> list[str]:
        """Return the texts of words; a word may become several, or none."""
        texts: list[str] = []
        size = 0
        for word in words:
            more = await self._split(word)
            size += sum(map(len, more))
            _check(size)
            texts += more
        return texts

    async def text(self, word: Word | None) -> str:
        """Return a word as one text, never split."""
        parts = word.parts if word else ()
        text = "".join([await self._value(part) for part in parts])
        _check(len(text))
        return text

    async def pattern(self, word: Word) -> str:
        """Return a word as a pattern, in which quoted characters stand for themselves."""
        text = ""
        for part in word.parts:
            value = await self._value(part)
            text += (
                "".join(f"[{c}]" if c in "*?[" else c for c in value) if part.is_quoted else value
            )
        return text

    async def _split(self, word: Word) -> list[str]:
        texts: list[str] = []
        current: str | None = None
        for part in word.parts:
            if isinstance(part, Variable) and part.name == "@" and part.is_quoted:
                current = _join(texts, current, self._state.words)
                continue
            value = await self._value(part)
            if part.is_quoted or isinstance(part, Text):
                current = (current or "") + value
                continue
            pieces = value.split()
            if value[:1] in tuple(_BLANKS) and current is not None:
                texts.append(current)
                current = None
            current = _join(texts, current, pieces)
            if pieces and value[-1:] in tuple(_BLANKS) and current is not None:
                texts.append(current)
                current = None
        return texts if current is None else [*texts, current]

    async def _value(self, part: Part) -> str:
        if isinstance(part, Text):
            return part.text
        if isinstance(part, Output):
            return await self._capture(part.script)
        if isinstance(part, Sum):
            return str(evaluate(await self.text(part.word), self._state.variables))
        return await self._variable(part)

    async def _variable(self, part: Variable) -> str:
        value = self._state.get(part.name)
        operator = part.operator
        if operator == "length":
            return str(len(value or ""))
        if operator[:1] in ("#", "%") and operator:
            return _trimmed(value or "", operator, await self.pattern(part.word or Word(())))
        is_missing = value is None or (operator.startswith(":") and value == "")
        kind = operator[-1:]
        if kind == "+":
            return "" if is_missing else await self.text(part.word)
        if not is_missing:
            return value or ""
        if kind == "?":
            told = await self.text(part.word) or "parameter not set"
            raise Unset(f"{part.name}: {told}")
        if kind in ("-", "="):
            given = await self.text(part.word)
            if kind == "=":
                self._state.assign(part.name, given)
            return given
        if "u" in self._state.options and part.name not in ("@", "*"):
            raise Unset(f"{part.name}: parameter not set")
        return ""


def _join(texts: list[str], current: str | None, pieces: list[str]) -> str | None:
    """Add pieces: the first to the text at hand, which is done once another follows it."""
    for number, piece in enumerate(pieces):
        if number:
            texts.append(current or "")
            current = piece
        else:
            current = (current or "") + piece
    return current


def _check(size: int) -> None:
    if size > MOST_CHARACTERS:
        raise Unset("the sandbox's sh holds no more than 256 KiB in a command's words")


def _literal(text: str) -> str:
    return "".join(f"[{char}]" if char in "*?[" else char for char in text)


def matches(text: str, pattern: str) -> bool:
    """Whether a text is what a pattern with `*`, `?` and `[...]` describes."""
    if len(pattern) > LONGEST_PATTERN or pattern.count("*") > 5:
        raise Unset("the sandbox's sh takes patterns of at most 200 characters and five stars")
    return fnmatchcase(text[:10_000], pattern)


def _trimmed(text: str, operator: str, pattern: str) -> str:
    """The text without the shortest or longest beginning or end that a pattern describes."""
    text = text[:10_000]
    places = range(len(text) + 1)
    if operator[0] == "#":
        order = places if operator == "#" else reversed(places)
        return next((text[at:] for at in order if matches(text[:at], pattern)), text)
    order = reversed(places) if operator == "%" else places
    return next((text[:at] for at in order if matches(text[at:], pattern)), text)
