"""Build the image with buildah, and lay it into a folder that a cluster's registry serves.

usage: .venv/bin/python tools/image.py [--into FOLDER] [further arguments of buildah bud]
FOLDER holds blobs/sha256/DIGEST and index.json: {"repository:tag": {"digest", "mediaType"}}.
Without it the image stays where buildah keeps images. Docker and minikube: docs/packaging.md.
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def main() -> None:
    """Build, and publish where a folder is given; say in one sentence what is missing."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--into", type=Path, help="the registry's folder")
    given, further = parser.parse_known_args()
    if not shutil.which("buildah"):
        sys.exit("buildah is not installed; on Debian and Ubuntu: apt install buildah")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    name = f"{project['name']}:{project['version']}"
    run("buildah", "bud", "--isolation", "chroot", "--format", "docker", *further, "-t", name, ".")
    if given.into:
        with tempfile.TemporaryDirectory() as draft:
            run("buildah", "push", "--format", "oci", name, f"oci:{draft}:image")
            publish(Path(draft), given.into, f"docker.io/library/{name}")


def run(*command: str) -> None:
    """Run one command in the project's folder and end with it where it fails."""
    if subprocess.run(command, cwd=ROOT, check=False).returncode:
        sys.exit(f"{command[0]} {command[1]} failed; what it said stands above.")


def publish(layout: Path, folder: Path, name: str) -> None:
    """Copy an OCI layout's blobs into the folder, then name the image in its index."""
    blobs = folder / "blobs" / "sha256"
    blobs.mkdir(parents=True, exist_ok=True)
    for blob in (layout / "blobs" / "sha256").iterdir():
        if not (blobs / blob.name).exists():
            shutil.copyfile(blob, blobs / blob.name)
    (manifest,) = json.loads((layout / "index.json").read_text(encoding="utf-8"))["manifests"]
    index = folder / "index.json"
    entries = json.loads(index.read_text(encoding="utf-8")) if index.exists() else {}
    entries[name] = {"digest": manifest["digest"], "mediaType": manifest["mediaType"]}
    draft = folder / ".index.json.draft"
    draft.write_text(json.dumps(entries, indent=1, sort_keys=True), encoding="utf-8")
    draft.replace(index)


if __name__ == "__main__":
    main()
