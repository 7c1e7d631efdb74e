"""A small course to grade, a judge who finds what a test wants, and a place made of them."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from fakes import FakeCluster, FakePrograms

from app.checks.result import CheckResult, failed, passed, skipped
from app.clusters.cluster import PodRef
from app.clusters.probes import Probes
from app.commands.model import Run, Scope
from app.content.find import find_step
from app.content.model import CheckSpec, Choice, Command, Course, Lesson, Manifest, Prose, Question
from app.content.model import Step as StepOf
from app.errors import AppError, CommandRefused

NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)
WEIGHTS = CheckSpec(
    "weights",
    "weights",
    "v1 gets 90 of 100",
    {"namespace": "mesh-demo", "host": "backend", "port": 80, "weights": {"v1": 90, "v2": 10}},
    needs=("one",),
    points=3,
)
ONE = CheckSpec(
    "one", "single", "One route", {"kind": "VirtualService", "namespace": "mesh-demo", "host": "b"}
)
ASKED = CheckSpec("asked", "question", "Which one wins", {"question": "wins"})
CANARY = "spec:\n  weight: 90\n  other: 10\n"
SPLIT = StepOf(
    "split",
    "Nine to one",
    (
        Prose("<p>Send 90 of 100 requests &amp; look.</p>"),
        Manifest("canary.yaml", CANARY, CANARY.replace("90", "___")),
        Command("apply", "kubectl apply -f canary.yaml"),
        Command("look", "kubectl get pods", "look"),
    ),
    (ONE, WEIGHTS),
    ("a", "b", "c"),
    "Because.",
)
WINS = StepOf(
    "wins",
    "Who wins",
    (
        Question(
            "wins", "?", (Choice("1", "new", False, "<p>No.</p>"), Choice("2", "old", True, ""))
        ),
    ),
    (ASKED,),
    ("a", "b", "c"),
    "Because.",
)
FIRST = Lesson("first", 1, "First", "", 5, "", ("mesh-demo",), (WINS,))
ROUTES = Lesson("routes", 2, "Routes", "", 5, "", ("mesh-demo",), (SPLIT, WINS))
COURSE = Course((FIRST, ROUTES), "course-digest")

Found = Mapping[tuple[str, str], Sequence[bool | str]]
EVERYTHING_PASSES: Found = {}


@dataclass
class FakeBench:
    """A bench over a fake cluster, whose probes are there."""

    cluster: FakeCluster = field(default_factory=FakeCluster)
    programs: FakePrograms = field(default_factory=FakePrograms)
    is_sandbox: bool = True

    async def probes(self) -> Probes:
        return Probes(None, PodRef("mesh-dojo-outside", "probe"))


@dataclass
class FakeWorkplace:
    """One bench; `error` is what asking for it raises."""

    its: FakeBench = field(default_factory=FakeBench)
    error: AppError | None = None

    async def bench(self) -> FakeBench:
        if self.error:
            raise self.error
        return self.its


@dataclass
class FakeDesk:
    """Runs nothing, but keeps what it was asked; `found` is what checks find, by lesson and step.

    True passes, a word is the reason of a failure, or of a skip where it stands in `SKIPS`.
    """

    course: Course = COURSE
    found: Found = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    texts: dict[str, str] = field(default_factory=dict)

    async def judge(self, learner: str, lesson: str, step: str) -> Sequence[CheckResult]:
        specs = find_step(self.course, lesson, step)[1].checks
        said = self.found.get((lesson, step), [True] * len(specs))
        return [_result(spec, each) for spec, each in zip(specs, said, strict=True)]

    async def run(
        self, learner: str, lesson: str, step: str, command: str, texts: Mapping[str, str]
    ) -> Run:
        return await self.run_line(learner, lesson, step, command, texts)

    async def run_line(
        self, learner: str, lesson: str, step: str, line: str, texts: Mapping[str, str]
    ) -> Run:
        self.asked.append(f"{lesson}/{step}: {line}")
        self.texts |= texts
        raise CommandRefused(f"`{line}` is not run here.", hint="Nothing is.")

    async def scope(self, lesson: str, step: str, texts: Mapping[str, str]) -> Scope:
        return Scope(frozenset({"mesh-demo"}), dict(texts))


SKIPS = ("needs", "unreachable", "no-probe", "too-slow")


def _result(spec: CheckSpec, said: bool | str) -> CheckResult:
    if said is True:
        finding = passed("It is so.")
    elif said in SKIPS:
        finding = skipped(str(said), f"Skipped: {said}.")
    else:
        finding = failed(str(said), f"It is not so: {said}.")
    return CheckResult(spec.id, spec.title, finding, 0.25)


def now() -> datetime:
    return NOON


def write(folder: Path, files: Mapping[str, str | bytes]) -> Path:
    """Write files below a folder. Shape: {path: content}."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return folder


@asynccontextmanager
async def nothing() -> AsyncIterator[None]:
    """A block around nothing."""
    yield
