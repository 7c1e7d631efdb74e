"""Commands in a tree, and which of them a line means."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from app.sandbox.istioctl.line.failure import Misused
from app.sandbox.istioctl.line.flags import Flag, Values, parse

Context = TypeVar("Context")
HELP = "help"
NEAR = 2  # how many letters a suggestion may differ in


@dataclass(frozen=True)
class Command(Generic[Context]):
    """One command. `run` returns the exit status; a command without it only groups others.

    `unknown` names what a word is that no subcommand has (`dashboard`, `resource type`); without
    it such a word gets the group's help, as with cobra. An open command takes any words and flags;
    one that `takes_unknown` reads past flags that it does not have.
    """

    name: str
    short: str
    run: "Callable[[Call[Context]], Awaitable[int]] | None" = None
    flags: tuple[Flag, ...] = ()
    inherited: tuple[Flag, ...] = ()
    aliases: tuple[str, ...] = ()
    commands: "tuple[Command[Context], ...]" = ()
    usage: str = ""
    examples: tuple[str, ...] = ()
    long: str = ""
    unknown: str = ""
    hides: tuple[str, ...] = ()
    is_hidden: bool = False
    is_open: bool = False
    takes_unknown: bool = False

    def find(self, word: str) -> "Command[Context] | None":
        """Return the subcommand of that name or alias."""
        return next((c for c in self.commands if word in (c.name, *c.aliases)), None)


@dataclass(frozen=True)
class Found(Generic[Context]):
    """The command that a line means: the way to it, the flags that it takes, its own words."""

    way: tuple[Command[Context], ...]
    flags: Values
    words: Sequence[str]

    @property
    def command(self) -> Command[Context]:
        """Return the command itself."""
        return self.way[-1]

    @property
    def path(self) -> tuple[str, ...]:
        """Return the names of the commands on the way."""
        return tuple(command.name for command in self.way)


@dataclass(frozen=True)
class Call(Generic[Context]):
    """A line that was understood: its command, its words, its flags, and what it works on."""

    found: Found[Context]
    words: Sequence[str]
    flags: Values
    context: Context


def find(root: Command[Context], argv: Sequence[str]) -> Found[Context]:
    """Return the command of a line, with its flags. Raises: Misused."""
    way, rest = [root], list(argv)
    while way[-1].commands:
        at = _first_word(rest, _flags(way))
        command = way[-1].find(rest[at]) if at is not None else None
        if at is None or command is None:
            if at is not None and len(way) == 1:
                raise _unknown(root, rest[at])
            break
        del rest[at]
        way.append(command)
    flags = (*_flags(way), Flag(HELP, f"help for {way[-1].name}", "h", "bool", "false"))
    if way[-1].is_open and not {"-h", "--help"} & set(rest):
        return Found(tuple(way), Values({flag.name: flag for flag in flags}), rest)
    values, words = parse(flags, rest, takes_unknown=way[-1].takes_unknown)
    return Found(tuple(way), values, words)


def _flags(way: Sequence[Command[Context]]) -> list[Flag]:
    above = [flag for command in way for flag in command.inherited]
    own = list(way[-1].flags)
    taken = {flag.name for flag in own}
    shorts = {flag.short for flag in own if flag.short}
    kept = [flag for flag in above if flag.name not in taken]
    return own + [replace(flag, short="" if flag.short in shorts else flag.short) for flag in kept]


def _first_word(argv: Sequence[str], flags: Sequence[Flag]) -> int | None:
    """Return where the first word stands that is neither a flag nor a flag's value."""
    takes = {f"--{flag.name}" for flag in flags if flag.type != "bool"}
    takes |= {f"-{flag.short}" for flag in flags if flag.short and flag.type != "bool"}
    at = 0
    while at < len(argv):
        if argv[at] == "--":
            return None
        if not argv[at].startswith("-") or argv[at] == "-":
            return at
        at += 2 if argv[at] in takes else 1
    return None


def _unknown(root: Command[Context], word: str) -> Misused:
    near = [c.name for c in root.commands if not c.is_hidden and _is_near(word, c.name)]
    hint = ""
    if near:
        hint = "\n\nDid you mean this?\n" + "".join(f"\t{name}\n" for name in near)
    end = f"{hint}\nRun '{root.name} --help' for usage."
    return Misused(f'unknown command "{word}" for "{root.name}"{end}')


def _is_near(word: str, name: str) -> bool:
    return _distance(word.lower(), name.lower()) <= NEAR or name.lower().startswith(word.lower())


def _distance(one: str, other: str) -> int:
    """Return how many letters to change, add or leave out make one word the other."""
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        before, row[0] = row[0], i
        for j, against in enumerate(other, 1):
            step = min(row[j] + 1, row[j - 1] + 1, before + (letter != against))
            before, row[j] = row[j], step
    return row[-1]
