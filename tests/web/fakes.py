"""What the site asks, in memory: runs that a test feeds, a panel that it sets."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from app.auth.access import Access, Holder
from app.auth.roles import Person, Role
from app.bus import Bus
from app.checks.result import CheckResult, Finding
from app.clusters.provider import ClusterState
from app.commands.model import Run, Scope
from app.content.find import find_command, find_step
from app.content.model import Course
from app.errors import AppError, NotFound, Refused
from app.practice.events import CheckDone, CheckEnded, CheckSaid, CheckStarted
from app.practice.lab import OWNER
from app.preflight.finding import Finding as PreflightFinding
from app.progress.model import SavedResult
from app.progress.queries import Progress
from app.settings import Settings
from app.store.engine import Store
from app.web.panel import Snapshot
from app.web.services import ContextChoice, Services
from app.workshop.workshop import open_workshop, utc_now
from web.fake_runs import LEARNER, FakeRuns

KEY = b"k" * 32


class FakeLive:
    """A panel that a test sets."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self.texts: dict[str, str] = {}
        self.error: AppError | None = None
        self._changed = asyncio.Condition()

    async def show(self, snapshot: Snapshot) -> None:
        """Change the cluster."""
        self.snapshot = snapshot
        async with self._changed:
            self._changed.notify_all()

    async def watch(self, namespaces: Sequence[str]) -> AsyncIterator[Snapshot]:
        if self.error:
            raise self.error
        while True:
            yield self.snapshot
            async with self._changed:
                await self._changed.wait()

    async def names(self, kind: str, namespace: str) -> list[str]:
        if self.error:
            raise self.error
        return [pod.name for pod in self.snapshot.pods] if kind == "Pod" else []

    async def describe(self, what: str, kind: str, name: str, namespace: str) -> str:
        if self.error:
            raise self.error
        return self.texts.get(what, f"Name: {name}\nNamespace: {namespace}\n")


class FakePreflight:
    """Findings that a test sets."""

    def __init__(self, findings: Sequence[PreflightFinding] = ()) -> None:
        self.findings = findings
        self.gate = asyncio.Event()
        self.gate.set()

    async def look(self) -> AsyncGenerator[PreflightFinding, None]:
        for finding in self.findings:
            yield finding
            await self.gate.wait()


class FakeContexts:
    """Two contexts, one of which looks like production."""

    def __init__(self) -> None:
        self.chosen = "minikube"
        self.answers = True

        self.embedded: ClusterState | None = None

    async def is_ready(self) -> bool:
        return self.answers

    async def sandbox(self) -> ClusterState | None:
        return self.embedded

    async def reset_sandbox(self) -> None:
        if self.embedded is None:
            raise Refused("This lab has no sandbox.")
        self.embedded = ClusterState("down", "The sandbox is not running.")

    async def all(self) -> list[ContextChoice]:
        return [
            ContextChoice("minikube", "https://192.168.49.2:8443", self.chosen == "minikube"),
            ContextChoice(
                "shop-prod-eu",
                "https://ABC.gr7.eu-central-1.eks.amazonaws.com",
                self.chosen == "shop-prod-eu",
                "Looks like production: its server is an EKS address.",
            ),
        ]

    async def choose(self, name: str, confirmation: str) -> None:
        if name == "shop-prod-eu" and confirmation != name:
            raise Refused("This context looks like production.", hint="Type its name to go on.")
        self.chosen = name


