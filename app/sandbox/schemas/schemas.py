"""What an object of a kind may hold: unknown fields, wrong types, wrong values, merge keys."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from app.sandbox.objects import Json, Obj, items, table, text, words
from app.sandbox.schemas.conversion import conversion_fault
from app.sandbox.schemas.decoding import Decoding
from app.sandbox.schemas.documents import document
from app.sandbox.schemas.istio_crds import istio_crds
from app.sandbox.schemas.list_types import list_causes
from app.sandbox.schemas.pruning import Pruning
from app.sandbox.schemas.rules import rule_causes
from app.sandbox.schemas.structural import BLOCKING, UNCHECKED, schema_causes
from app.sandbox.schemas.types import Types, default_folder
from app.sandbox.status import Cause
from app.sandbox.store.kinds import Kind, Kinds

# The parts of a custom resource that are the same for all of them.
OWN = ("apiVersion", "kind", "metadata")


@dataclass(frozen=True)
class MergeRule:
    """How a strategic merge treats a field: by items (`key` names them) or whole.

    `retains_keys`: a patch may say with `$retainKeys` which fields are to stay.
    """

    merges: bool
    key: str = ""
    retains_keys: bool = False


class Schemas:
    """The schemas of all kinds: Kubernetes' from the set-up's files, CRDs' from themselves."""

    def __init__(self, kinds: Kinds, folder: Path | None = None) -> None:
        self.kinds = kinds
        self.types = Types(folder or default_folder())

    @classmethod
    def load(cls, kinds: Kinds | None = None, folder: Path | None = None) -> "Schemas":
        """Return the schemas; files are read when a kind is first asked for.

        `kinds` is where CRDs are looked up; `folder` is where `generate` wrote, by default in
        the environment.
        """
        return cls(kinds or Kinds(), folder)

    def decode_error(self, obj: Obj) -> str:
        """Return the sentence of a 400 where a field of a Go struct has a wrong type, else ""."""
        decoding = self._decoded(obj)
        if not decoding.error:
            return ""
        kind = text(obj, "kind")
        version = text(obj, "apiVersion").rpartition("/")[2]
        return f'{kind} in version "{version}" cannot be handled as a {kind}: {decoding.error}'

    def patch_fault(self, obj: Obj, *, is_strategic: bool) -> str:
        """Return why what a patch made of a built-in object cannot be decoded, else ""."""
        name = self._type_of(obj)
        if not name:
            return ""
        if is_strategic:
            return conversion_fault(self.types, obj, name)
        return self._decoded(obj).error

    def unknown_fields(self, obj: Obj) -> list[str]:
        """Return the paths that no schema knows, dotted and in the server's order."""
        unknown = self._decoded(obj).unknown
        kind = self.kinds.of(obj)
        if kind is not None and kind.crd is not None:
            unknown = unknown + self._pruning(kind, obj)[1].unknown
        return unknown

    def prune(self, obj: Obj) -> Obj:
        """Return the object without its unknown fields, and with a CRD's defaults."""
        kind = self.kinds.of(obj)
        if kind is not None and kind.crd is not None:
            return self._pruning(kind, obj)[0]
        name = self._type_of(obj)
        if not name:
            return obj
        kept = Pruning(self.types.resolve).value(obj, self.types.get(name))
        return kept if isinstance(kept, dict) else obj

    def errors(self, obj: Obj, before: Obj | None = None) -> list[Cause]:
        """Return what is wrong in a custom resource by its CRD; `before` where it is a change.

        What a built-in kind may hold beyond its types is the registry's to say.
        """
        kind = self.kinds.of(obj)
        if kind is None or kind.crd is None:
            return []
        schema = custom_schema(kind, text(obj, "apiVersion").rpartition("/")[2])
        value: Obj = {key: part for key, part in obj.items() if key not in OWN}
        causes = list(schema_causes(value, {**schema, "required": _required(schema)}))
        causes += list_causes(value, schema)
        if any(cause.reason in BLOCKING for cause in causes):
            return [*causes, UNCHECKED]
        return causes + list(rule_causes(obj, before, schema))

    def merge_key(self, kind: Kind, path: Sequence[str]) -> MergeRule:
        """Return how a strategic merge treats a field.

        `path` is field names from the root, without the places in lists:
        ("spec", "template", "spec", "containers").
        """
        node = self.types.get(self.types.name_of(kind.api_version(), kind.kind))
        for name in path:
            inner = self.types.resolve(node)
            inner = self.types.resolve(table(inner, "items")) if "items" in inner else inner
            found = table(inner, "properties").get(name) or inner.get("additionalProperties")
            node = found if isinstance(found, dict) else {}
        said = text(node, "x-kubernetes-patch-strategy").split(",")
        return MergeRule(
            merges="merge" in said,
            key=text(node, "x-kubernetes-patch-merge-key"),
            retains_keys="retainKeys" in said,
        )

    def root(self, kind: Kind, version: str) -> Obj:
        """Return the node of a whole object; a custom resource's metadata is as any other's."""
        if kind.crd is None:
            return self.types.get(self.types.name_of(kind.api_version(version), kind.kind))
        schema = custom_schema(kind, version)
        own: Obj = {"apiVersion": STRING, "kind": STRING, "metadata": METADATA}
        return {**schema, "type": "object", "properties": {**table(schema, "properties"), **own}}

    def openapi(self, group_version: str) -> Obj | None:
        """Return the OpenAPI v3 document of `v1` or `apps/v1`, None where no kind is there."""
        group, _, version = group_version.rpartition("/")
        kinds = [kind for kind in self.kinds if kind.group == group and version in kind.versions]
        return document(self.types, kinds, group_version) if kinds else None

    def crds(self) -> list[Obj]:
        """Return Istio's CustomResourceDefinitions, as an install creates them, but its labels."""
        return list(istio_crds())

    def _type_of(self, obj: Obj) -> str:
        return self.types.name_of(text(obj, "apiVersion"), text(obj, "kind"))

    def _decoded(self, obj: Obj) -> Decoding:
        decoding = Decoding(self.types)
        name = self._type_of(obj)
        if name:
            decoding.kind(obj, name)
        else:
            decoding.metadata(obj)
        return decoding

    def _pruning(self, kind: Kind, obj: Obj) -> tuple[Obj, Pruning]:
        """Return a custom resource as its schema has it; its metadata as the Go struct does."""
        own = {key: obj[key] for key in OWN if key in obj}
        if isinstance(own.get("metadata"), dict):
            meta = Pruning(self.types.resolve).value(own["metadata"], METADATA)
            own["metadata"] = meta
        schema = custom_schema(kind, text(obj, "apiVersion").rpartition("/")[2])
        pruning = Pruning(lambda node: node, is_custom=True)
        rest: Obj = {key: part for key, part in obj.items() if key not in OWN}
        kept = pruning.value(rest, schema)
        return {**own, **(kept if isinstance(kept, dict) else {})}, pruning


STRING: Obj = {"type": "string"}
METADATA: Obj = {"$ref": "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"}


def custom_schema(kind: Kind, version: str) -> Obj:
    """Return the schema of one version of a CRD; the stored one's where it is not there."""
    found = items(kind.crd, "spec.versions")
    named = [entry for entry in found if text(entry, "name") == version] or found
    return table(named[0], "schema.openAPIV3Schema") if named else {}


def _required(schema: Obj) -> list[Json]:
    return [name for name in words(schema, "required") if name not in OWN]
