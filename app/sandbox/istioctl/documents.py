"""Objects as YAML text, the way that Go's library writes them."""

import re
from typing import Final

import yaml

from app.sandbox.objects import Json

_PLAIN: Final = re.compile(r"[\w.+:~-]+")  # what may read as a number, a date or a word of YAML
STRING: Final = "tag:yaml.org,2002:str"


class _Dumper(yaml.SafeDumper):
    """Quotes doubly what plain would be no text, and writes lines as they are."""

    def ignore_aliases(self, data: object) -> bool:
        return True


def _text(dumper: _Dumper, data: str) -> yaml.ScalarNode:
    style = None
    if "\n" in data and data.strip("\n "):
        style = "|"
    elif not data or not isinstance(yaml.safe_load(data) if _PLAIN.fullmatch(data) else data, str):
        style = '"'
    return dumper.represent_scalar(STRING, data, style)


_Dumper.add_representer(str, _text)


def document(data: Json) -> str:
    """Return one document, keys in their order, without a separator."""
    return str(
        yaml.dump(
            data, Dumper=_Dumper, sort_keys=True, width=1_000_000, allow_unicode=True,
            default_flow_style=False,
        )
    )  # fmt: skip
