"""A small course, and a place to work in over a fake cluster."""

from pathlib import Path

from fakes import FakeCluster, FakePrograms

from app.bus import Subscription
from app.clusters.cluster import Cluster
from app.clusters.live import LiveView
from app.clusters.probes import Probes
from app.clusters.provider import KubeconfigProvider
from app.commands.model import Environment
from app.content.model import CheckSpec, Choice, Command, Course, Lesson, Manifest, Question, Step
from app.errors import AppError, ClusterUnavailable
from app.practice.workplace import Bench

LEARNER = "ann"
SERVICE = """\
apiVersion: v1
kind: Service
metadata: {name: backend, namespace: mesh-demo}
spec: {selector: {app: backend}, ports: [{port: 80}]}
"""
EXISTS = CheckSpec(
    "exists", "namespace", "mesh-demo exists", {"name": "mesh-demo", "injection": False}
)
LABELLED = CheckSpec("other", "namespace", "other exists", {"name": "other", "injection": False})
ANSWERED = CheckSpec("answered", "question", "The answer is right", {"question": "ready"})
CREATE = Step(
    "create",
    "Create it",
    (
        Manifest("service.yaml", SERVICE, SERVICE.replace("backend", "___")),
        Question(
            "ready",
            "<p>?</p>",
            (Choice("no", "No", False, "<p>No.</p>"), Choice("yes", "Yes", True, "<p>Yes.</p>")),
        ),
        Command("make", "kubectl create namespace mesh-demo"),
        Command("look", "kubectl get namespaces", "look"),
        Command("tunnel", "minikube tunnel", "copy"),
        Command("apply", "kubectl apply -f service.yaml"),
        Command("in-pod", "kubectl logs ${pod:app=backend}", "look"),
        Command(
            "forward", "kubectl port-forward -n mesh-demo service/backend 8080:80", "look", True
        ),
    ),
    (EXISTS,),
    ("<p>1</p>", "<p>2</p>", "<p>3</p>"),
    "<p>Why.</p>",
)
TWO = Step("two", "Two of them", (), (EXISTS, LABELLED), CREATE.hints, "<p>Why.</p>")
ASKED = Step("asked", "A question too", CREATE.blocks[1:2], (EXISTS, ANSWERED), CREATE.hints, "")
LESSON = Lesson("demo", 1, "Demo", "", 5, "", ("mesh-demo",), (CREATE, TWO, ASKED))
COURSE = Course((LESSON,), "test")


class FakeWorkplace:
    """One bench over a fake cluster; `error` is what asking for it raises."""

    def __init__(self, cluster: Cluster, folder: Path) -> None:
        self.error: AppError | None = None
        self.sweeps = 0
        self._environment = Environment(folder / "kubeconfig", _programs(folder))
        self._bench = Bench(
            "practice",
            cluster,
            KubeconfigProvider(FakeCluster(), self._environment),
            FakePrograms(),
            LiveView(cluster),
            _no_probes,
            self._sweep,
            {},
        )

    async def _sweep(self) -> None:
        self.sweeps += 1

    async def bench(self) -> Bench:
        if self.error:
            raise self.error
        return self._bench

    def bare(self) -> Environment:
        return self._environment


def _programs(folder: Path) -> dict[str, Path]:
    """Programs that say how they were called."""
    found = {}
    for name in ("kubectl", "minikube"):
        found[name] = folder / name
        found[name].write_text(f'#!/bin/sh\necho "{name} $@"\n')
        found[name].chmod(0o755)
    return found


async def _no_probes() -> Probes:
    raise ClusterUnavailable("No probes here.")


async def until(subscription: Subscription, wanted: type) -> list[object]:
    """Return the events up to the first of that type, it included."""
    seen: list[object] = []
    async for event in subscription:
        seen.append(event)
        if isinstance(event, wanted):
            break
    return seen
