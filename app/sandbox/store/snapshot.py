"""A sandbox's objects in a file, so that they survive a restart."""

import json
from pathlib import Path

from app.sandbox.life import write_whole
from app.sandbox.objects import Obj, items, number
from app.sandbox.store.kinds import kind_of_crd
from app.sandbox.store.store import Store

FORMAT = 1


def keep(store: Store, file: Path) -> None:
    """Write every object, whole or not at all. Raises: OSError."""
    kept: Obj = {"format": FORMAT, "version": store.version, "objects": [*store.dump()]}
    write_whole(file, json.dumps(kept, separators=(",", ":")).encode())


def restore(store: Store, file: Path) -> bool:
    """Fill an empty store from a file; return whether there was one of this format, and whole."""
    try:
        kept = json.loads(file.read_bytes())
    except (FileNotFoundError, ValueError):
        return False
    if not isinstance(kept, dict) or kept.get("format") != FORMAT:
        return False
    objects = items(kept, "objects")
    for obj in objects:
        if obj.get("kind") == "CustomResourceDefinition":
            store.kinds.add(kind_of_crd(obj))
    store.load(objects, number(kept, "version"))
    return True
