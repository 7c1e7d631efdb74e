"""Walks the course as a learner would, through the site's HTTP interface; keeps what it saw."""

import asyncio
import json
import re
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from recorded import RecordingCluster, share_objects
from visitor import SeenCheck, SeenRun, Visitor

from app.clusters.cluster import Cluster
from app.clusters.kinds import LIVE_KINDS
from app.content.model import Course, Lesson, Step, WrongAnswer

SETTLE_S = 90.0
# What a check says while pods start and end, and proxies are told: a learner would look again.
CENSUS = (
    "Namespace",
    "CustomResourceDefinition",
    "ClusterRole",
    "ClusterRoleBinding",
    "MutatingWebhookConfiguration",
    "ValidatingWebhookConfiguration",
    "Deployment",
    "Service",
)
ON_THE_WAY = frozenset(
    {"not-ready", "replicas", "no-endpoints", "not-in-proxy", "terminating", "changed"}
)


class Tape:
    """Stands between checks and cluster, and keeps what the last press of the button asked."""

    def __init__(self) -> None:
        self._cluster: Cluster | None = None
        self.recording: RecordingCluster | None = None
        self.at_start: set[str] = set()

    def around(self, cluster: Cluster) -> "Tape":
        """Listen to this cluster from now on."""
        self._cluster = cluster
        self.begin()
        return self

    async def census(self) -> set[str]:
        """Return what belongs to the whole cluster, and what the mesh leaves in namespaces."""
        assert self._cluster is not None
        return {
            f"{kind} {each.namespace}/{each.name}"
            for kind in CENSUS
            for each in await self._cluster.list(kind)
        }

    def begin(self) -> None:
        """Forget what was heard, and listen anew."""
        if self._cluster is not None:
            self.recording = RecordingCluster(self._cluster)

    def __getattr__(self, name: str) -> object:
        return getattr(self.recording, name)


@dataclass
class Took:
    """How long a step's commands and checks took. Units: seconds."""

    lesson: str
    step: str
    commands: dict[str, float] = field(default_factory=dict)
    checks: dict[str, float] = field(default_factory=dict)


