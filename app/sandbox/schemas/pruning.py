"""Taking out of an object what its schema does not know, and putting in what it defaults to.

One walk for built-in types and for CRDs' schemas: they are written in the same words.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from app.sandbox.objects import Json, Obj, table

KEEPS = "x-kubernetes-preserve-unknown-fields"
Resolve = Callable[[Obj], Obj]


@dataclass
class Pruning:
    """One walk: what it makes of an object, and the paths that it left out.

    `is_custom`: a custom resource's fields get their defaults, and lose nulls that are not
    allowed.
    """

    resolve: Resolve
    is_custom: bool = False
    unknown: list[str] = field(default_factory=list)

    def value(self, value: Json, schema: Obj, path: str = "") -> Json:
        """Return a value without its unknown fields. The value itself is not changed."""
        type_ = self.resolve(schema)
        if type_.get("free") is True:
            return value
        if isinstance(value, list):
            inner = table(type_, "items")
            return [
                self.value(item, inner, f"{path}[{place}]") if inner else item
                for place, item in enumerate(value)
            ]
        if isinstance(value, dict):
            return self._object(value, type_, path)
        return value

    def _object(self, value: Obj, type_: Obj, path: str) -> Obj:
        known = table(type_, "properties")
        others = type_.get("additionalProperties")
        kept: Obj = {}
        for name, inner in value.items():
            here = f"{path}.{name}" if path else name
            node = known.get(name)
            if isinstance(node, dict):
                if inner is not None or not self._drops_null(node):
                    kept[name] = self.value(inner, node, here)
            elif isinstance(others, dict):
                if inner is not None or not self._drops_null(others):
                    kept[name] = self.value(inner, others, here)
            elif others is True or type_.get(KEEPS) is True:
                kept[name] = inner
            else:
                self.unknown.append(here)
        return self._defaulted(kept, known) if self.is_custom else kept

    def _drops_null(self, node: Obj) -> bool:
        return self.is_custom and node.get("nullable") is not True

    def _defaulted(self, value: Obj, known: Obj) -> Obj:
        for name, node in known.items():
            if name not in value and isinstance(node, dict) and "default" in node:
                value[name] = self.value(node["default"], node)
        return value
