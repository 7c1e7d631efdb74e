"""The autograder as Gradescope runs it: unpacked, in a folder that stands for /autograder."""

import io
import json
import os
import subprocess
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

from app.grading.autograder import BASE, autograder_zip
from app.settings import ROOT

pytestmark = pytest.mark.sandbox

LIMIT_S = 600.0  # of a busy machine; a quiet one needs half a minute
RUBRIC = b"""title: Week 3
lessons:
  namespace: {create: 1, label: 3}
"""
COMMANDS = """# namespace/create
kubectl create namespace mesh-demo
# namespace/label
kubectl get pods -n mesh-demo
"""


@pytest.fixture
def base(tmp_path: Path) -> Path:
    """The folder, with the zip unpacked; its environment is ours, its code the unpacked one."""
    source = tmp_path / "source"
    packed = autograder_zip(ROOT, ROOT / "lessons", RUBRIC)
    zipfile.ZipFile(io.BytesIO(packed)).extractall(source)
    (source / "run_autograder").chmod(0o755)  # extractall forgets modes, Gradescope does not
    own = source / "product" / ".venv"
    venv.create(own, with_pip=False, symlinks=True)
    ours = Path(sysconfig.get_path("purelib"))
    purelib = own / ours.relative_to(Path(sysconfig.get_path("data")))
    (purelib / "product.pth").write_text(f"{source / 'product'}\n{ours}\n")
    (own / "share").symlink_to(Path(sysconfig.get_path("data")) / "share")
    program = own / "bin" / "mesh-dojo"
    program.write_text(f"#!{own}/bin/python\nfrom app.cli import main\n\nmain()\n")
    program.chmod(0o755)
    (tmp_path / "results").mkdir()
    (tmp_path / "submission").mkdir()
    return tmp_path


def test_a_submission_becomes_results(base: Path) -> None:
    (base / "submission" / "commands.txt").write_text(COMMANDS)
    env = {BASE: str(base), "HOME": str(base), "PATH": os.defpath, "LANG": "C.UTF-8"}
    ran = subprocess.run(
        [base / "source" / "run_autograder"],
        env={**env, "TMPDIR": str(base)},
        cwd=base,
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    results = json.loads((base / "results" / "results.json").read_text())
    tests = {test["name"]: test["status"] for test in results["tests"]}
    assert tests["namespace / create: The namespace mesh-demo exists"] == "passed"
    assert tests["namespace / label: mesh-demo asks for sidecars"] == "failed"
    assert results["score"] == 1
