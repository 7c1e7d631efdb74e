"""Envoy's objects as istioctl's JSON and YAML: names in camel case, four spaces, Go's escapes.

Source: https://protobuf.dev/programming-guides/json/
"""

import json
import re
from typing import Final

from app.sandbox.istioctl.documents import document
from app.sandbox.istioctl.line.failure import Failure
from app.sandbox.objects import Json

# Fields that hold a free object: its keys are nobody's field names.
FREE: Final = frozenset(("filter_metadata", "static_layer"))
MAYBE_FREE: Final = frozenset(("value", "match"))
# Fields whose keys are names, and whose values are messages.
NAMED: Final = frozenset(
    ("typed_extension_protocol_options", "typed_per_filter_config", "typed_filter_metadata")
)
ESCAPES: Final = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"}


def printed(objects: Json, form: str) -> str:
    """Return Envoy's objects as `json` or `yaml`. Raises: Failure for any other form."""
    shown = camel_cased(objects)
    if form == "yaml":
        return f"{document(shown)}\n"
    if form != "json":
        raise Failure(f'output format "{form}" not supported')
    return f"{go_json(shown)}\n"


def go_json(value: Json, indent: int = 4) -> str:
    """Return a value as Go's encoder writes it."""
    written = json.dumps(value, indent=indent, ensure_ascii=False)
    return re.sub("[<>&]", lambda found: ESCAPES[found[0]], written)


def camel_cased(value: Json, field: str = "") -> Json:
    """Return a message with its fields' JSON names, and free objects by key."""
    if isinstance(value, list):
        return [camel_cased(each, field) for each in value]
    if not isinstance(value, dict):
        return value
    if field in FREE or (field in MAYBE_FREE and not _is_message(value)):
        return _sorted(value)
    return {
        (key if field in NAMED else _camel(key)): camel_cased(each, "" if field in NAMED else key)
        for key, each in value.items()
    }


def _is_message(value: dict[str, Json]) -> bool:
    """Whether a `value` or a `match` is a message of Envoy's, not a free object."""
    return "@type" in value or any("_" in key or key in MATCHED for key in value)


MATCHED: Final = frozenset(("prefix", "path", "headers", "exact", "suffix", "contains", "string"))


def _sorted(value: Json) -> Json:
    if isinstance(value, dict):
        return {key: _sorted(value[key]) for key in sorted(value)}
    return [_sorted(each) for each in value] if isinstance(value, list) else value


def _camel(name: str) -> str:
    return re.sub(r"_([a-z0-9])", lambda found: found[1].upper(), name)
