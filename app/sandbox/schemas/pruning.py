"""Taking out of an object what its schema does not know, and putting in what it defaults to.

One walk for built-in types and for CRDs' schemas: they are written in the same words.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from app.sandbox.objects import Json, Obj, table, text, words
from app.sandbox.schemas.quantities import canonical

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
            if type_.get(KEEPS) is True and "items" not in type_:
                return value
            inner = table(type_, "items")
            return [self.value(item, inner, f"{path}[{place}]") for place, item in enumerate(value)]
        if isinstance(value, dict):
            return self._object(value, type_, path)
        return canonical(value) if type_.get("format") == "quantity" else value

    def _object(self, value: Obj, type_: Obj, path: str) -> Obj:
        known = table(type_, "properties")
        others = type_.get("additionalProperties")
        kept: Obj = {}
        for name, inner in value.items():
            here = f"{path}.{name}" if path else name
            node = known.get(name)
            if isinstance(node, dict):
                if not self._drops(name, inner, node, type_):
                    kept[name] = self.value(inner, node, here)
            elif isinstance(others, dict):
                if not self._drops("", inner, others, type_):
                    kept[name] = self.value(inner, others, here)
            elif others is True or type_.get(KEEPS) is True:
                kept[name] = inner
            else:
                self.unknown.append(here)
        return self._defaulted(kept, known) if self.is_custom else kept

    def _drops(self, name: str, value: Json, node: Obj, type_: Obj) -> bool:
        """Whether a field is left out for its value: a null, or what a Go struct takes for one.

        A custom resource keeps the nulls that its schema allows; a Go struct writes no empty
        text, unless the field must be there.
        """
        if self.is_custom:
            return value is None and node.get("nullable") is not True
        if value != "" or not name or name in words(type_, "required"):
            return False
        return text(self.resolve(node), "type") == "string"

    def _defaulted(self, value: Obj, known: Obj) -> Obj:
        for name, node in known.items():
            if name not in value and isinstance(node, dict) and "default" in node:
                value[name] = self.value(node["default"], node)
        return value
