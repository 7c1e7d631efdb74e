"""Messages as the command prints them: lines, JSON or YAML, and which of them at all."""

import fnmatch
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import yaml

from app.sandbox.istioctl.analyze.messages import LEVELS, Message
from app.sandbox.objects import annotations_of

COLORS: Final = {"Info": "", "Warning": "\033[33m", "Error": "\033[1;31m"}
PLAIN: Final = "\033[0m"
SUPPRESSED: Final = "galley.istio.io/analyze-suppress"


@dataclass(frozen=True)
class Suppression:
    """Messages that nobody wants to see: a code, and a pattern of `Kind namespace/name`."""

    code: str
    pattern: str

    def covers(self, message: Message) -> bool:
        """Whether a message is one of them; `*` in the pattern stands for any text."""
        pattern = re.sub(r"([\[?])", r"[\1]", self.pattern)
        return message.code == self.code and fnmatch.fnmatchcase(message.resource.title, pattern)


def wanted(
    messages: Iterable[Message], namespace: str, suppressions: Sequence[Suppression] = ()
) -> list[Message]:
    """Return the messages of a namespace and of what lies in none; of all where it is empty."""
    return [
        message
        for message in messages
        if (not namespace or message.resource.home in ("", namespace))
        and not _is_suppressed(message)
        and not any(each.covers(message) for each in suppressions)
    ]


def _is_suppressed(message: Message) -> bool:
    codes = annotations_of(message.resource.obj).get(SUPPRESSED, "").split(",")
    return "*" in codes or message.code in codes


def at_least(messages: Iterable[Message], level: str) -> list[Message]:
    """Return the messages that are as grave as a level."""
    return [m for m in messages if LEVELS.index(m.level) <= LEVELS.index(level)]


def printed(messages: Sequence[Message], form: str, *, is_colored: bool = False) -> str:
    """Return the messages in the form `log`, `json` or `yaml`."""
    objects = [message.as_json() for message in messages]
    if form == "json":
        return json.dumps(objects, indent="\t", ensure_ascii=False, sort_keys=True)
    if form == "yaml":
        return str(yaml.safe_dump(objects, sort_keys=True, width=80, allow_unicode=True))
    return "\n".join(_line(message, is_colored=is_colored) for message in messages)


def _line(message: Message, *, is_colored: bool) -> str:
    before, after = (COLORS[message.level], PLAIN) if is_colored else ("", "")
    level = f"{before}{message.level}{after}"
    return f"{level} [{message.code}] ({message.origin}) {message.text}"
