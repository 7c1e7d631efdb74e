"""Which objects a selector means: the written one of a query, and the one inside an object."""

from collections.abc import Callable, Mapping
from typing import TypeAlias

from app.sandbox.objects import Obj

Matcher: TypeAlias = Callable[[Mapping[str, str]], bool]


def matcher_of(selector: Obj) -> Matcher:
    """Return whether labels match a `matchLabels`/`matchExpressions` object; empty matches all."""
    raise NotImplementedError


def parse(written: str) -> Matcher:
    """Return whether labels match `app=web,tier in (a, b),!old`. Raises: StatusError 400."""
    raise NotImplementedError
