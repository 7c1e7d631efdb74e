"""A store with a learner in it, a runner, and programs that misbehave in one way each."""

import sys
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.commands.model import Environment, Filter, Invocation, Scope
from app.commands.runner import Runner
from app.commands.runs import Runs
from app.store.engine import Store
from app.store.tables import LearnerRow

MANIFEST = """\
apiVersion: v1
kind: Service
metadata:
  name: backend
  namespace: mesh-demo
spec:
  selector: {app: backend}
  ports:
    - port: 80
"""


@pytest.fixture
def scope() -> Scope:
    """What a command of a lesson may touch; the namespaces of the clean-up lesson."""
    files = {"frontend.yaml": MANIFEST, "backend.yaml": MANIFEST}
    names = ("prometheus", "grafana", "kiali", "jaeger")
    addons = {f"samples/addons/{n}.yaml": Path(f"/istio/samples/addons/{n}.yaml") for n in names}
    return Scope(frozenset({"mesh-demo", "istio-system"}), files, addons, "minikube")


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    async with Store(f"sqlite+aiosqlite:///{tmp_path}/lab.db") as store:
        async with store.session() as session:
            session.add(LearnerRow(id="owner", name="Owner", created=datetime.now(UTC)))
            session.add(LearnerRow(id="other", name="Other", created=datetime.now(UTC)))
        yield store


@pytest.fixture
async def runner() -> AsyncIterator[Runner]:
    async with Runner() as runner:
        yield runner


@pytest.fixture
async def runs(store: Store, runner: Runner, tmp_path: Path) -> AsyncIterator[Runs]:
    async with Runs(store, runner, tmp_path / "runs") as runs:
        yield runs


@pytest.fixture
def environment(tmp_path: Path) -> Environment:
    """An environment whose kubectl is a Python, so that a test says what it does."""
    return Environment(tmp_path / "kubeconfig", {"kubectl": Path(sys.executable)})


@pytest.fixture
def program() -> Callable[..., Invocation]:
    """Return an invocation that runs this Python text."""

    def make(text: str, *filters: Filter, files: dict[str, str] | None = None) -> Invocation:
        argv = ("kubectl", "-u", "-c", text)
        return Invocation(argv, display="kubectl get pods", filters=filters, files=files or {})

    return make
