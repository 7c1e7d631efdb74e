"""Flags of a command line, read as pflag reads them.

Source: https://github.com/spf13/pflag (the forms of flags, and the words of its errors)
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from app.sandbox.istioctl.line.failure import Misused

Type = Literal["string", "bool", "int", "duration", "strings", "stringArray", "Level", "verbosity"]
TRUE = ("1", "t", "T", "true", "TRUE", "True")
FALSE = ("0", "f", "F", "false", "FALSE", "False")
LEVELS = ("Info", "Warning", "Error")
DURATION = re.compile(r"[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|ms|s|m|h)", re.ASCII)
UNITS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}


@dataclass(frozen=True)
class Flag:
    """One flag. `default` is as the help prints it; a bool's is "true" or "false".

    A refused flag is one of the real istioctl's that has no meaning here.
    """

    name: str
    help: str
    short: str = ""
    type: Type = "string"
    default: str = ""
    is_hidden: bool = False
    is_refused: bool = False

    @property
    def title(self) -> str:
        """Return the flag as an error names it."""
        return f"-{self.short}, --{self.name}" if self.short else f"--{self.name}"


@dataclass
class Values:
    """What a line gave its flags; a flag that was not given has its default."""

    flags: Mapping[str, Flag]
    given: dict[str, list[str]] = field(default_factory=dict)

    def has(self, name: str) -> bool:
        """Whether the flag stands on the line."""
        return name in self.given

    def text(self, name: str) -> str:
        """Return a flag's last value."""
        return self.given[name][-1] if name in self.given else self.flags[name].default

    def is_on(self, name: str) -> bool:
        """Return a bool flag's value."""
        return self.text(name) in TRUE

    def number(self, name: str) -> int:
        """Return an int flag's value."""
        return int(self.text(name) or "0", 0)

    def seconds(self, name: str) -> float:
        """Return a duration flag's value."""
        return seconds(self.text(name)) or 0.0

    def texts(self, name: str) -> list[str]:
        """Return every value of a repeatable flag; `strings` may hold several, with commas."""
        given = self.given.get(name, [])
        if self.flags[name].type == "strings":
            return [part for value in given for part in value.split(",")]
        return given


def seconds(written: str) -> float | None:
    """Return a Go duration (`1m30s`) in seconds; None where it is none."""
    if written in ("0", "+0", "-0"):
        return 0.0
    rest, total = written, 0.0
    while rest:
        part = DURATION.match(rest)
        if part is None:
            return None
        number, unit = re.findall(r"^([-+.\d]+)(\D+)$", part[0])[0]
        total += float(number) * UNITS[unit]
        rest = rest[part.end() :]
    return total if written else None


def parse(
    flags: Sequence[Flag], argv: Sequence[str], *, takes_unknown: bool = False
) -> tuple[Values, list[str]]:
    """Return the flags' values and the words that are no flags. Raises: Misused."""
    by_name = {flag.name: flag for flag in flags}
    by_short = {flag.short: flag for flag in flags if flag.short}
    values, words = Values(by_name), list[str]()
    rest = list(argv)
    while rest:
        word = rest.pop(0)
        if word == "--":
            return values, words + rest
        if takes_unknown and _is_unknown(word, by_name, by_short):
            if "=" not in word and rest and not rest[0].startswith("-"):
                del rest[0]  # as pflag does, which takes it for the flag's value
            continue
        if word.startswith("--"):
            _long(word, rest, by_name, values)
        elif word.startswith("-") and word != "-":
            _short(word, rest, by_short, values)
        else:
            words.append(word)
    return values, words


def _is_unknown(word: str, by_name: Mapping[str, Flag], by_short: Mapping[str, Flag]) -> bool:
    if word.startswith("--"):
        return word[2:].partition("=")[0] not in by_name
    return word.startswith("-") and word != "-" and word[1] not in by_short


def _long(word: str, rest: list[str], by_name: Mapping[str, Flag], values: Values) -> None:
    name, equals, value = word[2:].partition("=")
    if not name or name.startswith("-"):
        raise Misused(f"bad flag syntax: {word}")
    flag = by_name.get(name)
    if flag is None:
        raise Misused(f"unknown flag: --{name}")
    if not equals:
        if flag.type == "bool":
            value = "true"
        elif rest:
            value = rest.pop(0)
        else:
            raise Misused(f"flag needs an argument: {word}")
    _set(flag, value, values)


def _short(word: str, rest: list[str], by_short: Mapping[str, Flag], values: Values) -> None:
    letters = word[1:]
    while letters:
        flag = by_short.get(letters[0])
        if flag is None:
            raise Misused(f"unknown shorthand flag: '{letters[0]}' in -{letters}")
        left = letters[1:]
        if left.startswith("=") and len(letters) > 2:
            _set(flag, left[1:], values)
            return
        if flag.type == "bool":
            _set(flag, "true", values)
            letters = left
            continue
        if not left and not rest:
            raise Misused(f"flag needs an argument: '{letters[0]}' in -{letters}")
        _set(flag, left or rest.pop(0), values)
        return


def _set(flag: Flag, value: str, values: Values) -> None:
    trouble = _trouble(flag, value)
    if trouble:
        raise Misused(f'invalid argument "{value}" for "{flag.title}" flag: {trouble}')
    if flag.type == "Level":
        value = next(level for level in LEVELS if level.lower() == value.lower())
    values.given.setdefault(flag.name, []).append(value)


def _trouble(flag: Flag, value: str) -> str:
    """Return what is wrong with a value, in Go's words; empty where nothing is."""
    if flag.type == "bool" and value not in TRUE + FALSE:
        return f'strconv.ParseBool: parsing "{value}": invalid syntax'
    if flag.type in ("int", "verbosity") and not re.fullmatch(r"[-+]?\d+", value, re.ASCII):
        return f'strconv.ParseInt: parsing "{value}": invalid syntax'
    if flag.type == "duration" and seconds(value) is None:
        return f'time: invalid duration "{value}"'
    if flag.type == "Level" and value.lower() not in {level.lower() for level in LEVELS}:
        return "invalid level option"
    return ""
