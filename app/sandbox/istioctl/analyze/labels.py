"""Label selectors as analyzers use them: an empty one selects everything."""

from collections.abc import Mapping

from app.sandbox.objects import Obj, items, strings, text, words


def matches(selector: Mapping[str, str], labels: Mapping[str, str]) -> bool:
    """Whether every pair of the selector is among the labels."""
    return selector.items() <= labels.items()


def written(selector: Mapping[str, str]) -> str:
    """Return a selector as Kubernetes writes it: `a=1,b=2`, by key."""
    return ",".join(f"{key}={selector[key]}" for key in sorted(selector))


def first_key(selector: Mapping[str, str]) -> str:
    """Return the first key of the written form, for finding its line."""
    return min(selector, default="")


def matches_expressions(selector: Obj | None, labels: Mapping[str, str]) -> bool:
    """Whether a LabelSelector with matchLabels and matchExpressions selects the labels."""
    if not selector:
        return True
    if not matches(strings(selector, "matchLabels"), labels):
        return False
    return all(_holds(each, labels) for each in items(selector, "matchExpressions"))


def _holds(expression: Obj, labels: Mapping[str, str]) -> bool:
    key, values = text(expression, "key"), words(expression, "values")
    return {
        "In": labels.get(key) in values,
        "NotIn": labels.get(key) not in values,
        "Exists": key in labels,
        "DoesNotExist": key not in labels,
    }.get(text(expression, "operator"), False)