class FakeDesk:
    """Starts runs that never say a word, and gives the results that a test has set."""

    def __init__(self, course: Course, runs: FakeRuns, progress: Progress, bus: Bus) -> None:
        self._course, self._runs, self._progress, self._bus = course, runs, progress, bus
        self.findings: dict[str, Finding] = {}
        self.error: AppError | None = None
        self.texts: Mapping[str, str] = {}
        self.gate = asyncio.Event()
        self.gate.set()
        self._tasks: set[asyncio.Task[None]] = set()

    async def run(self, learner, lesson, step, command, texts) -> Run:  # type: ignore[no-untyped-def]
        if self.error:
            raise self.error
        self.texts = texts
        fenced = find_command(self._course, lesson, step, command)
        return self._runs.begin(
            lesson, step, fenced.line, command, is_background=fenced.is_background
        )

    async def run_line(self, learner, lesson, step, line, texts) -> Run:  # type: ignore[no-untyped-def]
        if self.error:
            raise self.error
        return self._runs.begin(lesson, step, line)

    async def known(self, learner: str, lesson: str, step: str) -> Mapping[str, SavedResult]:
        attempts = await self._progress.attempts(learner, lesson, step)
        return {result.check: result for result in attempts[0].results} if attempts else {}

    async def stop(self, learner: str, run: str) -> None:
        await self._runs.get(learner, run)
        await self._runs.say(run, "stopped", stream="note")
        await self._runs.end(run, None, "stopped")

    async def check(self, learner: str, lesson: str, step: str) -> None:
        task = asyncio.create_task(self._check(learner, lesson, step))
        self._tasks.add(task)

    async def _check(self, learner: str, lesson: str, step: str) -> None:
        specs = find_step(self._course, lesson, step)[1].checks
        topic = f"learner:{learner}"
        self._bus.publish(topic, CheckStarted(lesson, step))
        saved = []
        for spec in specs:
            self._bus.publish(topic, CheckSaid(lesson, step, spec.id, "asking the cluster"))
            await self.gate.wait()
            finding = self.findings.get(spec.id, Finding(True, "ok", "As it should be."))
            result = CheckResult(spec.id, spec.title, finding, 0.12)
            evidence = tuple((e.title, e.text) for e in finding.evidence)
            saved.append(
                SavedResult(
                    spec.id,
                    spec.title,
                    finding.passed,
                    finding.reason,
                    finding.message,
                    finding.look,
                    evidence,
                    0.12,
                )
            )
            self._bus.publish(topic, CheckDone(lesson, step, result))
        attempt, newly = await self._progress.record(learner, lesson, step, saved, by_itself=False)
        self._bus.publish(topic, CheckEnded(lesson, step, attempt.passed, newly))

    async def scope(self, lesson: str, step: str, texts: Mapping[str, str]) -> Scope:
        found_lesson, _ = find_step(self._course, lesson, step)
        return Scope(frozenset(found_lesson.namespaces), dict(texts))

    async def come_true(self, learner: str, lesson: str, step: str) -> None:
        """Let the step come true by itself."""
        specs = find_step(self._course, lesson, step)[1].checks
        saved = [SavedResult(s.id, s.title, True, "", "It is so.", "", (), 0.1) for s in specs]
        _, newly = await self._progress.record(learner, lesson, step, saved, by_itself=True)
        self._bus.publish(f"learner:{learner}", CheckEnded(lesson, step, True, newly, True))

    def is_checking(self, learner: str, lesson: str, step: str) -> bool:
        return any(not task.done() for task in self._tasks)

    async def watch(self, learner: str, lesson: str, step: str) -> None:
        await asyncio.Event().wait()

    async def answer(self, learner, lesson, step, question, choice) -> None:  # type: ignore[no-untyped-def]
        await self._progress.answer(learner, lesson, step, question, choice)

    async def open_hint(self, learner: str, lesson: str, step: str) -> int:
        return await self._progress.open_hint(learner, lesson, step)

    async def show_solution(self, learner: str, lesson: str, step: str) -> None:
        await self._progress.show_solution(learner, lesson, step)

    async def save_draft(self, learner, lesson, step, file, text) -> None:  # type: ignore[no-untyped-def]
        if self.error:
            raise self.error
        await self._progress.save_draft(learner, lesson, step, file, text)


class OwnerAlone:
    """A site without rooms, as a person's own lab is one: keeps `People` and `Seats`."""

    async def find(self, holder: Holder) -> Person | None:
        """Return the owner."""
        if holder.id != OWNER:
            return None
        return Person(holder.id, holder.session, Role.OWNER, "You")

    async def services(self, person: Person) -> Services:
        """There is no seat. Raises: NotFound."""
        raise NotFound(f"This site has no room with {person.name} in it.")


class SandboxNowhere:
    """A sandbox of a folder that starts nothing."""

    def __init__(self, folder: Path) -> None:
        self._is_up = False

    async def start(self) -> None:
        self._is_up = True

    async def stop(self) -> None:
        self._is_up = False

    async def reset(self) -> None:
        self._is_up = False

    async def close(self) -> None:
        return None

    def running(self) -> object | None:
        return self if self._is_up else None

    def renew(self) -> None:
        return None


class Welcoming:
    """Opens the store and makes the learner known, as the site starts."""

    def __init__(self, store: Store, progress: Progress) -> None:
        self._store, self._progress = store, progress

    async def __aenter__(self) -> None:
        await self._store.__aenter__()
        await self._progress.welcome(LEARNER, "Owner")

    async def __aexit__(self, *_: object) -> None:
        await self._store.__aexit__()


def make_services(
    folder: Path,
    course: Course,
    snapshot: Snapshot | None = None,
    port: int = 8765,
    clock: Callable[[], datetime] = utc_now,
) -> Services:
    """Return services over fakes, with real progress and real rooms in the folder."""
    settings = Settings(data_dir=folder, port=port)
    store = Store(settings.database())
    bus = Bus()
    workshop = open_workshop(store, bus, course, folder, SandboxNowhere, clock)
    progress = Progress(store, clock, workshop.witness)
    runs = FakeRuns(bus)
    alone = OwnerAlone()
    return Services(
        settings=settings,
        course=course,
        bus=bus,
        desk=FakeDesk(course, runs, progress, bus),  # type: ignore[arg-type]
        progress=progress,
        runs=runs,
        live=FakeLive(snapshot or Snapshot()),
        preflight=FakePreflight(),
        contexts=FakeContexts(),
        access=Access(KEY),
        people=alone,
        seats=alone,
        workshop=workshop,
        lifespans=(Welcoming(store, progress),),
    )
