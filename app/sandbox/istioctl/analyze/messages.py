"""What analyze can say: each code with its level and its sentence."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from app.sandbox.istioctl.analyze.resource import Resource
from app.sandbox.istioctl.analyze.sentences import SENTENCES
from app.sandbox.objects import Obj

DOCUMENTATION: Final = "https://istio.io/v1.31/docs/reference/config/analysis"
LEVELS: Final = ("Error", "Warning", "Info")
# Codes that the real analyze has and that nothing in this sandbox can bring about.
ELSEWHERE: Final = frozenset(
    f"IST0{number}"
    for number in [
        "001",
        "126",
        "136",
        "141",
        "142",
        "143",
        "151",
        "152",
        "153",
        "154",
        "155",
        "156",
        "163",
        "164",
        "166",
        "167",
        "168",
        "169",
        "170",
        "171",
        "172",
        "176",
    ]
)
CODES: Final = frozenset(SENTENCES) | ELSEWHERE


@dataclass(frozen=True)
class Message:
    """One thing that analyze says of a resource. `line` is that of the field, where one is."""

    code: str
    resource: Resource
    parameters: tuple[str, ...] = ()
    line: int = 0

    @property
    def level(self) -> str:
        """Return Error, Warning or Info."""
        return SENTENCES[self.code][0]

    @property
    def text(self) -> str:
        """Return the sentence."""
        return SENTENCES[self.code][1].format(*self.parameters)

    @property
    def reference(self) -> str:
        """Return the file and line of the resource or its field; empty of one in the cluster."""
        file, colon, line = self.resource.reference.rpartition(":")
        if self.line and colon and line.isdigit():
            return f"{file}:{self.line}"
        return self.resource.reference

    @property
    def origin(self) -> str:
        """Return what stands in brackets: kind, name, and where it was read."""
        where = f" {self.reference}" if self.reference else ""
        return f"{self.resource.title}{where}"

    def __str__(self) -> str:
        return f"{self.level} [{self.code}] ({self.origin}) {self.text}"

    def as_json(self) -> Obj:
        """Return the message as `-o json` has it, keys in Go's order."""
        path = f"{DOCUMENTATION}/{self.code.lower()}/?ref=istioctl-analyze"
        said: Obj = {
            "code": self.code,
            "documentationUrl": path,
            "level": self.level,
            "message": self.text,
            "origin": self.resource.title,
        }
        return {**said, "reference": self.reference} if self.reference else said


def in_order(messages: Iterable[Message]) -> list[Message]:
    """Return each message once, by level, code, resource and text."""
    once = {str(message): message for message in messages}
    return sorted(
        once.values(),
        key=lambda m: (LEVELS.index(m.level), m.code, m.resource.sort_key, str(m)),
    )


def quoted(text: str) -> str:
    """Return a text in quotes as Go's %q writes it."""
    return json.dumps(text, ensure_ascii=False)


def listed(items: Sequence[str] | Sequence[int]) -> str:
    """Return a list as Go's %v writes it."""
    return "[" + " ".join(str(item) for item in items) + "]"
