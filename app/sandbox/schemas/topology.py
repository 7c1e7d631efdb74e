"""How the values of a schema merge: as one, as fields, or as items with keys.

Source: https://kubernetes.io/docs/reference/using-api/server-side-apply/#merge-strategy
"""

from typing import Final, Literal, TypeAlias

from app.sandbox.objects import Json, Obj, table, text, words
from app.sandbox.schemas.pruning import KEEPS
from app.sandbox.schemas.types import Types

Form: TypeAlias = Literal["leaf", "map", "set", "keyed"]
MAP_TYPE: Final = "x-kubernetes-map-type"
LIST_TYPE: Final = "x-kubernetes-list-type"
MAP_KEYS: Final = "x-kubernetes-list-map-keys"
UNTYPED: Final[Obj] = {}
# Keys of list items that have a default: what is not written is this.
KEY_DEFAULTS: Final[Obj] = {"protocol": "TCP"}


class Topology:
    """The forms of the nodes of built-in types and of CRDs' schemas, which share their words."""

    def __init__(self, types: Types) -> None:
        self._types = types

    def form(self, node: Obj, value: Json) -> Form:
        """Return how a value at a node is merged; what no schema tells goes by the value."""
        if not isinstance(value, dict | list):
            return "leaf"
        type_ = self._types.resolve(node)
        if isinstance(value, dict):
            told = node.get(MAP_TYPE) or type_.get(MAP_TYPE)
            return "leaf" if told == "atomic" else "map"
        listed = node.get(LIST_TYPE) or type_.get(LIST_TYPE)
        return "keyed" if listed == "map" else "set" if listed == "set" else "leaf"

    def empty_form(self, node: Obj) -> Form:
        """Return how a node's values are merged where there is only a null."""
        type_ = self._types.resolve(node)
        is_map = "properties" in type_ or text(type_, "type") == "object"
        return self.form(node, {} if is_map else [] if text(type_, "type") == "array" else None)

    def child(self, node: Obj, name: str) -> Obj | None:
        """Return the node of a field or of a map's value; None where the schema knows none."""
        type_ = self._types.resolve(node)
        fields = type_.get("properties")
        known = fields.get(name) if isinstance(fields, dict) else None
        if isinstance(known, dict):
            return known
        others = type_.get("additionalProperties")
        if isinstance(others, dict):
            return others
        is_free = not type_ or type_.get("free") is True or type_.get(KEEPS) is True
        untold = "properties" not in type_ and not text(type_, "type")
        return UNTYPED if is_free or others is True or untold else None

    def is_field(self, node: Obj, name: str) -> bool:
        """Whether a name is a field that the schema tells, not a key of a map."""
        return name in table(self._types.resolve(node), "properties")

    def item(self, node: Obj) -> Obj:
        """Return the node of a list's items."""
        return table(self._types.resolve(node), "items")

    def key_of(self, node: Obj, item: Json) -> Obj | None:
        """Return what tells an item of a keyed list from others; None where it has no key."""
        if not isinstance(item, dict):
            return None
        type_ = self._types.resolve(node)
        names = words(node, MAP_KEYS) or words(type_, MAP_KEYS)
        key: Obj = {}
        inner = self.item(node)
        for name in names:
            field = self.child(inner, name) or {}
            default = field.get("default")
            if "$ref" in inner:  # a Go struct, whose fields have a value where none is written
                default = KEY_DEFAULTS.get(name, 0 if text(field, "type") == "integer" else "")
            found = item.get(name, default)
            if found is not None:
                key[name] = found
        return key or None

    def type_word(self, node: Obj) -> str:
        """Return which JSON type a node wants (`string`, `array`), "" where several will do."""
        type_ = self._types.resolve(node)
        if type_.get("free") is True or text(type_, "format") in ("quantity", "int-or-string"):
            return ""
        if type_.get("x-kubernetes-int-or-string") is True:
            return ""
        return "object" if "properties" in type_ else text(type_, "type")
