"""Values drawn for each learner from a seed, so that a copied answer is a wrong answer."""

import hashlib
import hmac
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from app.errors import Refused

Value = str | int | Mapping[str, str | int]
PLACE: Final = re.compile(r"\{\{\s*([a-z][a-z0-9_-]*(?:\.[a-z][a-z0-9_-]*)?)\s*\}\}")


@dataclass(frozen=True)
class Parameter:
    """A name and what may be drawn for it: `choices`, each a value or several that belong together.

    Those of a mapping are named `{{name.key}}`.
    """

    name: str
    choices: tuple[Value, ...]

    def names(self) -> list[str]:
        """Return the names by which texts may ask for what is drawn."""
        first = self.choices[0]
        return (
            [f"{self.name}.{key}" for key in first] if isinstance(first, Mapping) else [self.name]
        )


def seed_of(secret: str, subject: str) -> str:
    """Return what a subject's values are drawn from: the same for every spelling of one name."""
    name = " ".join(unicodedata.normalize("NFKC", subject).casefold().split())
    return hmac.new(
        secret.encode(), name.encode(errors="surrogatepass"), hashlib.sha256
    ).hexdigest()


def draw(parameters: tuple[Parameter, ...], seed: str) -> dict[str, str | int]:
    """Return what is drawn. Shape: {name: value}; a parameter does not depend on the others."""
    found: dict[str, str | int] = {}
    for parameter in parameters:
        digest = hmac.new(seed.encode(), parameter.name.encode(), hashlib.sha256).digest()
        value = parameter.choices[int.from_bytes(digest) % len(parameter.choices)]
        if isinstance(value, Mapping):
            found |= {f"{parameter.name}.{key}": each for key, each in value.items()}
        else:
            found[parameter.name] = value
    return found


def asked_for(value: object) -> set[str]:
    """Return the names that a text, or all texts inside a value, ask for."""
    if isinstance(value, str):
        return set(PLACE.findall(value))
    if isinstance(value, Mapping):
        return set().union(*(asked_for(each) for each in value.values()))
    if isinstance(value, list | tuple):
        return set().union(*(asked_for(each) for each in value))
    return set()


def fill(text: str, values: Mapping[str, str | int]) -> str:
    """Return a text with what was drawn in it. Raises: Refused for a name that nobody draws."""
    return PLACE.sub(lambda found: str(_value(found[1], values)), text)


def filled(value: object, values: Mapping[str, str | int]) -> object:
    """Return a value of a check's parameters with what was drawn; a lone place keeps its type."""
    if isinstance(value, str):
        alone = PLACE.fullmatch(value)
        return _value(alone[1], values) if alone else fill(value, values)
    if isinstance(value, Mapping):
        return {key: filled(each, values) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [filled(each, values) for each in value]
    return value


def _value(name: str, values: Mapping[str, str | int]) -> str | int:
    if name not in values:
        raise Refused(f"The rubric draws no {name}.", hint="Its `parameters` list what is drawn.")
    return values[name]
