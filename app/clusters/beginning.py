"""How a sandbox begins: with the objects that another one had at its end."""

import json
import os
from pathlib import Path
from typing import Final

from app.clusters.objects import Json
from app.errors import StoreUnavailable

SNAPSHOT: Final = "snapshot.json"
# What a pod's status says of a life that it has not begun yet here.
LIVED: Final = ("containerStatuses", "initContainerStatuses", "conditions", "startTime")


def begin_as(other: Path, folder: Path) -> None:
    """Let the sandbox of a new folder begin with the objects of the one in folder `other`.

    Its pods start for the first time: they are told of no restart, which checks take for a crash.
    Raises: StoreUnavailable.
    """
    try:
        kept = json.loads((other / SNAPSHOT).read_bytes())
        kept["objects"] = [_unborn(each) for each in kept["objects"]]
        folder.mkdir(parents=True, mode=0o700)
        with open(os.open(folder / SNAPSHOT, os.O_WRONLY | os.O_CREAT, 0o600), "w") as file:
            json.dump(kept, file)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise StoreUnavailable(f"The sandbox in {folder} cannot be prepared: {error}.") from error


def _unborn(each: dict[str, Json]) -> dict[str, Json]:
    status = each.get("status")
    if each.get("kind") != "Pod" or not isinstance(status, dict):
        return each
    left = {key: value for key, value in status.items() if key not in LIVED}
    return {**each, "status": {**left, "phase": "Pending"}}
