"""Strategic merge patch: lists of things with names are merged by those names.

Source: k8s.io/apimachinery, package util/strategicpatch.
"""

from collections.abc import Callable, Sequence
from typing import TypeAlias

from app.sandbox.objects import Json, Obj
from app.sandbox.registry.defaults.filling import clone
from app.sandbox.registry.golang import go_written
from app.sandbox.schemas.schemas import MergeRule
from app.sandbox.status import StatusError, bad_request

Rules: TypeAlias = Callable[[Sequence[str]], MergeRule]
Path: TypeAlias = tuple[str, ...]
ORDER = "$setElementOrder/"
FEWER = "$deleteFromPrimitiveList/"
DIRECTIVES = ("replace", "delete", "merge")


def patched(obj: Obj, patch: Obj, rules: Rules) -> Obj:
    """Return the object after the patch. `rules` says how a field is merged.

    Raises: StatusError 400 and 500 for a patch that is none.
    """
    return _merged(obj, patch, rules, ())


def _merged(before: Obj, patch: Obj, rules: Rules, path: Path) -> Obj:
    directive = patch.get("$patch")
    if directive is not None and directive not in DIRECTIVES:
        raise bad_request(f"unknown patch type found: {directive}")
    if directive == "replace":
        return {key: clone(value) for key, value in patch.items() if key != "$patch"}
    if directive == "delete":
        return {}
    after = dict(before)
    kept = patch.get("$retainKeys")
    if isinstance(kept, list):
        after = {key: value for key, value in after.items() if key in kept}
    for key, value in patch.items():
        if key.startswith(FEWER):
            _remove(after, key.removeprefix(FEWER), value)
    for key, value in patch.items():
        if key.startswith("$"):
            continue
        if value is None:
            after.pop(key, None)
        elif isinstance(value, dict):
            inner = after.get(key)
            after[key] = _merged(
                inner if isinstance(inner, dict) else {}, value, rules, (*path, key)
            )
        elif isinstance(value, list):
            order = patch.get(ORDER + key)
            after[key] = _list(after.get(key), value, order, rules, (*path, key))
        else:
            after[key] = value
    for key, value in patch.items():
        if key.startswith(ORDER) and (name := key.removeprefix(ORDER)) not in patch:
            after[name] = _list(after.get(name), [], value, rules, (*path, name))
            if not after[name]:
                after.pop(name)
    return after


def _remove(after: Obj, key: str, gone: Json) -> None:
    before = after.get(key)
    if isinstance(before, list) and isinstance(gone, list):
        after[key] = [one for one in before if one not in gone]


def _list(before: Json, patch: list[Json], order: Json, rules: Rules, path: Path) -> list[Json]:
    rule = rules(path)
    if not rule.merges:
        return [clone(one) for one in patch]
    old = before if isinstance(before, list) else []
    given = order if isinstance(order, list) else patch
    if not rule.key:
        merged = [*old, *(one for one in patch if one not in old)]
        return _ordered(merged, old, given, lambda one: one)
    if any(isinstance(one, dict) and one.get("$patch") == "replace" for one in patch):
        return [clone(one) for one in patch if not (isinstance(one, dict) and "$patch" in one)]
    merged = _by_key(old, patch, rule.key, rules, path)
    return _ordered(merged, old, given, lambda one: _key_of(one, rule.key))


def _by_key(old: list[Json], patch: list[Json], key: str, rules: Rules, path: Path) -> list[Json]:
    merged = list(old)
    for one in patch:
        if not isinstance(one, dict):
            said = f"expected map[string]interface {{}}, got {one!r}"
            raise StatusError(500, "InternalError", said)
        if key not in one:
            said = f"map: {go_written(one)} does not contain declared merge key: {key}"
            raise StatusError(500, "", said)
        place = next((at for at, was in enumerate(merged) if _key_of(was, key) == one[key]), None)
        if one.get("$patch") == "delete":
            merged = [was for was in merged if _key_of(was, key) != one[key]]
        elif place is None:
            merged.append(_merged({}, one, rules, path))
        else:
            was = merged[place]
            merged[place] = _merged(was if isinstance(was, dict) else {}, one, rules, path)
    return merged


def _key_of(one: Json, key: str) -> Json:
    return one.get(key) if isinstance(one, dict) else None


def _ordered(
    merged: list[Json], old: list[Json], order: list[Json], name: Callable[[Json], Json]
) -> list[Json]:
    """Return the items in the order of the patch; the others keep their places, after new ones.

    Shape: `order` is a list of names, or of objects that hold the merge key.
    """
    wanted = [name(one) if isinstance(one, dict) else one for one in order]
    server = [name(one) for one in old]
    left = sorted(
        (one for one in merged if name(one) in wanted), key=lambda one: wanted.index(name(one))
    )
    right = [one for one in merged if name(one) not in wanted]
    done: list[Json] = []
    while left and right:
        here, there = name(left[0]), name(right[0])
        both = here in server and there in server
        first = right if both and server.index(here) > server.index(there) else left
        done.append(first.pop(0))
    return done + left + right
