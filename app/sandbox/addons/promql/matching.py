"""Which series a selector's conditions fit."""

from collections.abc import Callable

from app.sandbox.addons.metrics.database import Series
from app.sandbox.addons.promql.nodes import Matcher, QueryError
from app.sandbox.shell.regex.matching import Pattern
from app.sandbox.shell.regex.syntax import BadPattern

LONGEST = 500  # characters of a pattern


def fits(matchers: tuple[Matcher, ...]) -> Callable[[Series], bool]:
    """Return whether a series fulfils all conditions, as a function. Raises: QueryError."""
    checks = [(each.label, _check(each)) for each in matchers]

    def all_fit(series: Series) -> bool:
        labels = dict(series.labels)
        return all(check(labels.get(label, "")) for label, check in checks)

    return all_fit


def _check(matcher: Matcher) -> Callable[[str], bool]:
    wanted = matcher.value
    if matcher.op == "=":
        return lambda value: value == wanted
    if matcher.op == "!=":
        return lambda value: value != wanted
    match = _matches(wanted)
    if matcher.op == "=~":
        return match
    return lambda value: not match(value)


def _matches(pattern: str) -> Callable[[str], bool]:
    """Return whether a pattern is the whole of a value; each value is looked at once."""
    posix = pattern.replace("(?:", "(").replace(r"\d", "[0-9]")
    if len(posix) > LONGEST or "(?" in posix:
        raise QueryError(f"error parsing regexp: the stand-in cannot read {pattern[:80]!r}")
    try:
        compiled = Pattern(f"^({posix})$" if posix else "^$", is_extended=True)
    except BadPattern as error:
        raise QueryError(f"error parsing regexp: {error}: {pattern!r}") from error
    known: dict[str, bool] = {}

    def match(value: str) -> bool:
        if value not in known:
            try:
                known[value] = compiled.search(value)
            except BadPattern as error:
                raise QueryError(f"regexp: {error}", "execution") from error
        return known[value]

    return match
