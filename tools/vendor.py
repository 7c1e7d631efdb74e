"""Fetch the browser's libraries from npm into static/vendor, with their licences and a lock.

usage: python tools/vendor.py      needs npm; only maintainers run it, the site needs no Node
A file carries its version in its name. The lock says where each came from and its digests.
"""

import base64
import hashlib
import json
import subprocess
import tarfile
import tempfile
from pathlib import Path

VENDOR = Path(__file__).resolve().parent.parent / "static" / "vendor"

PACKAGES: dict[str, dict[str, str]] = {
    "htmx.org@2.0.11": {
        "dist/htmx.min.js": "htmx-2.0.11.min.js",
        "LICENSE": "htmx-2.0.11.LICENSE",
    },
    "htmx-ext-sse@2.2.4": {
        "dist/sse.min.js": "htmx-ext-sse-2.2.4.min.js",
        "LICENSE": "htmx-ext-sse-2.2.4.LICENSE",
    },
    "codemirror@5.65.21": {
        "lib/codemirror.js": "codemirror-5.65.21.js",
        "lib/codemirror.css": "codemirror-5.65.21.css",
        "mode/yaml/yaml.js": "codemirror-yaml-5.65.21.js",
        "LICENSE": "codemirror-5.65.21.LICENSE",
    },
}


def main() -> None:
    """Write every file and the lock."""
    VENDOR.mkdir(parents=True, exist_ok=True)
    lock: dict[str, dict[str, str | int]] = {}
    for package, files in PACKAGES.items():
        lock |= unpack(package, files)
    (VENDOR / "vendor.lock.json").write_text(json.dumps(lock, indent=2, sort_keys=True) + "\n")
    print(f"{len(lock)} files, {sum(int(entry['bytes']) for entry in lock.values())} bytes")


def unpack(package: str, files: dict[str, str]) -> dict[str, dict[str, str | int]]:
    """Write the named files of a package; return their entries of the lock."""
    lock: dict[str, dict[str, str | int]] = {}
    with tempfile.TemporaryDirectory() as folder:
        integrity, archive = fetch(package, folder)
        with tarfile.open(archive) as tar:
            for source, target in files.items():
                content = read(tar, f"package/{source}")
                if content is None:
                    print(f"{package} has no {source}")
                    continue
                (VENDOR / target).write_bytes(content)
                lock[target] = {
                    "package": package,
                    "path": source,
                    "archive": integrity,
                    "sha384": digest("sha384", content),
                    "bytes": len(content),
                }
    return lock


def fetch(package: str, folder: str) -> tuple[str, Path]:
    """Download a package; return its integrity, which has been compared, and its archive."""
    command = ["npm", "pack", package, "--json", "--pack-destination", folder]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    integrity = str(json.loads(said)[0]["integrity"])
    archive = next(Path(folder).glob("*.tgz"))
    if digest("sha512", archive.read_bytes()) != integrity:
        raise SystemExit(f"{package}: the archive is not what the registry announced")
    return integrity, archive


def read(tar: tarfile.TarFile, name: str) -> bytes | None:
    """Return one file of the archive, None where it has none of that name."""
    try:
        member = tar.extractfile(name)
    except KeyError:
        return None
    return member.read() if member else None


def digest(algorithm: str, content: bytes) -> str:
    """Return a digest as `integrity` attributes write it: sha384-BASE64."""
    return f"{algorithm}-{base64.b64encode(hashlib.new(algorithm, content).digest()).decode()}"


if __name__ == "__main__":
    main()
