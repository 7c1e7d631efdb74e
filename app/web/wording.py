"""What a typed line may go on with: words of the policy, then names that the cluster holds."""

from collections.abc import Sequence
from typing import Final

from app.commands.allowed.kinds import READABLE, WRITABLE
from app.commands.completion import completion
from app.errors import AppError
from app.web.place import Place
from app.web.services import Services
from app.web.texts import texts_of

MOST: Final = 8  # a longer list is not read
KINDS: Final = {word: kind.name for kind in (*WRITABLE, *READABLE) for word in kind.words()}
OF_PODS: Final = frozenset({"logs", "exec", "port-forward", "proxy-config", "pc", "describe"})


async def wording(services: Services, learner: str, place: Place, line: str) -> list[str]:
    """Return whole lines that begin as this one does, the most likely first; at most 8."""
    texts = await texts_of(services, learner, place, {})
    scope = await services.desk.scope(place.lesson.id, place.step.id, texts)
    *before, last = line.split(" ")
    found = completion(line, scope) or await names(services, place.lesson.namespaces, before, last)
    lines = (" ".join([*before, word]) for word in found)
    return [whole for whole in lines if whole != line][:MOST]


async def names(
    services: Services, namespaces: Sequence[str], before: Sequence[str], last: str
) -> list[str]:
    """Return names of live objects that the last word may become, none where it is no name."""
    words = [word for word in before if word]
    if len(words) < 2 or "|" in words or last.startswith("-") or words[-1].startswith("-"):
        return []
    typed, slash, begun = last.rpartition("/")
    named = [typed] if slash else words[1:]
    of_pods = "Pod" if OF_PODS & {*words} else ""
    kind = next((KINDS[word] for word in named if word in KINDS), of_pods)
    if not kind or kind == "Namespace":
        return []
    try:
        found = await services.live.names(kind, namespace_of(words, namespaces))
    except AppError:  # no names is no reason to stop somebody who types
        return []
    return [f"{typed}{slash}{name}" for name in found if name.startswith(begun)]


def namespace_of(words: Sequence[str], namespaces: Sequence[str]) -> str:
    """Return the namespace that a line names, else the lesson's first."""
    spelled = (word.removeprefix("--namespace=").removeprefix("-n=") for word in words)
    return next((word for word in spelled if word in namespaces), namespaces[0])
