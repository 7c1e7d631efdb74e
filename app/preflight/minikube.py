"""minikube: how to get a cluster from it, and what the one that is there was started with."""

from typing import Final

from app.clusters import sandbox
from app.clusters.minikube import CPUS, MEMORY_MB, START, Profile, profile_of, profiles
from app.preflight.finding import Finding
from app.preflight.surroundings import Cluster, Machine, Surroundings

RELEASES: Final = "https://github.com/kubernetes/minikube/releases/latest/download"
SANDBOX: Final = Finding(
    "sandbox",
    "ok",
    "It is the embedded sandbox, not a real cluster",
    "Kubernetes and Istio are emulated on this machine; the proxies are real. The page “sandbox” "
    "says what it is not. Start minikube, or choose another context, to work in a real one.",
)
WHY: Final = "The course needs a cluster, and minikube's is the one it is written for."


async def without_cluster(around: Surroundings) -> list[Finding]:
    """Return how to get a cluster from minikube, for a learner who has none that answers."""
    if around.programs.path("minikube") is None:
        return [_not_installed(around)]
    known = await profiles(around.programs)
    if not known:
        return [_to_start("minikube is installed, and has no cluster yet", START)]
    profile = _of_context(around, known)
    if not profile.is_running:
        title = f"minikube's cluster “{profile.name}” is not running ({profile.status})"
        return [_to_start(title, f"minikube start --profile={profile.name}")]
    return [
        Finding(
            "minikube",
            "warning",
            f"minikube says that “{profile.name}” runs, and the kubeconfig does not reach it",
            "The address in the kubeconfig may be that of an earlier start.",
            "Commands and checks use the kubeconfig.",
            f"minikube update-context --profile={profile.name}",
            "terminal",
        )
    ]


async def of_cluster(around: Surroundings, cluster: Cluster) -> list[Finding]:
    """Return what the chosen cluster was started with, where it is one of minikube's."""
    if around.context is not None and around.context.name == sandbox.NAME:
        return [SANDBOX]
    nodes = await cluster.list("Node")
    if around.context is None or not (name := profile_of(around.context, nodes, ())):
        return []
    if around.programs.path("minikube") is None:
        return [_program_elsewhere(name)]
    known = {profile.name: profile for profile in await profiles(around.programs)}
    profile = known.get(name)
    if profile is None:
        return [_program_elsewhere(name)]
    detail = (
        f"Driver {profile.driver or 'unknown'}, {profile.memory_mb} MB of memory, "
        f"{profile.cpus} CPUs; the course is written for {MEMORY_MB} MB and {CPUS}."
    )
    return [Finding("minikube", "ok", f"It is minikube's cluster “{name}”", detail)]


def _of_context(around: Surroundings, known: list[Profile]) -> Profile:
    name = around.context.name if around.context else ""
    return next((profile for profile in known if profile.name == name), known[0])


def _to_start(title: str, command: str) -> Finding:
    detail = "It is one command away; the first start downloads about 1 GB."
    return Finding("minikube", "problem", title, detail, WHY, command, "terminal")


def _program_elsewhere(name: str) -> Finding:
    return Finding(
        "minikube",
        "warning",
        f"This is minikube's cluster “{name}”, and its minikube is not on this machine",
        "The site may run in a container, or under another account.",
        "Steps that need minikube itself, such as the tunnel, belong into your own terminal.",
        "minikube profile list",
        "terminal",
    )


def _not_installed(around: Surroundings) -> Finding:
    driver = "" if around.programs.path("docker") else " No Docker was found here."
    return Finding(
        "minikube",
        "problem" if around.context is None else "warning",
        "minikube is not installed",
        "It runs a small cluster on this machine, inside Docker or another of its drivers "
        f"(https://minikube.sigs.k8s.io/docs/drivers).{driver} Once installed: {START}",
        WHY,
        _install_command(around.machine),
        "terminal",
    )


def _install_command(machine: Machine) -> str:
    if machine.system == "darwin":
        return "brew install minikube"
    file = f"minikube-{machine.system}-{machine.architecture}"
    return f"curl -LO {RELEASES}/{file} && sudo install {file} /usr/local/bin/minikube"