@dataclass
class Walker:
    """One learner's way; `folder` is where recordings go, None where none are wanted."""

    visitor: Visitor
    tape: Tape
    folder: Path | None
    course: Course
    took: list[Took] = field(default_factory=list)
    answers: dict[tuple[str, str], dict[str, str]] = field(default_factory=dict)
    said: dict[str, dict[str, tuple[int | None, str]]] = field(default_factory=dict)

    async def until_as_it_was(self) -> None:
        """Wait until nothing is in the cluster that was not there at the start."""
        deadline = time.monotonic() + SETTLE_S
        while True:
            left = await self.tape.census() - self.tape.at_start
            if not left or time.monotonic() > deadline:
                break
            await asyncio.sleep(1)
        assert not left

    async def see(
        self, lesson: Lesson, step: Step, state: str, wanted: tuple[str, str] | None = None
    ) -> Mapping[str, SeenCheck]:
        """Press the check button once everything has settled; return what the page shows.

        `wanted` is the check and reason that are waited for, where a documented mistake takes a
        while to show. It never waits for a pass.
        """
        deadline = time.monotonic() + SETTLE_S
        while True:
            self.tape.begin()
            seen = await self.visitor.check(lesson.id, step.id)
            if time.monotonic() > deadline or _is_settled(seen.values(), wanted):
                break
            await asyncio.sleep(1)
        if self.folder:
            await self._look_around(lesson)
            self._keep(self.folder / lesson.id / step.id / f"{state}.json", lesson, step, seen)
        return seen

    async def _look_around(self, lesson: Lesson) -> None:
        """Also keep what the panel shows beside the step."""
        assert self.tape.recording is not None
        for namespace in lesson.namespaces:
            for kind in LIVE_KINDS:
                if kind != "Event":  # hundreds, and no test looks at them
                    await self.tape.recording.list(kind, namespace)

    def _keep(self, path: Path, lesson: Lesson, step: Step, seen: Mapping[str, SeenCheck]) -> None:
        """Write down what the checks asked, what they were answered, and what they found."""
        assert self.tape.recording is not None
        found = {check.id: [check.mood, check.reason] for check in seen.values()}
        head = {
            "at": datetime.now(UTC).isoformat(timespec="seconds"),
            "answers": self.answers.get((lesson.id, step.id), {}),
            "seen": found,
        }
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{json.dumps(head)[:-1]},\n{self.tape.recording.text()[1:]}")

    async def answer(self, lesson: Lesson, step: Step, question: str, choice: str) -> None:
        """Choose an answer, and remember it."""
        self.answers.setdefault((lesson.id, step.id), {})[question] = choice
        await self.visitor.answer(lesson.id, step.id, question, choice)

    async def do(self, lesson: Lesson, step: Step) -> None:
        """Do what a step asks to do, and ask nothing: what comes after it starts from there."""
        texts = {manifest.name: manifest.solution for manifest in step.manifests}
        for command in step.commands:
            if command.purpose == "do" and not command.is_background:
                run = await self.visitor.run(lesson.id, step.id, command=command.id, texts=texts)
                assert run.code == 0, f"{command.line}: {run}"

    async def solve(self, lesson: Lesson, step: Step) -> Mapping[str, SeenCheck]:
        """Do the solution, and check."""
        took = Took(lesson.id, step.id)
        for question in step.questions:
            right = next(choice.id for choice in question.choices if choice.is_right)
            await self.answer(lesson, step, question.id, right)
        texts = {manifest.name: manifest.solution for manifest in step.manifests}
        behind: list[str] = []
        for command in step.commands:
            if command.purpose == "copy":
                continue
            start = time.monotonic()
            run = await self.visitor.run(
                lesson.id, step.id, command=command.id, texts=texts, wait=not command.is_background
            )
            took.commands[command.line] = time.monotonic() - start
            behind += [run.id] if command.is_background else []
            self.said.setdefault(lesson.id, {})[command.line] = (run.code, run.output)
            if command.purpose == "do" and not command.is_background:
                assert run.state == "finished", f"{command.line}: {run}"
                assert run.code == 0, f"{command.line}: {run}"
        start = time.monotonic()
        seen = await self.see(lesson, step, "solved")
        took.checks["checks, until all have settled"] = time.monotonic() - start
        for run_id in behind:
            await self.visitor.stop(run_id)
        self.took.append(took)
        return seen

    async def mistake(
        self, lesson: Lesson, step: Step, wrong: WrongAnswer
    ) -> Mapping[str, SeenCheck]:
        """Make a documented mistake, check, and undo it."""
        for question, choice in wrong.answers.items():
            await self.answer(lesson, step, question, choice)
        lines = wrong.lines if not wrong.answers or wrong.manifests else ()
        await self.lines(lesson, step, wrong.prepare, wrong.manifests)
        await self.lines(lesson, step, lines, wrong.manifests)
        seen = await self.see(lesson, step, f"wrong-{wrong.id}", (wrong.check, wrong.reason))
        await self.lines(lesson, step, wrong.undo, wrong.manifests)
        return seen

    def keep_commands(self) -> None:
        """Write down what the commands of each lesson printed, and let its states share objects.

        Shape: {line: [code, text]}.
        """
        for lesson in self.course.lessons if self.folder else ():
            said = self.said.get(lesson.id, {})
            (self.folder / lesson.id / "commands.json").write_text(
                json.dumps(said, indent=1) + "\n"
            )
            share_objects(self.folder / lesson.id)

    async def lines(
        self, lesson: Lesson, step: Step, lines: Sequence[str], texts: Mapping[str, str]
    ) -> list[SeenRun]:
        """Type these lines, one after the other, with these texts in the step's files."""
        return [
            await self.visitor.run(lesson.id, step.id, line=own, texts=own_texts)
            for line in lines
            for own, own_texts in _in_own_files(line, texts, lesson, step)
        ]


def _in_own_files(
    line: str, texts: Mapping[str, str], lesson: Lesson, step: Step
) -> list[tuple[str, Mapping[str, str]]]:
    """A file that the step does not have is typed into the editor of one that it has."""
    known = [manifest.name for manifest in step.manifests]
    earlier = lesson.steps[: lesson.steps.index(step)]
    there = {*known, *(manifest.name for each in earlier for manifest in each.manifests)}
    named = re.findall(r"-f (\S+)", line)
    if not (set(named) & set(texts)) - there:
        return [(line, texts)]
    verb = line.split(" -f ", 1)[0]
    rest = re.sub(r"^.*-f \S+", "", line)
    pairs = [(name, name if name in there else known[0]) for name in named]
    return [
        (f"{verb} -f {own}{rest}", {**texts, own: texts.get(name, "")} if own != name else texts)
        for name, own in pairs
    ]


def _is_settled(seen: Iterable[SeenCheck], wanted: tuple[str, str] | None) -> bool:
    if wanted and any((check.id, check.reason) == wanted for check in seen):
        return True
    return not wanted and not any(check.reason in ON_THE_WAY for check in seen)
