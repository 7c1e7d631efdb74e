"""Verbs of kubectl that make objects, from manifests or by name."""

from typing import Final

from app.commands.allowed.flags import Flag
from app.commands.allowed.kubectl_flags import FROM_FILES, GLOBAL, SHOWS_CHANGED, TRY
from app.commands.allowed.targets import changeable, check_namespace, targets
from app.commands.allowed.values import IMAGE, PORT, REPLICAS, Value, shorten
from app.commands.allowed.verb import Call, Verb, verb
from app.commands.model import Scope
from app.errors import CommandRefused

CHANGE: Final = (*GLOBAL, TRY, SHOWS_CHANGED)


def manifests(call: Call, _scope: Scope) -> None:
    """Manifests of the step alone; they are checked where they are read."""
    if call.words or not call.has("filename"):
        raise CommandRefused(
            f"`{call.title}` takes the manifests of this step.", hint="Name them: -f FILE.yaml"
        )


def _namespace_made(call: Call, scope: Scope) -> None:
    known = changeable(scope)
    if len(call.words) != 1 or call.words[0] not in known:
        raise CommandRefused(
            f"`{shorten(' '.join(call.words))}` is no namespace of this lesson.",
            hint="Here: " + ", ".join(sorted(known)) + ".",
        )


def _made(call: Call, scope: Scope) -> None:
    if len(call.words) != 1:
        raise CommandRefused(f"`{call.title}` takes one name.")
    targets(["pods", *call.words])
    check_namespace(call, changeable(scope))


CREATING: Final[tuple[Verb, ...]] = (
    verb(
        "create",
        manifests,
        (*CHANGE, FROM_FILES, Flag("save-config")),
        changes=True,
        in_namespace=True,
    ),
    verb(
        "create namespace",
        _namespace_made,
        CHANGE,
        aliases=("create ns",),
        changes=True,
    ),
    verb(
        "create deployment",
        _made,
        (
            *CHANGE,
            Flag("image", IMAGE),
            Flag("replicas", REPLICAS, "r"),
            Flag("port", PORT),
        ),
        aliases=("create deploy",),
        changes=True,
        in_namespace=True,
    ),
    verb(
        "create service clusterip",
        _made,
        (*CHANGE, Flag("tcp", Value("PORT:TARGET", r"[0-9]{1,5}(?::[0-9]{1,5})?"))),
        aliases=("create svc clusterip",),
        changes=True,
        in_namespace=True,
    ),
    verb(
        "create configmap",
        _made,
        (
            *CHANGE,
            Flag(
                "from-literal",
                Value("KEY=VALUE", r"[A-Za-z0-9._-]+=[^\x00-\x1f]{0,1000}"),
                many=True,
            ),
        ),
        aliases=("create cm",),
        changes=True,
        in_namespace=True,
    ),
    verb(
        "create serviceaccount",
        _made,
        CHANGE,
        aliases=("create sa",),
        changes=True,
        in_namespace=True,
    ),
)
