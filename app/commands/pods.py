"""A command's `${pod:LABELS}` and `${pod:LABELS@NAMESPACE}`: found, and replaced by pods' names."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from app.commands.allowed.values import POD
from app.commands.model import Invocation


@dataclass(frozen=True)
class PodPlaceholder:
    """The newest ready pod with these labels. An empty namespace is the lesson's first one."""

    labels: str
    namespace: str = ""

    @property
    def text(self) -> str:
        """As it stands in the line."""
        return f"${{pod:{self.labels}{'@' if self.namespace else ''}{self.namespace}}}"


_PLACEHOLDER: Final = re.compile(POD, re.ASCII)


def placeholders(invocation: Invocation) -> tuple[PodPlaceholder, ...]:
    """Return what is still to be resolved, each once."""
    found = dict.fromkeys(text for word in invocation.argv for text in _PLACEHOLDER.findall(word))
    return tuple(_read(text) for text in found)


def resolve(invocation: Invocation, names: Mapping[PodPlaceholder, str]) -> Invocation:
    """Return the invocation with pods' names in place. Raises: KeyError where one is missing."""

    def name_of(match: re.Match[str]) -> str:
        return names[_read(match[0])]

    argv = tuple(_PLACEHOLDER.sub(name_of, word) for word in invocation.argv)
    return replace(invocation, argv=argv)


def _read(text: str) -> PodPlaceholder:
    labels, _, namespace = text.removeprefix("${pod:").removesuffix("}").partition("@")
    return PodPlaceholder(labels, namespace)
