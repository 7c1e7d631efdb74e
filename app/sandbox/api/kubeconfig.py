"""The kubeconfig by which kubectl finds a sandbox."""

import base64
import json
from pathlib import Path

from app.sandbox.api.certificates import write_secret
from app.sandbox.objects import Obj

NAME = "mesh-dojo-sandbox"


def write(path: Path, server: str, authority: Path, token: str) -> None:
    """Write a kubeconfig of one context, readable by its owner alone.

    `server` is `https://127.0.0.1:PORT`; the file is JSON, which is YAML too.
    """
    trusted = base64.b64encode(authority.read_bytes()).decode()
    config: Obj = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [
            {"name": NAME, "cluster": {"server": server, "certificate-authority-data": trusted}}
        ],
        "users": [{"name": NAME, "user": {"token": token}}],
        "contexts": [
            {"name": NAME, "context": {"cluster": NAME, "user": NAME, "namespace": "default"}}
        ],
        "current-context": NAME,
        "preferences": {},
    }
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_secret(path, (json.dumps(config, indent=2) + "\n").encode())
