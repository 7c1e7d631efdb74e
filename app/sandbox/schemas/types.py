"""Kubernetes' own types: their fields, and what Go calls them in its errors."""

import json
import sys
from functools import cached_property
from pathlib import Path

from app.errors import Unavailable
from app.sandbox.objects import Json, Obj, strings, table, text
from app.sandbox.schemas.aliases import ALIASES
from app.sandbox.schemas.generate import FORMAT

META = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"
HINT = "python tools/setup.py"


def default_folder() -> Path:
    """Return where the set-up writes the generated files: in the environment."""
    return Path(sys.prefix) / "share" / "mesh-dojo" / "schemas"


class Types:
    """The generated types by their names; nothing is read before it is asked for."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @cached_property
    def _fields(self) -> Obj:
        found = self._read("fields.json")
        if found.get("format") != FORMAT:
            raise Unavailable("Kubernetes' schemas are of another version.", hint=HINT)
        return found

    @cached_property
    def _all(self) -> Obj:
        return table(self._fields, "types")

    @cached_property
    def _kinds(self) -> dict[str, str]:
        return strings(self._fields, "kinds")

    @cached_property
    def words(self) -> Obj:
        """The descriptions of the types and their fields; read for `kubectl explain` alone."""
        return self._read("words.json")

    def _read(self, name: str) -> Obj:
        path = self.folder / name
        try:
            found: Json = json.loads(path.read_bytes())
        except OSError as error:
            raise Unavailable(
                f"Kubernetes' schemas were not generated: {path} is not there.", hint=HINT
            ) from error
        return found if isinstance(found, dict) else {}

    @property
    def version(self) -> str:
        """The version of Kubernetes that the types are of."""
        return text(self._fields, "version")

    def name_of(self, api_version: str, kind: str) -> str:
        """Return the name of a kind's type, "" where there is none."""
        return self._kinds.get(f"{api_version} {kind}", "")

    def kinds(self, api_version: str) -> dict[str, str]:
        """Return the types' names of the kinds of a group and version."""
        start = f"{api_version} "
        return {
            key.removeprefix(start): name
            for key, name in self._kinds.items()
            if key.startswith(start)
        }

    def get(self, name: str) -> Obj:
        """Return a type by its name, empty where there is none."""
        found = self._all.get(name)
        return found if isinstance(found, dict) else {}

    def resolve(self, node: Obj) -> Obj:
        """Return the type that a field's node means: itself, or what it refers to."""
        told = node.get("$ref")
        return self.get(told) if isinstance(told, str) else node


def struct_name(node: Obj) -> str:
    """Return the bare name of the type that a node refers to: `Container`."""
    return text(node, "$ref").rpartition(".")[2]


def go_type(node: Obj, owner: str = "", name: str = "") -> str:
    """Return what Go calls a field's type: `int32`, `[]v1.Container`, `map[string]string`.

    `owner` and `name` say which field it is: some strings have types of their own.
    """
    alias = ALIASES.get(f"{owner}.{name}")
    told = node.get("$ref")
    if isinstance(told, str):
        package, _, bare = told.rpartition(".")
        return f"{package.rpartition('.')[2]}.{bare}"
    match text(node, "type"):
        case "array":
            return f"[]{alias or go_type(table(node, 'items'))}"
        case "object" if text(node, "additionalProperties.$ref").endswith(".Quantity"):
            return "v1.ResourceList"
        case "object":
            return f"map[string]{alias or go_type(table(node, 'additionalProperties'))}"
        case "integer":
            return text(node, "format", "int64")
        case "number":
            return "float64"
        case "boolean":
            return "bool"
        case _ if node.get("format") == "byte":
            return "[]uint8"
    return alias or "string"
