"""Which version of istioctl this is."""

import json

BUILD = {
    "version": "1.31.0",
    "revision": "mesh-dojo-sandbox",
    "golang_version": "none",
    "status": "Clean",
    "tag": "1.31.0",
}


def version(form: str) -> str:
    """Return this program's own version, for which no sandbox need be there."""
    if form == "json":
        return json.dumps({"clientVersion": BUILD}, indent=2)
    return f"client version: {BUILD['version']}"
