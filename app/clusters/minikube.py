"""minikube, the cluster that most learners bring: its profiles, and which of them a context is."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from app.clusters.kubeconfig import Context
from app.clusters.objects import Object
from app.clusters.programs import Programs
from app.errors import Unavailable

MEMORY_MB: Final = 8192  # what the course asks for
CPUS: Final = 4
START: Final = f"minikube start --memory={MEMORY_MB} --cpus={CPUS}"
PROFILES_S: Final = 20.0  # minikube asks every profile's driver, which can be slow

_NODE_LABEL: Final = "minikube.k8s.io/name"
_RUNNING: Final = ("Running", "OK", "OKHAProblems", "Degraded")


@dataclass(frozen=True)
class Profile:
    """One minikube cluster. Units: memory in MB as minikube's flag takes it; 0 where unknown."""

    name: str
    status: str
    driver: str
    memory_mb: int
    cpus: int
    kubernetes: str

    @property
    def is_running(self) -> bool:
        """Whether its API server should answer."""
        return self.status in _RUNNING

    @property
    def start_command(self) -> str:
        """The command that starts it the way the course needs it."""
        return START if self.name == "minikube" else f"{START} --profile={self.name}"


async def profiles(programs: Programs) -> list[Profile]:
    """Return minikube's profiles; none where it has none.

    Raises: ToolMissing; Unavailable where minikube says something that is no JSON.
    Source: https://minikube.sigs.k8s.io/docs/commands/profile/
    """
    argv = ["minikube", "profile", "list", "--output=json"]
    output = await programs.run(argv, timeout_s=PROFILES_S)
    if output.code is None:
        raise Unavailable("minikube does not answer in time.", hint="Try: minikube profile list")
    return read_profiles(output.stdout)


def read_profiles(text: str) -> list[Profile]:
    """Return the profiles of `minikube profile list --output=json`, broken ones too.

    Raises: Unavailable where it is no JSON.
    """
    try:
        found = json.loads(text)
    except ValueError as error:
        raise Unavailable(
            "minikube did not list its profiles.", hint="Try: minikube profile list"
        ) from error
    listed = Object(found if isinstance(found, dict) else {})
    return [_profile(entry) for part in ("valid", "invalid") for entry in listed.parts(part)]


def profile_of(context: Context, nodes: Sequence[Object], known: Sequence[Profile]) -> str:
    """Return the name of the minikube profile that a context is; empty where it is none.

    Nodes decide where there are any; else the names that minikube gives.
    """
    for node in nodes:
        if name := node.labels.get(_NODE_LABEL, ""):
            return name
    if nodes:
        return ""
    names = [profile.name for profile in known] or ["minikube"]
    return context.name if context.name in names else ""


def _profile(entry: Object) -> Profile:
    return Profile(
        name=entry.text("Name") or entry.text("Config.Name"),
        status=entry.text("Status", "Unknown"),
        driver=entry.text("Config.Driver"),
        memory_mb=int(entry.number("Config.Memory") or 0),
        cpus=int(entry.number("Config.CPUs") or 0),
        kubernetes=entry.text("Config.KubernetesConfig.KubernetesVersion"),
    )
