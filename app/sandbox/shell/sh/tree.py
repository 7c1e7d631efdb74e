"""What a script is made of, once it has been read."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True)
class Text:
    """Characters that stand for themselves; quoted ones are never split."""

    text: str
    is_quoted: bool = False


@dataclass(frozen=True)
class Variable:
    """`$name`, with an operator such as `:-` and its word; `#` before the name is the length."""

    name: str
    operator: str = ""
    word: "Word | None" = None
    is_quoted: bool = False


@dataclass(frozen=True)
class Output:
    """`$(...)`: what a script prints."""

    script: "Script"
    is_quoted: bool = False


@dataclass(frozen=True)
class Sum:
    """`$((...))`."""

    word: "Word"
    is_quoted: bool = False


Part: TypeAlias = Text | Variable | Output | Sum


@dataclass(frozen=True)
class Word:
    """Parts that belong together."""

    parts: tuple[Part, ...]

    def plain(self) -> str | None:
        """Return the word where it is one bare text, as keywords are; else None."""
        if len(self.parts) == 1 and isinstance(self.parts[0], Text) and not self.parts[0].is_quoted:
            return self.parts[0].text
        return None


@dataclass(frozen=True)
class Redirect:
    """`2>>file` and the like; `word` of a here-document is its text."""

    descriptor: int
    operator: str
    word: Word


@dataclass(frozen=True)
class Simple:
    """Assignments, and a command with its words."""

    assignments: tuple[tuple[str, Word], ...]
    words: tuple[Word, ...]
    redirects: Sequence[Redirect] = ()


@dataclass(frozen=True)
class Pipeline:
    """Commands whose output is the next one's input."""

    commands: "tuple[Command, ...]"
    is_negated: bool = False


@dataclass(frozen=True)
class Chain:
    """Pipelines joined by `&&` and `||`; each operator stands before its pipeline."""

    first: Pipeline
    rest: tuple[tuple[str, Pipeline], ...] = ()


@dataclass(frozen=True)
class Script:
    """Chains one after the other; True: in the background."""

    chains: tuple[tuple[Chain, bool], ...]


@dataclass(frozen=True)
class For:
    """`for name in words; do body; done`; no words given: the script's own."""

    name: str
    words: tuple[Word, ...] | None
    body: Script


@dataclass(frozen=True)
class Loop:
    """`while condition; do body; done`, or `until`."""

    condition: Script
    body: Script
    is_until: bool = False


@dataclass(frozen=True)
class If:
    """Conditions with their bodies, and what is done where none holds."""

    branches: tuple[tuple[Script, Script], ...]
    otherwise: Script | None = None


@dataclass(frozen=True)
class Case:
    """`case word in pattern) body;; esac`."""

    word: Word
    branches: tuple[tuple[tuple[Word, ...], Script], ...]


@dataclass(frozen=True)
class Group:
    """`{ body; }`, or `( body )` with variables of its own."""

    body: Script
    is_subshell: bool = False


@dataclass(frozen=True)
class Function:
    """`name() body`."""

    name: str
    body: "Command"


@dataclass(frozen=True)
class Redirected:
    """A compound command with redirections."""

    command: "Command"
    redirects: Sequence[Redirect] = ()


Command: TypeAlias = Simple | For | Loop | If | Case | Group | Function | Redirected
