"""Flags in all their spellings, read as the programs read them, so that nothing slips through."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from app.commands.allowed.values import Value, shorten
from app.commands.model import Scope
from app.errors import CommandRefused

Style = Literal["go", "curl"]  # go: -n=x, --name=x; curl: a value is always a word of its own

KEYBOARD: Final = frozenset({"i", "t", "it", "ti", "stdin", "tty", "interactive"})
SWITCH: Final = Value("true or false", choices=("true", "false"))


@dataclass(frozen=True)
class Flag:
    """One flag of one verb. A `SWITCH` takes no word after it; `many` may be repeated."""

    name: str
    value: Value = SWITCH
    short: str = ""
    many: bool = False

    @property
    def is_switch(self) -> bool:
        """Whether it stands for itself."""
        return self.value is SWITCH


@dataclass(frozen=True)
class Option:
    """A flag as it was given. `value` is what the program gets."""

    name: str
    value: str


class Flags:
    """The flags of one verb, by every name they have."""

    def __init__(self, flags: Iterable[Flag], style: Style = "go") -> None:
        self.style: Style = style
        self.all: tuple[Flag, ...] = tuple(flags)
        self.long: Mapping[str, Flag] = {flag.name: flag for flag in self.all}
        self.short: Mapping[str, Flag] = {flag.short: flag for flag in self.all if flag.short}

    def spellings(self) -> tuple[str, ...]:
        """Return what completion and hints name."""
        return tuple(f"--{flag.name}" for flag in self.all if len(flag.name) > 1) + tuple(
            f"-{flag.short}" for flag in self.all if flag.short
        )


@dataclass(frozen=True)
class Words:
    """A line taken apart: words, flags, and what follows `--` (None where there is no `--`)."""

    plain: tuple[str, ...]
    options: tuple[Option, ...]
    command: tuple[str, ...] | None


class FlagReader:
    """Reads one line's words against the flags of one verb."""

    def __init__(self, title: str, flags: Flags, scope: Scope) -> None:
        self._title = title
        self._flags = flags
        self._scope = scope
        self._rest: list[str] = []
        self._options: list[Option] = []

    def read(self, words: Iterable[str]) -> Words:
        """Return the words taken apart. Raises: CommandRefused."""
        self._rest = list(words)
        plain: list[str] = []
        while self._rest:
            word = self._rest.pop(0)
            if word == "--":
                return Words(tuple(plain), tuple(self._options), tuple(self._rest))
            if word.startswith("--"):
                self._long(word)
            elif word.startswith("-") and word != "-":
                self._short(word)
            else:
                plain.append(word)
        return Words(tuple(plain), tuple(self._options), None)

    def _long(self, word: str) -> None:
        name, equals, text = word[2:].partition("=")
        if self._flags.style == "curl":
            name, equals, text = word[2:], "", ""
        flag = self._flags.long.get(name)
        if flag is None or len(name) < 2:
            raise self._unknown(f"--{name}")
        if equals:
            self._add(flag, f"--{name}", text)
        elif flag.is_switch:
            self._add(flag, f"--{name}", "true")
        else:
            self._add(flag, f"--{name}", self._next(f"--{name}"))

    def _short(self, word: str) -> None:
        letters = word[1:]
        while letters:
            letter, letters = letters[0], letters[1:]
            flag = self._flags.short.get(letter)
            if flag is None:
                raise self._unknown(f"-{letter}")
            if letters.startswith("=") and self._flags.style == "go":
                self._add(flag, f"-{letter}", letters[1:])
                return
            if not flag.is_switch:
                self._add(flag, f"-{letter}", letters or self._next(f"-{letter}"))
                return
            self._add(flag, f"-{letter}", "true")

    def _next(self, spelling: str) -> str:
        if not self._rest:
            raise CommandRefused(f"`{spelling}` needs a value after it.")
        return self._rest.pop(0)

    def _add(self, flag: Flag, spelling: str, text: str) -> None:
        if not flag.many and any(option.name == flag.name for option in self._options):
            raise CommandRefused(f"`{spelling}` is given twice.", hint="Once is enough.")
        try:
            values = flag.value.read(text, self._scope)
        except CommandRefused as problem:
            hint = problem.hint or f"`{spelling}` takes {flag.value.expects}."
            raise CommandRefused(f"`{spelling}`: {problem}", hint=hint) from None
        self._options += [Option(flag.name, value) for value in values]

    def _unknown(self, spelling: str) -> CommandRefused:
        if spelling.lstrip("-") in KEYBOARD:
            return CommandRefused(
                f"`{shorten(spelling)}` asks for a keyboard, and a run has none.",
                hint="Leave it out, and name the program that is to run: -- curl -s http://backend/",
            )
        known = ", ".join(self._flags.spellings())
        return CommandRefused(
            f"`{self._title}` does not take `{shorten(spelling)}` here.",
            hint=f"It takes {known}." if known else "It takes no flags.",
        )
