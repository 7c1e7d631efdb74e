"""Verbs of kubectl that reach into pods: logs, exec and port-forward."""

import re
from typing import Final

from app.commands.allowed.flags import Flag
from app.commands.allowed.inside import check_inside
from app.commands.allowed.kubectl_flags import GLOBAL, SELECTED
from app.commands.allowed.targets import PROBES, Target, changeable, check_namespace, targets
from app.commands.allowed.values import DURATION, LOCAL_PORT, LOOPBACK, NAME, NUMBER, Value, shorten
from app.commands.allowed.verb import Call, Verb, verb
from app.commands.model import Scope
from app.errors import CommandRefused

_WITH_PODS: Final = frozenset({"Pod", "Deployment", "Service", "ReplicaSet"})
_REMOTE_PORT: Final = r"[0-9]{1,5}|[a-z0-9-]{1,15}"
_SINCE: Final = Value("a time such as 2026-01-31T12:00:00Z", r"[0-9TZ:.+-]{10,40}")


def _pod(call: Call, word: str) -> Target:
    """Return what POD or TYPE/NAME means. Raises: CommandRefused."""
    found = targets([word] if "/" in word and not word.startswith("$") else ["pods", word])[0]
    if found.kind.name not in _WITH_PODS:
        raise CommandRefused(
            f"`{call.title}` takes a pod, or a Deployment or Service by TYPE/NAME.",
            hint="Such as deploy/frontend.",
        )
    return found


def _logged(call: Call, _scope: Scope) -> None:
    if not call.words and call.has("selector"):
        return
    if len(call.words) not in {1, 2}:
        raise CommandRefused("`kubectl logs` takes one pod.", hint="Or -l app=backend for several.")
    _pod(call, call.words[0])
    for container in call.words[1:]:
        NAME.read(container, _scope)


def _executed(call: Call, scope: Scope) -> None:
    if len(call.words) != 1 or not call.command:
        raise CommandRefused(
            "`kubectl exec` takes one pod, then -- and a command.",
            hint="kubectl exec deploy/frontend -n mesh-demo -- curl -s http://backend/",
        )
    _pod(call, call.words[0])
    check_namespace(call, changeable(scope) | PROBES)
    check_inside(call.command)


def _forwarded(call: Call, scope: Scope) -> None:
    if len(call.words) < 2:
        raise CommandRefused(
            "`kubectl port-forward` takes a pod or service, then ports.",
            hint="svc/istio-ingressgateway 8080:80",
        )
    _pod(call, call.words[0])
    check_namespace(call, changeable(scope) | PROBES | {"istio-system"})
    for pair in call.words[1:]:
        local, colon, remote = pair.partition(":")
        is_local = re.fullmatch(rf"{LOCAL_PORT.pattern}{'|' if colon else ''}", local, re.ASCII)
        if not is_local or (colon and not re.fullmatch(_REMOTE_PORT, remote, re.ASCII)):
            raise CommandRefused(
                f"`{shorten(pair)}` is not LOCAL:REMOTE, with a local port from 1024 on.",
                hint="Such as 8080:80.",
            )


VERBS: Final[tuple[Verb, ...]] = (
    verb(
        "logs",
        _logged,
        (
            *GLOBAL,
            SELECTED,
            Flag("follow", short="f"),
            Flag("previous", short="p"),
            Flag("container", NAME, "c"),
            Flag("tail", NUMBER),
            Flag("since", DURATION),
            Flag("since-time", _SINCE),
            Flag("timestamps"),
            Flag("prefix"),
            Flag("all-containers"),
            Flag("all-pods"),
            Flag("ignore-errors"),
            Flag("limit-bytes", NUMBER),
            Flag("max-log-requests", NUMBER),
        ),
        lasts_with=("follow",),
    ),
    verb(
        "exec",
        _executed,
        (*GLOBAL, Flag("container", NAME, "c"), Flag("quiet", short="q")),
        in_namespace=True,
    ),
    verb(
        "port-forward",
        _forwarded,
        (*GLOBAL, Flag("address", LOOPBACK), Flag("pod-running-timeout", DURATION)),
        lasts=True,
        in_namespace=True,
    ),
)
