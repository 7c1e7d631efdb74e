"""The manifests as the API server would get them, built by this environment's own kubectl."""

import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parent.parent.parent
KUBECTL = Path(sys.executable).with_name("kubectl")
OVERLAYS = ("k8s", "k8s/overlays/ephemeral", "k8s/overlays/install")

Manifest = dict[str, Any]


@cache
def build(overlay: str) -> list[Manifest]:
    """Return the overlay's manifests in the order of their application."""
    told = subprocess.run(
        [KUBECTL, "kustomize", ROOT / overlay], capture_output=True, text=True, check=True
    )
    return list(yaml.safe_load_all(told.stdout))
