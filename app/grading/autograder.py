"""An autograder for Gradescope as one zip: the product's source, a rubric and two scripts.

Gradescope unpacks it to /autograder/source and runs setup.sh once, when it makes its image, then
run_autograder for each submission.
Source: https://gradescope-autograders.readthedocs.io/en/latest/specs/
"""

import io
import stat
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from app.errors import AppError, Refused
from app.grading.reports.gradescope import Visibility

PARTS: Final = ("app", "lessons", "static", "templates", "tools/setup.py")
LISTS: Final = ("requirements.lock", "requirements-sandbox.lock", "requirements-schemas.lock")
FILES: Final = ("pyproject.toml", "README.md", *LISTS)
RUBRIC: Final = "rubric.yaml"
PRODUCT: Final = "product"
EPOCH: Final = (1980, 1, 1, 0, 0, 0)  # the earliest that a zip can hold: equal input, equal zip
BASE: Final = "MESH_DOJO_AUTOGRADER"

SETUP: Final = f"""#!/bin/sh
# Installs what grading needs, once, into the image of this autograder.
set -eu
cd "${{{BASE}:-/autograder}}/source"
found=
for python in python3.13 python3.12 python3.11 python3; do
  if "$python" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
  then found=$python; break; fi
done
if [ -z "$found" ]; then
  apt-get update
  apt-get install --yes --no-install-recommends ca-certificates python3.12 python3.12-venv \\
    || apt-get install --yes --no-install-recommends ca-certificates python3.11 python3.11-venv
  found=$(command -v python3.12 || command -v python3.11)
fi
"$found" {PRODUCT}/tools/setup.py
"""
RUN: Final = f"""#!/bin/sh
# Grades the submission and writes results/results.json; without a mark it writes none and fails.
set -eu
base="${{{BASE}:-/autograder}}"
MESH_DOJO_DATA_DIR=$(mktemp -d) # a key and a folder for this one submission
export MESH_DOJO_DATA_DIR
exec "$base/source/{PRODUCT}/.venv/bin/mesh-dojo" grade gradescope \\
  --base "$base" --rubric "$base/source/{RUBRIC}" --hidden @HIDDEN@
"""


def autograder_zip(
    root: Path, lessons: Path, rubric: bytes, hidden: Visibility = "hidden"
) -> bytes:
    """Return the zip: `root` is the product's source tree, `lessons` the course that is graded.

    `hidden` says who sees hidden checks, and when. Equal input gives equal bytes.
    Raises: Refused where the product does not run from a source tree; AppError.
    """
    missing = [name for name in (*PARTS, *FILES) if not (root / name).exists()]
    if missing:
        raise Refused(
            f"An autograder is made from the source tree; here {missing[0]} is missing.",
            hint="Do it where `make lab` works.",
        )
    run = RUN.replace("@HIDDEN@", hidden).encode()
    scripts = {"setup.sh": SETUP.encode(), "run_autograder": run}
    try:
        product = dict(_product(root, lessons))
    except OSError as error:
        raise AppError(f"{error.filename} cannot be read: {error.strerror}.") from error
    return _zipped({**scripts, RUBRIC: rubric, **product}, executable=set(scripts))


def _product(root: Path, lessons: Path) -> Iterator[tuple[str, bytes]]:
    for name in FILES:
        yield f"{PRODUCT}/{name}", (root / name).read_bytes()
    for name in PARTS:
        top = lessons if name == "lessons" else root / name
        for file in [top] if top.is_file() else sorted(top.rglob("*")):
            inside = file.relative_to(top)
            if _belongs(file, inside):
                yield f"{PRODUCT}/{(Path(name) / inside).as_posix()}", file.read_bytes()


def _belongs(file: Path, inside: Path) -> bool:
    """Whether it is a file of the product: no compiled one, no hidden one, no link to elsewhere."""
    if "__pycache__" in inside.parts or any(part.startswith(".") for part in inside.parts):
        return False
    return stat.S_ISREG(file.lstat().st_mode)


def _zipped(files: Mapping[str, bytes], executable: set[str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.create_system = 3  # Unix: the modes below count
            entry.external_attr = (stat.S_IFREG | (0o755 if name in executable else 0o644)) << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            packed.writestr(entry, files[name])
    return out.getvalue()
