"""What a shell knows between commands: variables, options, functions, how busy it has been."""

import asyncio
from dataclasses import dataclass, field

from app.sandbox.shell.sh.tree import Command

BURST = 20_000  # commands at full speed
PAUSE_S = 0.002  # after each further one: a loop that never waits leaves the others their share
TURN = 50  # commands between two looks at what else is to be done
MOST_VARIABLES = 2_000
SMALL, MOST_HELD = 500, 2 * 1024 * 1024  # characters of one variable, of all
DEEPEST = 60  # functions inside functions
MOST_SUBSHELLS = 200  # at a time, of one command: pipes, substitutions, what runs behind


class Leave(Exception):
    """The shell ends with a code."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class Jump(Exception):
    """`break`, `continue` or `return`: how many loops, or the function's code."""

    def __init__(self, kind: str, count: int) -> None:
        super().__init__(kind)
        self.kind = kind
        self.count = count


class Pace:
    """How busy a shell and its subshells are together."""

    def __init__(self) -> None:
        self._count = 0
        self.subshells = 0

    async def step(self) -> None:
        """Count a command, and let others have their turn."""
        self._count += 1
        if self._count > BURST:
            await asyncio.sleep(PAUSE_S)
        elif self._count % TURN == 0:
            await asyncio.sleep(0)


@dataclass
class State:
    """A subshell gets a copy; only the pace is shared."""

    variables: dict[str, str]
    exported: set[str]
    name: str
    words: list[str] = field(default_factory=list)
    functions: dict[str, Command] = field(default_factory=dict)
    options: set[str] = field(default_factory=set)
    status: int = 0
    depth: int = 0
    loops: int = 0
    captured: bool = False  # whether the status is that of a substitution
    behind: list["asyncio.Task[int]"] = field(default_factory=list)
    pace: Pace = field(default_factory=Pace)

    def copy(self) -> "State":
        """Return the state that a subshell begins with."""
        return State(
            dict(self.variables),
            set(self.exported),
            self.name,
            list(self.words),
            dict(self.functions),
            set(self.options),
            self.status,
            self.depth,
            0,
            False,
            [],
            self.pace,
        )

    def assign(self, name: str, value: str) -> None:
        """Set a variable. Raises: Leave where there would be too much of them."""
        self.variables[name] = value
        is_many = len(self.variables) > MOST_VARIABLES
        if is_many or (len(value) > SMALL and sum(map(len, self.variables.values())) > MOST_HELD):
            raise Leave(2)

    def environment(self) -> dict[str, str]:
        """Return the exported variables."""
        return {name: text for name, text in self.variables.items() if name in self.exported}

    def get(self, name: str) -> str | None:
        """Return a variable or a parameter, None where it is not set."""
        if name == "?":
            return str(self.status)
        if name == "#":
            return str(len(self.words))
        if name in ("@", "*"):
            return " ".join(self.words)
        if name == "$":
            return "1"
        if name == "!":
            return str(len(self.behind) + 1) if self.behind else ""
        if name == "-":
            return ""
        if name == "0":
            return self.name
        if name.isdigit():
            return self.words[int(name) - 1] if int(name) <= len(self.words) else None
        return self.variables.get(name)
