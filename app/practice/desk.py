"""One desk for all learners of a site: the acts that a page, the CLI and later a room share."""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Self

from app.bus import Bus
from app.checks.kind import COURSE, Rigour
from app.checks.result import CheckResult
from app.commands.model import Invocation, Run, Scope
from app.commands.pods import placeholders, resolve
from app.commands.policy import parse
from app.commands.runs import Runs
from app.content.find import find_command, find_question, find_step
from app.content.model import Command, Course, Lesson, Step
from app.errors import (
    AppError,
    Busy,
    ClusterUnavailable,
    CommandRefused,
    ManifestRefused,
    NotFound,
    Refused,
)
from app.practice.events import CheckBroke, RunChanged
from app.practice.examination import Examiner
from app.practice.pods import newest_ready
from app.practice.watch import Watch
from app.practice.workplace import Bench, Workplace
from app.progress.model import SavedResult
from app.progress.queries import Progress

DRAFT_BYTES = 64 * 1024
CLUSTERLESS = frozenset({"minikube", "curl"})  # what starts a cluster cannot wait for one


class Desk:
    """Every act names the learner; what it changes is recorded, and told to the bus."""

    def __init__(
        self,
        course: Course,
        workplace: Workplace,
        runs: Runs,
        progress: Progress,
        bus: Bus,
        *,
        rigour: Rigour = COURSE,
    ) -> None:
        self._course = course
        self._workplace = workplace
        self._runs = runs
        self._progress = progress
        self._bus = bus
        self._examiner = Examiner(workplace, progress, bus, rigour)
        self._watch = Watch(workplace, self._examiner)
        self._answers: set[asyncio.Task[None]] = set()
        self._checks: dict[tuple[str, str, str], asyncio.Task[None]] = {}
        runs.on_change = lambda run: bus.publish(f"learner:{run.learner}", RunChanged(run))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        under_way = [*self._checks.values(), *self._answers]
        for task in under_way:
            task.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)

    async def run(
        self, learner: str, lesson: str, step: str, command: str, texts: Mapping[str, str]
    ) -> Run:
        """Start a fenced command; `texts` are the learner's manifests: {file name: text}.

        Raises: CommandRefused, ManifestRefused, Busy (a foreground run is under way), NotFound,
        ClusterUnavailable, ToolMissing.
        """
        fenced = find_command(self._course, lesson, step, command)
        if fenced.purpose == "copy":
            raise CommandRefused(
                "This command belongs into your own terminal: it may ask for a password.",
                hint="Copy it there; the page notices by itself what it changes.",
            )
        return await self._start(learner, lesson, step, fenced, texts)

    async def run_line(
        self, learner: str, lesson: str, step: str, line: str, texts: Mapping[str, str]
    ) -> Run:
        """Start a typed command under the same policy. Raises as `run`."""
        return await self._start(learner, lesson, step, Command("", line), texts)

    async def stop(self, learner: str, run: str) -> None:
        """End a run's whole process group. Raises: NotFound where it is not the learner's."""
        await self._runs.stop(learner, run)

    async def check(self, learner: str, lesson: str, step: str) -> None:
        """Start the checks of a step; results come over the bus. Raises: Busy, NotFound."""
        found = find_step(self._course, lesson, step)[1]
        key = (learner, lesson, step)
        if key in self._checks:
            raise Busy("The checks of this step are under way already.")
        task = asyncio.create_task(self._check(learner, lesson, found))
        self._checks[key] = task
        task.add_done_callback(lambda _: self._checks.pop(key, None))

    async def _check(self, learner: str, lesson: str, step: Step) -> None:
        try:
            await self._examiner.examine(learner, lesson, step)
        except AppError as error:  # such as a database that does not take the attempt
            self._bus.publish(f"learner:{learner}", CheckBroke(lesson, step.id, error))

    async def examine(self, learner: str, lesson: str, step: str) -> Sequence[CheckResult]:
        """Run the checks of a step and return what they found. Raises: NotFound."""
        found = find_step(self._course, lesson, step)[1]
        return await self._examiner.examine(learner, lesson, found)

    async def judge(self, learner: str, lesson: str, step: str) -> Sequence[CheckResult]:
        """Run the checks of a step for a mark: nothing is recorded or told. Raises: NotFound."""
        found = find_step(self._course, lesson, step)[1]
        return await self._examiner.judge(learner, lesson, found)

    def is_checking(self, learner: str, lesson: str, step: str) -> bool:
        """Return whether the step's checks are under way for this learner."""
        return (learner, lesson, step) in self._checks

    async def watch(self, learner: str, lesson: str, step: str) -> None:
        """Let the step come true by itself, for as long as the caller awaits this."""
        found_lesson, found = find_step(self._course, lesson, step)
        await self._watch.watch(learner, found_lesson, found)

    async def answer(
        self, learner: str, lesson: str, step: str, question: str, choice: str
    ) -> None:
        """Record an answer. Raises: NotFound."""
        asked = find_question(self._course, lesson, step, question)
        if choice not in {option.id for option in asked.choices}:
            raise NotFound(f"The question {question} has no choice {choice}.")
        await self._progress.answer(learner, lesson, step, question, choice)
        found = find_step(self._course, lesson, step)[1]
        task = asyncio.create_task(self._watch.answered(learner, lesson, found))
        self._answers.add(task)
        task.add_done_callback(self._answers.discard)

    async def known(self, learner: str, lesson: str, step: str) -> Mapping[str, SavedResult]:
        """Return what is known of the step's checks now. Shape: {check id: result}."""
        return await self._examiner.known(learner, lesson, step)

    async def open_hint(self, learner: str, lesson: str, step: str) -> int:
        """Open one more hint; return how many are open now (1 to 3)."""
        find_step(self._course, lesson, step)
        return await self._progress.open_hint(learner, lesson, step)

    async def show_solution(self, learner: str, lesson: str, step: str) -> None:
        """Record that the solution was looked at."""
        find_step(self._course, lesson, step)
        await self._progress.show_solution(learner, lesson, step)

    async def save_draft(self, learner: str, lesson: str, step: str, file: str, text: str) -> None:
        """Keep what the learner typed into a manifest. Raises: ManifestRefused when over 64 KiB."""
        found = find_step(self._course, lesson, step)[1]
        if file not in {manifest.name for manifest in found.manifests}:
            raise NotFound(f"This step has no file {file}.")
        if len(text.encode()) > DRAFT_BYTES:
            raise ManifestRefused(f"{file} is larger than {DRAFT_BYTES // 1024} KiB.")
        await self._progress.save_draft(learner, lesson, step, file, text)

    async def scope(self, lesson: str, step: str, texts: Mapping[str, str]) -> Scope:
        """Return what a command of this step may touch, with or without a cluster.

        The files of the lesson's earlier steps are there too: as in `texts`, else as solved.
        """
        found_lesson, found = find_step(self._course, lesson, step)
        before = found_lesson.steps[: found_lesson.steps.index(found)]
        files = {m.name: texts.get(m.name, m.solution) for each in before for m in each.manifests}
        files |= {m.name: texts.get(m.name, m.starter) for m in found.manifests}
        scope = Scope(frozenset(found_lesson.namespaces), files)
        with suppress(ClusterUnavailable, Refused):
            bench = await self._workplace.bench()
            scope = replace(scope, addons=bench.addons, context=bench.context)
        return scope

    async def _start(
        self, learner: str, lesson: str, step: str, command: Command, texts: Mapping[str, str]
    ) -> Run:
        invocation = parse(command.line, await self.scope(lesson, step, texts))
        environment = self._workplace.bare()
        if invocation.argv[0] not in CLUSTERLESS:
            bench = await self._workplace.bench()
            environment = bench.provider.environment()
            found_lesson = find_step(self._course, lesson, step)[0]
            invocation = await _with_pods(invocation, found_lesson, bench)
        return await self._runs.start(
            learner,
            lesson,
            step,
            command.id,
            invocation,
            environment,
            is_background=command.is_background or (not command.id and invocation.is_long_lived),
            timeout_s=command.timeout_s,
        )


async def _with_pods(invocation: Invocation, lesson: Lesson, bench: Bench) -> Invocation:
    wanted = placeholders(invocation)
    names = {
        each: await newest_ready(bench.cluster, each.namespace or lesson.namespaces[0], each.labels)
        for each in wanted
    }
    return resolve(invocation, names) if wanted else invocation
