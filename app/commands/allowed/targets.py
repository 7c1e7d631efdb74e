"""What a command is about: the objects that it names, and whether it may read or change them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from app.commands.allowed.kinds import SECRET, WRITABLE, Kind, kind_of
from app.commands.allowed.values import POD, shorten
from app.commands.allowed.verb import Call
from app.commands.model import Scope
from app.errors import CommandRefused

NEVER_CHANGED: Final = frozenset(
    {"istio-system", "kube-system", "kube-public", "kube-node-lease"}
)  # whatever a lesson lists; istio-system may only be deleted as a whole
PROBES: Final = frozenset({"mesh-dojo-probe", "mesh-dojo-outside"})
DEFAULT_NAMESPACE: Final = "default"
_NAME: Final = rf"[a-z0-9](?:[a-z0-9.:-]*[a-z0-9])?|{POD}"


@dataclass(frozen=True)
class Target:
    """One object, or all of a kind where the name is empty."""

    kind: Kind
    name: str = ""


def targets(words: Sequence[str]) -> tuple[Target, ...]:
    """Return what TYPE NAME..., TYPE,TYPE or TYPE/NAME... mean. Raises: CommandRefused."""
    if not words:
        return ()
    if any("/" in word for word in words if not re.fullmatch(POD, word)):
        return tuple(_slashed(word) for word in words)
    kinds = [_kind(word) for word in words[0].split(",")]
    names = [_name(word) for word in words[1:]] or [""]
    return tuple(Target(kind, name) for kind in kinds for name in names)


def _slashed(word: str) -> Target:
    kind, slash, name = word.partition("/")
    if not slash:
        raise CommandRefused(
            f"`{shorten(word)}` stands beside words of the form TYPE/NAME.",
            hint="Write all of them as TYPE/NAME, such as pod/frontend.",
        )
    return Target(_kind(kind), _name(name))


def _kind(word: str) -> Kind:
    found = kind_of(word)
    if found is None:
        raise CommandRefused(
            f"`{shorten(word)}` is no kind of object that the lab knows.",
            hint="Such as pods, services, deployments, namespaces, virtualservices.",
        )
    return found


def _name(word: str) -> str:
    if not re.fullmatch(_NAME, word, re.ASCII):
        raise CommandRefused(
            f"`{shorten(word)}` is no object's name.",
            hint="Names have small letters, digits, - and .",
        )
    return word


def only_namespaces(words: Sequence[str]) -> bool:
    """Return whether these words name objects that lie in no namespace."""
    named = [word.partition("/")[0] for word in words if "/" in word or word == words[0]]
    kinds = [kind_of(part) for word in named for part in word.split(",")]
    known = [kind for kind in kinds if kind is not None]
    return bool(known) and not any(kind.is_namespaced for kind in known)


def changeable(scope: Scope) -> frozenset[str]:
    """Return the namespaces in which a command may change something."""
    return scope.namespaces - NEVER_CHANGED


def check_namespace(call: Call, namespaces: frozenset[str]) -> None:
    """Raises: CommandRefused where the command would not go to one of these namespaces."""
    given = call.text("namespace")
    if (given or DEFAULT_NAMESPACE) in namespaces:
        return
    known = " or ".join(f"-n {name}" for name in sorted(namespaces)) or "no namespace"
    seen = f"not in namespace `{given}`" if given else "but no namespace is given"
    raise CommandRefused(
        f"`{call.title}` is for this lesson's namespaces, {seen}.", hint=f"Here: {known}."
    )


def check_readable(found: Sequence[Target], call: Call) -> None:
    """Raises: CommandRefused where a Secret's contents would be shown."""
    shows_all = call.text("output") not in {"", "wide", "name"} or call.has("template")
    if shows_all and any(target.kind is SECRET for target in found):
        raise CommandRefused(
            "What is in a Secret is not shown here.",
            hint="`kubectl get secrets` lists them, `kubectl describe secret NAME` says more.",
        )


def check_writable(found: Sequence[Target], call: Call, scope: Scope) -> None:
    """Raises: CommandRefused where an object of another namespace or kind would be changed."""
    if not found:
        raise CommandRefused(f"`{call.title}` needs what it is for, such as pod/frontend.")
    for target in found:
        if not target.kind.is_writable:
            known = ", ".join(kind.plural for kind in WRITABLE)
            raise CommandRefused(
                f"The lab does not change objects of kind {target.kind.name}.",
                hint=f"Here: {known}.",
            )
        if not target.kind.is_namespaced:
            _check_namespace_object(target, call, scope)
    if any(target.kind.is_namespaced for target in found):
        check_namespace(call, changeable(scope))


def _check_namespace_object(target: Target, call: Call, scope: Scope) -> None:
    """A namespace is changed by its name alone: a selector would reach those of others."""
    allowed = set(changeable(scope))
    if call.verb.words == ("delete",):
        allowed |= scope.namespaces & {"istio-system"}
    if target.name in allowed and not call.has("selector") and not call.has("field-selector"):
        return
    known = ", ".join(sorted(allowed)) or "none"
    what = f"namespace `{target.name}`" if target.name else "namespaces without their names"
    raise CommandRefused(
        f"`{call.title}` may not change {what}.", hint=f"In this lesson, by name: {known}."
    )
