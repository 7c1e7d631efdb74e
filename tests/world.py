"""A recorded cluster that moves on: from the state before a step to the state after it.

Nothing is invented: every object, answer and line of output is one that a real cluster gave.
"""

import asyncio
import json
import sys
from collections.abc import AsyncGenerator, Mapping, Sequence
from pathlib import Path

from recorded import RecordedCluster, read_recording

from app.clusters.cluster import Change, Output, PodRef
from app.clusters.live import LiveView
from app.clusters.objects import Object
from app.clusters.probes import CONTAINER, INSIDE_NAMESPACE, OUTSIDE_NAMESPACE, POD, Probes
from app.clusters.provider import KubeconfigProvider
from app.commands.model import Environment, Scope
from app.commands.policy import parse
from app.content.model import Lesson, Step
from app.practice.workplace import Bench

RECORDED = Path(__file__).parent / "recorded"
KUBECTL = """#!{python} -IS
import json, sys, time
said = json.load(open({said!r}))
code, text = said[" ".join(sys.argv[1:])]
for line in text.splitlines():
    print(line, flush=True)
    time.sleep(0.02)
sys.exit(code or 0)
"""


class RecordedWorld:
    """Keeps the Protocol `Cluster`; `become` moves it on, and its watches see the difference."""

    def __init__(self, lesson: str, step: str) -> None:
        self._folder = RECORDED / lesson / step
        self._now = _settled(self._folder / "before.json")
        self._moved = asyncio.Event()

    async def become(self, state: str) -> None:
        """Move on to another recorded state of the step."""
        self._now = _settled(self._folder / f"{state}.json")
        moved, self._moved = self._moved, asyncio.Event()
        moved.set()

    async def version(self) -> str:
        return "v1.35.4"

    async def get(self, kind: str, name: str, namespace: str = "") -> Object | None:
        return await self._now.get(kind, name, namespace)

    async def list(self, kind: str, namespace: str = "", labels: str = "") -> list[Object]:
        return await self._now.list(kind, namespace, labels)

    async def exec(self, pod: PodRef, argv: Sequence[str], *, timeout_s: float) -> Output:
        return await self._now.exec(pod, argv, timeout_s=timeout_s)

    async def istioctl(self, argv: Sequence[str], *, timeout_s: float) -> Output:
        return await self._now.istioctl(argv, timeout_s=timeout_s)

    def ask(
        self, pod: PodRef, argv: Sequence[str], *, timeout_s: float
    ) -> AsyncGenerator[str, None]:
        return self._now.ask(pod, argv, timeout_s=timeout_s)

    async def watch(self, kinds: Sequence[str], namespace: str) -> AsyncGenerator[Change, None]:
        known: dict[str, Object] = {}
        first = True
        while True:
            moved = self._moved
            found = {
                f"{kind}/{each.name}": each
                for kind in kinds
                for each in await self._now.list(kind, namespace)
            }
            for key in known.keys() - found.keys():
                yield Change("deleted", key.split("/")[0], known[key])
            for key, each in found.items():
                if known.get(key) != each:
                    yield Change("modified", key.split("/")[0], each)
            for kind in kinds if first else ():
                yield Change("synced", kind, None)
            known, first = found, False
            await moved.wait()


def _settled(path: Path) -> RecordedCluster:
    """Return a recorded cluster whose objects are those of its last moment."""
    data = read_recording(path)
    data["calls"] = {
        line: answers[-1:] if line.startswith(("get ", "list ")) else answers
        for line, answers in data["calls"].items()
    }
    return RecordedCluster(data)


class RecordedWorkplace:
    """A bench over the recorded world, whose kubectl prints what the real one printed."""

    def __init__(self, world: RecordedWorld, lesson: Lesson, step: Step, folder: Path) -> None:
        self.world = world
        kubectl = _kubectl(lesson, step, folder)
        self._environment = Environment(folder / "kubeconfig", {"kubectl": kubectl})
        self._bench = Bench(
            context="recorded",
            cluster=world,
            provider=KubeconfigProvider(world, self._environment),
            programs=NoPrograms(),
            live=LiveView(world),
            probes=_probes,
            sweep=_sweep,
            addons={},
        )

    async def bench(self) -> Bench:
        return self._bench

    def bare(self) -> Environment:
        return self._environment


class NoPrograms:
    """Nothing is installed but what the bench's environment names."""

    def path(self, name: str) -> Path | None:
        return None

    async def run(self, argv: Sequence[str], *, timeout_s: float) -> Output:
        raise AssertionError(f"not recorded: {argv}")


async def _probes() -> Probes:
    inside = PodRef(INSIDE_NAMESPACE, POD, CONTAINER)
    return Probes(inside, PodRef(OUTSIDE_NAMESPACE, POD, CONTAINER))


async def _sweep() -> None:
    return None


def _kubectl(lesson: Lesson, step: Step, folder: Path) -> Path:
    """Return a program that answers the step's commands; keyed on the argv that policy makes."""
    said: Mapping[str, list[object]] = json.loads(
        (RECORDED / lesson.id / "commands.json").read_text(encoding="utf-8")
    )
    scope = Scope(
        frozenset(lesson.namespaces), {each.name: each.solution for each in step.manifests}
    )
    lines = [command.line for command in step.commands if command.line in said]
    answers = {" ".join(parse(line, scope).argv[1:]): said[line] for line in lines}
    (folder / "said.json").write_text(json.dumps(answers))
    program = folder / "kubectl"
    program.write_text(KUBECTL.format(python=sys.executable, said=str(folder / "said.json")))
    program.chmod(0o755)
    return program
