"""What the set-up makes of the package that Kubernetes' schemas come in."""

import json
from pathlib import Path

import pytest

from app.errors import Unavailable
from app.sandbox.objects import Obj
from app.sandbox.schemas.generate import VERSION, generate
from app.sandbox.schemas.types import Types

THING: Obj = {
    "description": "A thing.",
    "type": ["object", "null"],
    "properties": {
        "kind": {"type": ["string", "null"], "enum": ["Thing"]},
        "parts": {
            "type": ["array", "null"],
            "description": "Its parts.",
            "items": {"$ref": "#/$defs/io.k8s.api.core.v1.Part"},
            "x-kubernetes-patch-merge-key": "name",
        },
    },
    "x-kubernetes-group-version-kind": [{"group": "", "version": "v1", "kind": "Thing"}],
}
PART: Obj = {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]}
OTHER: Obj = {
    "type": "object",
    "x-kubernetes-group-version-kind": [{"group": "", "version": "v1beta1", "kind": "Other"}],
}


def package(folder: Path) -> Path:
    """Write what the package kubernetes-validate looks like; return its folder."""
    schemas = folder / "kubernetes-json-schema" / f"v{VERSION}.0-local"
    schemas.mkdir(parents=True)
    names = {"Thing": THING, "Part": PART, "Other": OTHER}
    definitions = {f"io.k8s.api.core.v1.{name}": node for name, node in names.items()}
    (schemas / "_definitions.json").write_text(json.dumps({"$defs": definitions}))
    return folder


def test_the_files_hold_the_kinds_and_what_they_are_made_of(tmp_path: Path) -> None:
    target = tmp_path / "target"
    generate(target, package(tmp_path / "package"))
    types = Types(target)
    assert types.kinds("v1") == {"Thing": "io.k8s.api.core.v1.Thing"}
    assert types.get("io.k8s.api.core.v1.Part") == PART
    assert types.get("io.k8s.api.core.v1.Thing") == {
        "type": "object",
        "properties": {
            "kind": {"type": "string"},
            "parts": {
                "type": "array",
                "items": {"$ref": "io.k8s.api.core.v1.Part"},
                "x-kubernetes-patch-merge-key": "name",
            },
        },
    }
    assert types.words["io.k8s.api.core.v1.Thing"] == {"": "A thing.", "parts": "Its parts."}
    assert types.get("io.k8s.api.core.v1.Other") == {}


def test_a_second_generation_writes_the_same(tmp_path: Path) -> None:
    source = package(tmp_path / "package")
    generate(tmp_path / "one", source)
    generate(tmp_path / "two", source)
    names = sorted(path.name for path in (tmp_path / "one").iterdir())
    assert names == ["fields.json", "words.json"]
    for name in names:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_a_package_without_the_version_is_refused_with_a_hint(tmp_path: Path) -> None:
    with pytest.raises(Unavailable) as refused:
        generate(tmp_path / "target", tmp_path)
    assert "kubernetes-validate" in refused.value.hint
    assert not (tmp_path / "target").exists()
