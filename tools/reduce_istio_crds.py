"""Reduces Istio's CustomResourceDefinitions to the facts of app/sandbox/schemas/istio/crds.json.

    python tools/reduce_istio_crds.py PATH/TO/crd-all.gen.yaml

Kept: names, types, enums, limits, required fields, the rules with their messages, the printer
columns. Dropped: every description. A part that comes more than once is written once, in `shared`.
"""

import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import yaml

TARGET = Path(__file__).parent.parent / "app" / "sandbox" / "schemas" / "istio" / "crds.json"
WORTH_SHARING = 120  # characters


def reduce(document: dict[str, Any]) -> dict[str, Any]:
    """Return the facts of one CRD. Its versions must share one schema."""
    spec = document["spec"]
    versions = spec["versions"]
    schemas = [without_words(version["schema"]["openAPIV3Schema"]) for version in versions]
    columns = [without_words(version.get("additionalPrinterColumns", [])) for version in versions]
    if any(schema != schemas[0] for schema in schemas) or any(c != columns[0] for c in columns):
        sys.exit(f"{document['metadata']['name']}: the versions differ; one schema is not enough")
    return {
        "group": spec["group"],
        "names": spec["names"],
        "scope": spec["scope"],
        "versions": [version["name"] for version in versions],
        "stored": next(version["name"] for version in versions if version["storage"]),
        "columns": columns[0],
        "schema": schemas[0],
    }


def without_words(node: Any, *, is_names: bool = False) -> Any:
    """Return a schema without its descriptions; a property of that name is kept."""
    if isinstance(node, list):
        return [without_words(part) for part in node]
    if not isinstance(node, dict):
        return node
    return {
        key: without_words(part, is_names=key == "properties" and not is_names)
        for key, part in node.items()
        if is_names or key != "description"
    }


def shared_parts(crds: dict[str, Any]) -> dict[str, Any]:
    """Take what comes more than once out of the CRDs' schemas; return it by its new name."""
    counts: Counter[str] = Counter()
    for crd in crds.values():
        _count(crd["schema"], counts)
    texts = sorted(
        (text for text, count in counts.items() if count > 1 and len(text) >= WORTH_SHARING),
        key=lambda text: (-len(text), text),
    )
    names = {text: f"t{place}" for place, text in enumerate(texts)}
    for crd in crds.values():
        crd["schema"] = _replace(crd["schema"], names)
    parts = {name: _replace(json.loads(text), names, top=True) for text, name in names.items()}
    used = json.dumps([parts, crds])
    return {name: part for name, part in parts.items() if f'"{name}"' in used}


def _is_schema(node: Any) -> bool:
    return isinstance(node, dict) and isinstance(node.get("type"), str)


def _count(node: Any, counts: Counter[str]) -> None:
    if _is_schema(node):
        text = json.dumps(node, sort_keys=True)
        counts[text] += 1
        if counts[text] > 1:
            return
    for part in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        _count(part, counts)


def _replace(node: Any, names: dict[str, str], *, top: bool = False) -> Any:
    if _is_schema(node) and not top:
        name = names.get(json.dumps(node, sort_keys=True))
        if name:
            return {"shared": name}
    if isinstance(node, dict):
        return {key: _replace(part, names) for key, part in node.items()}
    return [_replace(part, names) for part in node] if isinstance(node, list) else node


def written(version: str, shared: dict[str, Any], crds: dict[str, Any]) -> str:
    """Return the file's text: one part, one CRD a line."""
    lines = ["{", f' "source": {json.dumps(version)},']
    for title, found in (("shared", shared), ("crds", crds)):
        lines.append(f' "{title}": {{')
        lines += [
            f"  {json.dumps(name)}: {json.dumps(part, separators=(',', ':'), sort_keys=True)},"
            for name, part in found.items()
        ]
        lines[-1] = lines[-1].rstrip(",")
        lines.append(" }," if title == "shared" else " }")
    return "\n".join([*lines, "}"]) + "\n"


def main() -> None:
    """Write the facts."""
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    documents = yaml.safe_load_all(Path(sys.argv[1]).read_text())
    crds = {one["metadata"]["name"]: reduce(one) for one in documents if one}
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    shared = shared_parts(crds)
    TARGET.write_text(written("Istio 1.31, manifests/charts/base", shared, crds))
    print(f"{TARGET}: {len(crds)} CRDs, {TARGET.stat().st_size} bytes")


if __name__ == "__main__":
    main()
