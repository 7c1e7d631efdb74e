"""What a flag's value or a word may be: a pattern, a list of choices, or a name out of the step."""

import re
from dataclasses import dataclass
from typing import Final, Literal

from app.commands.model import Scope
from app.errors import CommandRefused

Source = Literal["pattern", "files"]

_LABEL: Final = r"[A-Za-z0-9_./-]+=[A-Za-z0-9_.-]*"
POD: Final = rf"\$\{{pod:{_LABEL}(?:,{_LABEL})*(?:@[a-z0-9-]+)?\}}"
_DNS: Final = r"[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?"


@dataclass(frozen=True)
class Value:
    """A kind of value. `expects` ends the sentence "it takes ...".

    `choices` are also offered for completion.
    `files` are manifests of the step or of the Istio release, with commas between them.
    """

    expects: str
    pattern: str = ""
    choices: tuple[str, ...] = ()
    source: Source = "pattern"

    def read(self, text: str, scope: Scope) -> tuple[str, ...]:
        """Return the value as the program gets it, one for each file. Raises: CommandRefused."""
        if self.source == "files":
            return tuple(file_in(scope, name) for name in text.split(","))
        is_choice = text in self.choices
        if not is_choice and not (self.pattern and re.fullmatch(self.pattern, text, re.ASCII)):
            raise CommandRefused(f"`{shorten(text)}` is not {self.expects}.")
        return (text,)


def file_in(scope: Scope, name: str) -> str:
    """Return the name of a manifest as the program gets it. Raises: CommandRefused."""
    plain = name.removeprefix("./")
    if plain in scope.files:
        return plain
    if plain in scope.addons:
        return str(scope.addons[plain])
    known = ", ".join([*scope.files, *scope.addons])
    raise CommandRefused(
        f"`{shorten(name)}` is no manifest of this step.",
        hint=f"-f takes these, by name: {known}." if known else "This step has no manifests.",
    )


def shorten(text: str) -> str:
    """Return the text as a message can hold it."""
    return text if len(text) <= 80 else text[:79] + "…"


def choice(*choices: str) -> Value:
    """Return a value that is one of these words."""
    return Value("one of " + ", ".join(choices), choices=choices)


NAME: Final = Value("a name (small letters, digits, - and .)", rf"{_DNS}|{POD}")
NAMESPACE: Final = Value("a namespace", r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?")
NUMBER: Final = Value("a whole number", r"-?[0-9]{1,9}")
PORT: Final = Value("a port", r"[0-9]{1,5}")
LOCAL_PORT: Final = Value(
    "a local port from 1024 on", r"102[4-9]|10[3-9][0-9]|1[1-9][0-9]{2}|[2-9][0-9]{3}|[1-6][0-9]{4}"
)
REPLICAS: Final = Value("a number from 0 to 20", r"1?[0-9]|20")
DURATION: Final = Value(
    "a time such as 30s or 2m", r"-?[0-9]{1,5}(?:\.[0-9]+)?(?:ms|s|m|h)?(?:[0-9]{1,2}[sm])?"
)
SELECTOR: Final = Value("a selector such as app=backend", r"[A-Za-z0-9_./=!, ()-]{1,300}")
COLUMNS: Final = Value("label names", r"[A-Za-z0-9_./,-]{1,200}")
TEXT: Final = Value("a text", r"[^\x00-\x1f]{0,1000}")
FILES: Final = Value("a manifest of this step", source="files")
IMAGE: Final = Value("an image", r"[A-Za-z0-9][A-Za-z0-9._:/@-]{0,300}")
DRY_RUN: Final = choice("none", "client", "server")
SHOWN: Final = choice("json", "yaml", "name")
OUTPUT: Final = Value(
    "json, yaml, wide, name, jsonpath=..., custom-columns=... or go-template=..., without a file",
    r"(?:jsonpath|jsonpath-as-json|custom-columns|go-template)=[^\x00-\x1f]{1,1000}",
    ("json", "yaml", "wide", "name", "kyaml"),
)
LOOPBACK: Final = choice("localhost", "127.0.0.1")
