"""What may come next in a typed line: programs, verbs, kinds, flags and the step's own names."""

from collections.abc import Iterable, Sequence
from typing import Final

from app.commands.allowed.flags import Flag
from app.commands.allowed.kinds import READABLE, WRITABLE
from app.commands.allowed.values import NAMESPACE
from app.commands.allowed.verb import Program, Verb
from app.commands.model import Scope
from app.commands.policy import PROGRAMS

_FILTERS: Final = ("grep", "head", "tail", "wc -l")
_MOST: Final = 30  # a list longer than this helps nobody
_OF_KINDS: Final = frozenset({"get", "describe", "delete", "wait", "label", "annotate", "patch"})


def completion(words: str, scope: Scope) -> list[str]:
    """Return what the line's last word may become, the most likely first; at most 30.

    A line that ends in a space begins a new word.
    """
    line = words.rpartition("|")[2]
    *before, last = line.split(" ")
    before = [word for word in before if word]
    if "|" in words:
        return _starting(_FILTERS if not before else (), last)
    if not before:
        return _starting(PROGRAMS, last)
    program = PROGRAMS.get(before[0])
    return _starting(_next(program, before[1:], last, scope), last) if program else []


def _starting(candidates: Iterable[str], last: str) -> list[str]:
    return [word for word in dict.fromkeys(candidates) if word.startswith(last)][:_MOST]


def _next(program: Program, before: Sequence[str], last: str, scope: Scope) -> list[str]:
    plain = [word for word in before if not word.startswith("-")]
    verb, used = _verb(program, plain)
    if verb is None:
        return _next_verb_word(program, plain)
    flag = _open_flag(verb, before)
    if flag is not None:
        return _values(flag, scope)
    if last.startswith("-"):
        return list(verb.flags.spellings())
    if verb.words[:1] and verb.words[0] in _OF_KINDS and len(plain) == used:
        return [kind.plural for kind in (*WRITABLE, *READABLE)]
    return [*_next_verb_word(program, plain), *_namespaces(plain, scope)]


def _verb(program: Program, plain: Sequence[str]) -> tuple[Verb | None, int]:
    """Return the verb that the words name, and how many of them it took."""
    for length in (3, 2, 1, 0):
        found = program.verb(tuple(plain[:length]))
        if found is not None and length <= len(plain):
            return found, length
    return None, 0


def _next_verb_word(program: Program, plain: Sequence[str]) -> list[str]:
    """Return the words that some verb has after these."""
    size = len(plain)
    names = [name for verb in program.verbs for name in (verb.words, *verb.aliases)]
    return [name[size] for name in names if len(name) > size and name[:size] == tuple(plain)]


def _open_flag(verb: Verb, before: Sequence[str]) -> Flag | None:
    """Return the flag whose value comes next, None where none does."""
    word = before[-1] if before else ""
    found = verb.flags.long.get(word[2:]) if word.startswith("--") else None
    if found is None and len(word) == 2 and word.startswith("-"):
        found = verb.flags.short.get(word[1:])
    return found if found is not None and not found.is_switch else None


def _values(flag: Flag, scope: Scope) -> list[str]:
    if flag.value is NAMESPACE:
        return sorted(scope.namespaces)
    if flag.value.source != "pattern":
        return [*scope.files, *scope.addons]
    return list(flag.value.choices)


def _namespaces(plain: Sequence[str], scope: Scope) -> list[str]:
    return sorted(scope.namespaces) if {"namespace", "namespaces", "ns"} & {*plain} else []
