"""curl's command line: its options, and the groups of transfers between `--next`."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from app.sandbox.shell.curl.failures import Usage
from app.sandbox.shell.curl.known import GLOBAL, REFUSED, SHORT, TAKES

_TRY = "curl: try 'curl --help' or 'curl --manual' for more information"
_NUMBERS = {
    "connect-timeout", "max-redirs", "max-time", "parallel-max", "retry", "retry-delay",
    "retry-max-time",
}  # fmt: skip
_RATE = re.compile(r"(\d+)(?:/(\d*)([smhd]))?")
_UNIT_S = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


@dataclass
class Group:
    """The options of one group of transfers; those that may come often keep all their values."""

    flags: dict[str, bool] = field(default_factory=dict)
    values: dict[str, str] = field(default_factory=dict)
    lists: dict[str, list[str]] = field(default_factory=dict)
    urls: list[str] = field(default_factory=list)
    outputs: list[str] = field(default_factory=list)  # of each URL in turn; "" is the URL's name
    data: list[tuple[str, str]] = field(default_factory=list)  # kind of data option, value

    def has(self, name: str) -> bool:
        """Whether a flag is on."""
        return self.flags.get(name, False)

    def value(self, name: str, default: str = "") -> str:
        """Return an option's last value."""
        return self.values.get(name, default)

    def all(self, name: str) -> list[str]:
        """Return an option's values, in order."""
        return self.lists.get(name, [])

    def seconds(self, name: str, default: float) -> float:
        """Return a time span; 0 means the default."""
        return float(self.values.get(name, "0")) or default


@dataclass
class CommandLine:
    """All groups, and the options that are one for all of them."""

    groups: list[Group]
    flags: dict[str, bool]
    parallel_max: int = 50
    interval_s: float = 0.0


def parse(argv: Sequence[str]) -> CommandLine:
    """Return what curl is asked to do; `argv` is without its name. Raises: Usage."""
    reader = _Reader(list(argv))
    reader.read()
    line = CommandLine(reader.groups, reader.shared)
    line.parallel_max = max(1, min(int(reader.shared_values.get("parallel-max", 50)), 300))
    if rate := reader.shared_values.get("rate"):
        found = _RATE.fullmatch(rate)
        if found is None or not int(found[1]) or found[2] == "0":
            raise Usage(f"curl: option --rate: expected a proper numerical parameter\n{_TRY}")
        line.interval_s = int(found[2] or 1) * _UNIT_S[found[3] or "h"] / int(found[1])
    if any(not group.urls for group in line.groups):
        is_bare = not argv
        raise Usage(_TRY if is_bare else f"curl: no URL specified!\n{_TRY}")
    return line


class _Reader:
    def __init__(self, words: list[str]) -> None:
        self.words = words
        self.groups = [Group()]
        self.shared: dict[str, bool] = {}
        self.shared_values: dict[str, str] = {}

    def read(self) -> None:
        is_over = False
        while self.words:
            word = self.words.pop(0)
            if is_over or not word.startswith("-") or word == "-":
                self.groups[-1].urls.append(word)
            elif word == "--":
                is_over = True
            elif word.startswith("--"):
                self._long(word[2:])
            else:
                self._short(word[1:])

    def _long(self, name: str) -> None:
        is_on = True
        if name not in TAKES and name.startswith("no-") and name[3:] in TAKES:
            name, is_on = name[3:], False
        if name not in TAKES:
            longer = [known for known in TAKES if known.startswith(name)]
            if len(longer) != 1:
                why = "is ambiguous" if longer else "is unknown"
                raise Usage(f"curl: option --{name}: {why}\n{_TRY}")
            name = longer[0]
        if TAKES[name]:
            self._set(name, self._argument(f"--{name}"))
        else:
            self._switch(name, is_on)

    def _short(self, letters: str) -> None:
        while letters:
            letter, letters = letters[0], letters[1:]
            name = SHORT.get(letter)
            if name is None:
                raise Usage(f"curl: option -{letter}: is unknown\n{_TRY}")
            if TAKES[name]:
                self._set(name, letters or self._argument(f"-{letter}"))
                return
            self._switch(name, True)

    def _argument(self, shown: str) -> str:
        if not self.words:
            raise Usage(f"curl: option {shown}: requires parameter\n{_TRY}")
        return self.words.pop(0)

    def _switch(self, name: str, is_on: bool) -> None:
        _check(name)
        if name == "next":
            if not self.groups[-1].urls:
                raise Usage(f"curl: no URL specified!\n{_TRY}")
            self.groups.append(Group())
        elif name == "remote-name":
            self.groups[-1].outputs.append("")
        elif name in GLOBAL:
            self.shared[name] = is_on
        else:
            self.groups[-1].flags[name] = is_on

    def _set(self, name: str, value: str) -> None:
        _check(name)
        group = self.groups[-1]
        if name in _NUMBERS and not re.fullmatch(r"\d{1,9}(\.\d{1,9})?", value):
            raise Usage(f"curl: option --{name}: expected a proper numerical parameter\n{_TRY}")
        if name == "url":
            group.urls.append(value)
        elif name == "output":
            group.outputs.append(value or "-")
        elif name == "json":
            group.data.append(("data-binary", value))
            group.flags["json"] = True
        elif name.startswith("data"):
            group.data.append((name, value))
        elif name in GLOBAL:
            self.shared_values[name] = value
        else:
            group.values[name] = value
            group.lists.setdefault(name, []).append(value)


def _check(name: str) -> None:
    if name in REFUSED:
        raise Usage(f"curl: the sandbox's curl does not emulate --{name}: {REFUSED[name]}")
