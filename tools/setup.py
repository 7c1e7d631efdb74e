"""Make or refresh the project's own environment in .venv from the lock, hashes checked.

usage: python3 tools/setup.py [--dev]      --dev adds what tests and checks need
Needs only Python 3.11 or newer with its venv module. Does nothing where nothing changed.
"""

import hashlib
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")


def main() -> None:
    """Set up what is missing, or end with one sentence on what stands in the way."""
    if sys.version_info < (3, 11):
        sys.exit(f"Mesh Dojo needs Python 3.11 or newer; this is {sys.version.split()[0]}.")
    lock = ROOT / ("requirements-dev.lock" if "--dev" in sys.argv else "requirements.lock")
    stamp = VENV / f".{lock.stem}.stamp"
    wanted = hashlib.sha256(lock.read_bytes() + (ROOT / "pyproject.toml").read_bytes()).hexdigest()
    if stamp.is_file() and stamp.read_text() == wanted and PYTHON.exists():
        return
    make_environment()
    print(
        f"Setting up {VENV.name} from {lock.name} (once; a few minutes at the most) ...", flush=True
    )
    pip("install", "--require-hashes", "-r", str(lock))
    pip("install", "--no-deps", "--no-build-isolation", "--editable", str(ROOT))
    compile_app()
    stamp.write_text(wanted)


def make_environment() -> None:
    """Create .venv where there is none, or none for this Python."""
    if PYTHON.exists():
        return
    try:
        venv.create(VENV, with_pip=True, clear=True)
    except (subprocess.CalledProcessError, OSError) as error:
        sys.exit(
            f"Could not make {VENV}: {error}\n"
            "On Debian and Ubuntu the venv module is a package of its own: apt install python3-venv"
        )


def compile_app() -> None:
    """Compile the app as pip did with what it needs, so that the first start need not."""
    subprocess.run([str(PYTHON), "-m", "compileall", "-q", str(ROOT / "app")], check=False)


def pip(*arguments: str) -> None:
    """Run the environment's own pip, quietly; its words are shown when it fails."""
    command = [str(PYTHON), "-m", "pip", "--quiet", "--disable-pip-version-check", *arguments]
    if subprocess.run(command, cwd=ROOT, check=False).returncode:
        sys.exit("Setting up failed; what pip said stands above. Run the same command again.")


if __name__ == "__main__":
    main()
