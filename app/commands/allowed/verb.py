"""What a verb is: its words, its flags and the rule that its targets keep."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from app.commands.allowed.flags import Flag, Flags, Option, Style
from app.commands.model import Scope


@dataclass(frozen=True)
class Call:
    """A line that was taken apart, before its rule has looked at it."""

    program: str
    verb: "Verb"
    words: tuple[str, ...]
    options: tuple[Option, ...]
    command: tuple[str, ...] | None = None

    @property
    def title(self) -> str:
        """The program and its verb, for messages."""
        return " ".join((self.program, *self.verb.words))

    def text(self, flag: str, default: str = "") -> str:
        """Return a flag's value."""
        return next((o.value for o in self.options if o.name == flag), default)

    def texts(self, flag: str) -> tuple[str, ...]:
        """Return all values of a flag that may be given more than once."""
        return tuple(o.value for o in self.options if o.name == flag)

    def has(self, flag: str) -> bool:
        """Return whether a switch is on, or a flag is given."""
        known = self.verb.flags.long.get(flag)
        off = "false" if known is not None and known.is_switch else None
        return any(o.name == flag and o.value != off for o in self.options)


Rule = Callable[[Call, Scope], None]


@dataclass(frozen=True)
class Verb:
    """One verb of one program.

    `rule` raises CommandRefused where the targets are not allowed. The run is long-lived when
    `lasts`, or when one of `lasts_with` is on. `adds` are flags that the lab gives by itself.
    The rule of one that `is_in_namespace` looked at which namespace that is.
    """

    words: tuple[str, ...]
    rule: Rule
    flags: Flags
    aliases: tuple[tuple[str, ...], ...] = ()
    changes: bool = False
    lasts: bool = False
    lasts_with: frozenset[str] = frozenset()
    adds: tuple[Option, ...] = ()
    is_in_namespace: bool = False

    def lasts_in(self, call: Call) -> bool:
        """Return whether this call goes on until it is stopped."""
        return self.lasts or any(call.has(flag) for flag in self.lasts_with)


@dataclass(frozen=True)
class Program:
    """One program: its verbs, flags that may stand before a verb, and hints for verbs left out."""

    name: str
    verbs: tuple[Verb, ...]
    globals: Flags
    refused: dict[str, str] = field(default_factory=dict)

    def verb(self, words: tuple[str, ...]) -> Verb | None:
        """Return the verb of these words, by its own name or another."""
        return next((v for v in self.verbs if words == v.words or words in v.aliases), None)


def verb(
    words: str,
    rule: Rule,
    flags: Iterable[Flag] = (),
    *,
    aliases: tuple[str, ...] = (),
    changes: bool = False,
    lasts: bool = False,
    lasts_with: tuple[str, ...] = (),
    adds: tuple[Option, ...] = (),
    in_namespace: bool = False,
    style: Style = "go",
) -> Verb:
    """Return a verb as the tables write it: words with spaces between."""
    return Verb(
        tuple(words.split()),
        rule,
        Flags(flags, style),
        tuple(tuple(alias.split()) for alias in aliases),
        changes,
        lasts,
        frozenset(lasts_with),
        adds,
        in_namespace,
    )
