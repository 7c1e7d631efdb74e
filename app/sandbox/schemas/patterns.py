"""Patterns that CRDs bring along, tried without letting one stop the whole sandbox.

Python's expressions take time without end where a repetition holds another one, or a choice. Such
a pattern is not tried, and that is said; those of Istio's own definitions are known to be harmless.
"""

import re
from functools import lru_cache

from app.sandbox.schemas.istio_crds import istio_patterns

LONGEST = 2_000  # characters of a text that is tried
MOST_REPEATS = 3  # one after the other: the time grows with the text to this power
NOT_TRIED = "this sandbox does not try a pattern in which a repetition holds another"


class PatternError(Exception):
    """A pattern that cannot be read, or that is not tried."""


def found(pattern: str, text: str) -> bool:
    """Whether a pattern is found in a text. Raises: PatternError."""
    compiled = _compiled(pattern)
    if len(text) > LONGEST:
        raise PatternError(f"this sandbox tries no pattern on more than {LONGEST} characters")
    return compiled.search(text) is not None


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> re.Pattern[str]:
    try:
        compiled = re.compile(pattern)
    except (re.error, OverflowError, RecursionError) as error:
        raise PatternError(f"error parsing regexp: {error}") from error
    if pattern not in istio_patterns() and not is_tame(pattern):
        raise PatternError(NOT_TRIED)
    return compiled


def is_tame(pattern: str) -> bool:
    """Whether no repetition holds another one or a choice, and there are few of them."""
    bare = re.sub(r"\\.", "x", pattern)
    bare = re.sub(r"\[\^?\]?[^\]]*\]", "x", bare)
    wild = [False]  # of each open group: whether it holds a repetition or a choice
    repeats = 0
    for place, sign in enumerate(bare):
        if sign == "(":
            wild.append(False)
        elif sign == "|":
            wild[-1] = True
        elif sign == ")" and len(wild) > 1:
            inner = wild.pop()
            if inner and _repeats(bare, place + 1):
                return False
            wild[-1] = wild[-1] or inner
        elif _repeats(bare, place):
            repeats += 1
            wild[-1] = True
    return repeats <= MOST_REPEATS


def _repeats(bare: str, place: int) -> bool:
    """Whether a repetition stands at a place that has no end, or a far one."""
    sign = bare[place : place + 1]
    if sign == "{":
        told = re.match(r"\{(\d*)(,?)(\d*)\}", bare[place:])
        return told is not None and (bool(told[2] and not told[3]) or int(told[3] or told[1]) > 20)
    return sign in ("*", "+") and bool(sign)
