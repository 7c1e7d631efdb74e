"""Verbs of kubectl that only look: allowed in every namespace, but for what is in Secrets."""

import re
from typing import Final

from app.commands.allowed.flags import Flag
from app.commands.allowed.kinds import SECRET, kind_of
from app.commands.allowed.kubectl_flags import (
    ALL,
    BARE,
    EVERYWHERE,
    FIELDS,
    FROM_FILES,
    GET,
    GLOBAL,
    SELECTED,
    SHOWS,
    SHOWS_CHANGED,
    SORTED,
    TIMEOUT,
)
from app.commands.allowed.targets import check_readable, targets
from app.commands.allowed.values import COLUMNS, NUMBER, TEXT, Value, choice, shorten
from app.commands.allowed.verb import Call, Verb, verb
from app.commands.model import Scope
from app.errors import CommandRefused

_FOR: Final = Value(
    "condition=NAME, delete, create or jsonpath='{...}'=VALUE",
    r"(?:condition=[A-Za-z0-9]+(?:=[A-Za-z]+)?|jsonpath=[^\x00-\x1f]{1,300})",
    ("delete", "create"),
)
_OBJECT: Final = Value("TYPE/NAME", r"[A-Za-z.]+/[a-z0-9.-]+")
_VERBS: Final = Value("verbs such as get,list", r"[a-z,]+")


def objects(call: Call, _scope: Scope) -> None:
    """Objects of any namespace, or those of the step's manifests."""
    found = targets(call.words)
    if not found and not call.has("filename"):
        raise CommandRefused(f"`{call.title}` needs a kind, such as pods.")
    check_readable(found, call)


def got(call: Call, scope: Scope) -> None:
    """What `objects` says, or one of the server's health pages."""
    if not call.has("raw"):
        objects(call, scope)
    elif call.words:
        raise CommandRefused("`--raw` takes no kind.", hint="Leave the kind away.")


def _waited_for(call: Call, scope: Scope) -> None:
    objects(call, scope)
    if not call.has("for"):
        raise CommandRefused(
            "`kubectl wait` needs --for.", hint="Such as --for=condition=Ready, or --for=delete."
        )
    if any(target.kind is SECRET for target in targets(call.words)):
        raise CommandRefused("What is in a Secret is not waited for here.")


def nothing(call: Call, _scope: Scope) -> None:
    """No words at all."""
    if call.words:
        raise CommandRefused(f"`{call.title}` takes no `{shorten(call.words[0])}`.")


def _names(call: Call, _scope: Scope) -> None:
    for word in call.words:
        targets(["pods", word])


def _explained(call: Call, _scope: Scope) -> None:
    word = call.words[0] if len(call.words) == 1 else ""
    kind, *fields = word.split(".")
    if not kind_of(kind) or not all(re.fullmatch(r"[A-Za-z0-9]+", f, re.ASCII) for f in fields):
        raise CommandRefused(
            "`kubectl explain` takes one kind, with fields after dots.",
            hint="Such as pod.spec.containers.",
        )


def _asked(call: Call, _scope: Scope) -> None:
    shapes = (r"[a-z*]+", r"[A-Za-z0-9./*-]+", r"[a-z0-9.-]+")
    if len(call.words) > 3 or not all(
        re.fullmatch(shape, word, re.ASCII) for shape, word in zip(shapes, call.words, strict=False)
    ):
        raise CommandRefused("`kubectl auth can-i` takes a verb and a kind.", hint="get pods")


def _rolled(call: Call, _scope: Scope) -> None:
    if any(target.kind.name != "Deployment" for target in targets(call.words)) or (
        not call.words and not call.has("filename") and not call.has("selector")
    ):
        raise CommandRefused(f"`{call.title}` is for Deployments.", hint="deployment/frontend")


_TEMPLATE: Final = Flag("template", TEXT)
_PATH: Final = (*GLOBAL, SELECTED, FROM_FILES)

VERBS: Final[tuple[Verb, ...]] = (
    verb("get", got, GET, lasts_with=("watch", "watch-only")),
    verb(
        "describe",
        objects,
        (*_PATH, EVERYWHERE, Flag("show-events"), Flag("chunk-size", NUMBER)),
    ),
    verb(
        "wait",
        _waited_for,
        (*_PATH, EVERYWHERE, ALL, FIELDS, TIMEOUT, SHOWS_CHANGED, Flag("for", _FOR, many=True)),
    ),
    verb(
        "events",
        nothing,
        (
            *GLOBAL,
            EVERYWHERE,
            SHOWS,
            BARE,
            Flag("watch", short="w"),
            Flag("for", _OBJECT),
            Flag("types", COLUMNS),
        ),
        lasts_with=("watch",),
    ),
    verb(
        "rollout status",
        _rolled,
        (*_PATH, TIMEOUT, Flag("watch", short="w"), Flag("revision", NUMBER)),
    ),
    verb("rollout history", _rolled, (*_PATH, Flag("revision", NUMBER), SHOWS)),
    verb(
        "explain",
        _explained,
        (
            *GLOBAL,
            Flag("recursive", short="R"),
            Flag("api-version", Value("a version", r"[a-z0-9./]+")),
            Flag("output", choice("plaintext", "plaintext-openapiv2"), "o"),
        ),
    ),
    verb(
        "api-resources",
        nothing,
        (
            *GLOBAL,
            BARE,
            SORTED,
            Flag("api-group", Value("a group", r"[a-z0-9.]*")),
            Flag("namespaced"),
            Flag("verbs", _VERBS),
            Flag("output", choice("wide", "name"), "o"),
        ),
    ),
    verb("api-versions", nothing, GLOBAL),
    verb(
        "version", nothing, (*GLOBAL, Flag("client"), Flag("output", choice("json", "yaml"), "o"))
    ),
    verb("cluster-info", nothing, GLOBAL),
    verb("auth can-i", _asked, (*GLOBAL, EVERYWHERE, BARE, Flag("list"), Flag("quiet", short="q"))),
    verb("auth whoami", nothing, (*GLOBAL, SHOWS)),
    verb(
        "top pod",
        _names,
        (
            *GLOBAL,
            EVERYWHERE,
            SELECTED,
            FIELDS,
            BARE,
            Flag("containers"),
            Flag("sum"),
            Flag("sort-by", choice("cpu", "memory")),
        ),
        aliases=("top pods", "top po"),
    ),
    verb(
        "top node",
        _names,
        (*GLOBAL, SELECTED, BARE, Flag("sort-by", choice("cpu", "memory"))),
        aliases=("top nodes", "top no"),
    ),
    verb("config get-contexts", nothing, (*GLOBAL, BARE, Flag("output", choice("name"), "o"))),
    verb("config current-context", nothing, GLOBAL),
    verb("config view", nothing, (*GLOBAL, Flag("minify"), SHOWS, _TEMPLATE)),
)
