"""Verbs of kubectl that change something: in the step's namespaces alone, and of known kinds."""

import re
from collections.abc import Sequence
from typing import Final

from app.commands.allowed.annotations import is_annotation_allowed
from app.commands.allowed.flags import Flag
from app.commands.allowed.kubectl_create import CHANGE, CREATING, manifests
from app.commands.allowed.kubectl_flags import (
    ALL,
    FIELDS,
    FROM_FILES,
    GLOBAL,
    SELECTED,
    SHOWS_CHANGED,
    TIMEOUT,
)
from app.commands.allowed.targets import (
    Target,
    check_writable,
    targets,
)
from app.commands.allowed.values import (
    IMAGE,
    NUMBER,
    REPLICAS,
    TEXT,
    choice,
    shorten,
)
from app.commands.allowed.verb import Call, Verb, verb
from app.commands.manifests import check_patch
from app.commands.model import Scope
from app.errors import CommandRefused

_LABEL: Final = r"[A-Za-z0-9][A-Za-z0-9._/-]*=[A-Za-z0-9._-]{0,63}|[A-Za-z0-9][A-Za-z0-9._/-]*-"
_NOTE: Final = r"[A-Za-z0-9][A-Za-z0-9._/-]*=[^\x00-\x1f]{0,1000}|[A-Za-z0-9][A-Za-z0-9._/-]*-"
_CONTAINER_IMAGE: Final = rf"(?:[a-z0-9-]+|\*)=(?:{IMAGE.pattern})"


def _deleted(call: Call, scope: Scope) -> None:
    if call.has("filename"):
        if call.words or call.has("selector") or call.has("all"):
            raise CommandRefused("`kubectl delete -f` takes no further words.")
        return
    check_writable(targets(call.words), call, scope)


def _pairs(call: Call, shape: str) -> tuple[Sequence[str], Sequence[str]]:
    """Return the words that name objects, and the KEY=VALUE and KEY- words after them."""
    is_pair = [
        ("=" in word and not word.startswith("${")) or word.endswith("-") for word in call.words
    ]
    first = is_pair.index(True) if True in is_pair else len(is_pair)
    objects, pairs = call.words[:first], call.words[first:]
    for pair in pairs:
        if not re.fullmatch(shape, pair, re.ASCII):
            raise CommandRefused(
                f"`{shorten(pair)}` is not KEY=VALUE.",
                hint="KEY=VALUE sets it, KEY- takes it away.",
            )
    return objects, pairs


def _labelled(call: Call, scope: Scope) -> None:
    objects, pairs = _pairs(call, _LABEL)
    if not pairs and not call.has("list"):
        raise CommandRefused("`kubectl label` needs KEY=VALUE.", hint="istio-injection=enabled")
    check_writable(targets(objects), call, scope)


def _annotated(call: Call, scope: Scope) -> None:
    objects, pairs = _pairs(call, _NOTE)
    for pair in pairs:
        key = pair.partition("=")[0].rstrip("-")
        if not is_annotation_allowed(key):
            raise CommandRefused(f"The lab does not set the annotation `{shorten(key)}`.")
    check_writable(targets(objects), call, scope)


def _of_kind(found: Sequence[Target], call: Call, *kinds: str) -> None:
    if any(target.kind.name not in kinds for target in found):
        raise CommandRefused(f"`{call.title}` is for objects of kind {' or '.join(kinds)}.")


def _scaled(call: Call, scope: Scope) -> None:
    if not call.has("replicas"):
        raise CommandRefused("`kubectl scale` needs --replicas.", hint="--replicas=2")
    found = targets(call.words)
    _of_kind(found, call, "Deployment", "ReplicaSet")
    check_writable(found, call, scope)


def _rolled(call: Call, scope: Scope) -> None:
    found = targets(call.words)
    _of_kind(found, call, "Deployment")
    check_writable(found, call, scope)


def _image_set(call: Call, scope: Scope) -> None:
    objects, pairs = _pairs(call, _CONTAINER_IMAGE)
    if not pairs:
        raise CommandRefused("`kubectl set image` needs CONTAINER=IMAGE.")
    found = targets(objects)
    _of_kind(found, call, "Deployment", "Pod")
    check_writable(found, call, scope)


def _patched(call: Call, scope: Scope) -> None:
    found = targets(call.words)
    if len(found) != 1 or not found[0].name or not call.has("patch"):
        raise CommandRefused(
            "`kubectl patch` takes one object and -p with JSON.",
            hint="Or change the manifest and apply it.",
        )
    check_writable(found, call, scope)
    check_patch(found[0].kind.name, call.text("patch"), scope)


_SELECTED: Final = (SELECTED, FIELDS, ALL)
VERBS: Final[tuple[Verb, ...]] = (
    verb(
        "apply",
        manifests,
        (*CHANGE, FROM_FILES, TIMEOUT, Flag("server-side"), Flag("wait"), Flag("force-conflicts")),
        changes=True,
        in_namespace=True,
    ),
    *CREATING,
    verb(
        "delete",
        _deleted,
        (
            *CHANGE,
            *_SELECTED,
            FROM_FILES,
            TIMEOUT,
            Flag("ignore-not-found"),
            Flag("now"),
            Flag("wait"),
            Flag("grace-period", NUMBER),
            Flag("cascade", choice("background", "foreground", "orphan")),
        ),
        changes=True,
        in_namespace=True,
    ),
    verb(
        "label",
        _labelled,
        (*CHANGE, *_SELECTED, Flag("overwrite"), Flag("list")),
        changes=True,
        in_namespace=True,
    ),
    verb(
        "annotate",
        _annotated,
        (*CHANGE, *_SELECTED, Flag("overwrite"), Flag("list")),
        changes=True,
        in_namespace=True,
    ),
    verb(
        "scale",
        _scaled,
        (
            *CHANGE,
            SELECTED,
            ALL,
            TIMEOUT,
            Flag("replicas", REPLICAS),
            Flag("current-replicas", NUMBER),
        ),
        changes=True,
        in_namespace=True,
    ),
    verb("set image", _image_set, (*CHANGE, SELECTED, ALL), changes=True, in_namespace=True),
    verb(
        "rollout restart",
        _rolled,
        (*GLOBAL, SHOWS_CHANGED, SELECTED),
        changes=True,
        in_namespace=True,
    ),
    verb(
        "rollout undo",
        _rolled,
        (*CHANGE, Flag("to-revision", NUMBER)),
        changes=True,
        in_namespace=True,
    ),
    verb(
        "rollout pause",
        _rolled,
        (*GLOBAL, SHOWS_CHANGED, SELECTED),
        changes=True,
        in_namespace=True,
    ),
    verb(
        "rollout resume",
        _rolled,
        (*GLOBAL, SHOWS_CHANGED, SELECTED),
        changes=True,
        in_namespace=True,
    ),
    verb(
        "patch",
        _patched,
        (*CHANGE, Flag("patch", TEXT, "p"), Flag("type", choice("strategic", "merge"))),
        changes=True,
        in_namespace=True,
    ),
    verb(
        "diff",
        manifests,
        (*GLOBAL, FROM_FILES, Flag("server-side"), Flag("force-conflicts")),
    ),
)
