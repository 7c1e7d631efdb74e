"""What an object of a kind may hold: unknown fields, wrong types, wrong values, merge keys."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from app.sandbox.objects import Obj
from app.sandbox.status import Cause
from app.sandbox.store.kinds import Kind, Kinds


@dataclass(frozen=True)
class MergeRule:
    """How a strategic merge treats a field: by items (`key` names them) or whole."""

    merges: bool
    key: str = ""
    retains_keys: bool = False


class Schemas:
    """The schemas of all kinds: Kubernetes' from the set-up's files, CRDs' from themselves."""

    def __init__(self, kinds: Kinds) -> None:
        self.kinds = kinds

    @classmethod
    def load(cls, kinds: Kinds | None = None, folder: Path | None = None) -> "Schemas":
        """Return the schemas; files are read when a kind is first asked for.

        `kinds` is where CRDs are looked up; `folder` is where `generate` wrote, by default in
        the environment.
        """
        return cls(kinds or Kinds())

    def decode_error(self, obj: Obj) -> str:
        """Return the sentence of a 400 where a built-in kind's field has a wrong type, else ""."""
        return ""

    def unknown_fields(self, obj: Obj) -> list[str]:
        """Return the paths that no schema knows, dotted and in the server's order."""
        return []

    def prune(self, obj: Obj) -> Obj:
        """Return the object without its unknown fields, and with a CRD's defaults."""
        return obj

    def errors(self, obj: Obj, before: Obj | None = None) -> list[Cause]:
        """Return what is wrong in an object (after its defaults); `before` where it is a change."""
        return []

    def merge_key(self, kind: Kind, path: Sequence[str]) -> MergeRule:
        """Return how a strategic merge treats a field.

        `path` is field names from the root, without the places in lists:
        ("spec", "template", "spec", "containers").
        """
        return MergeRule(merges=False)

    def openapi(self, group_version: str) -> Obj | None:
        """Return the OpenAPI v3 document of `v1` or `apps/v1`, None where no kind is there."""
        return None

    def crds(self) -> list[Obj]:
        """Return Istio's CustomResourceDefinitions, as an install creates them."""
        return []
