"""A submission done again, step by step, under the learner's own policy; each step then checked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from app.clusters.probes import ISTIO_NAMESPACE, NAMESPACES
from app.commands.policy import parse
from app.content.model import Course, Lesson, Step
from app.errors import AppError, Refused, Unavailable
from app.grading.desk import Place
from app.grading.report import Item
from app.grading.rubric import GradedStep, Rubric
from app.grading.settled import until_settled
from app.grading.state import items_now
from app.grading.submission import Submission

BEGIN_S: Final = 120.0  # the sandbox's own pods take three; nothing of the learner's is there yet
SHOWN_LINES: Final = 12  # of a command that went wrong, with the items of its step
SHOWN_CHARACTERS: Final = 1500
SHOWN_COMMANDS: Final = 4

Evidence = tuple[str, str]


@dataclass(frozen=True)
class Line:
    """What is run: a fenced command by its id, or else a typed line."""

    text: str
    command: str = ""


class Replay:
    """Works in one place for one submission. `items` grows with each step that is graded."""

    def __init__(
        self,
        place: Place,
        course: Course,
        rubric: Rubric,
        submission: Submission,
        items: list[Item],
    ) -> None:
        self._place = place
        self._course = course
        self._rubric = rubric
        self._submission = submission
        self.items = items

    async def run(self, lessons: Sequence[Lesson]) -> None:
        """Do these lessons: those that count as handed in, the others as the course solves them.

        Raises: Unavailable where the cluster or the disk is out of reach.
        """
        known = {name for lesson in self._course.lessons for name in lesson.namespaces}
        namespaces = (ISTIO_NAMESPACE, *NAMESPACES, *known)
        cluster = (await self._place.workplace.bench()).cluster
        if not await until_settled(cluster, namespaces, rest_s=BEGIN_S):
            raise Unavailable("The sandbox's own pods did not become ready.")
        graded = {(step.lesson, step.step): step for step in self._rubric.steps}
        for lesson in lessons:
            if lesson.id not in self._rubric.lessons:
                await solve(self._place, lesson)
                continue
            for step in lesson.steps:
                await self._do(lesson, step, graded.get((lesson.id, step.id)))
                if len(self.items) == sum(len(each.points) for each in graded.values()):
                    return

    async def _do(self, lesson: Lesson, step: Step, graded: GradedStep | None) -> None:
        where = (lesson.id, step.id)
        for question, choice in self._submission.answers.get(where, {}).items():
            await self._place.progress.answer(self._place.learner, *where, question, choice)
        typed = self._submission.commands.get(where)
        if typed is not None:
            lines = [Line(text) for text in typed]
        else:
            lines = _fenced(step) if self._is_handed_in(lesson, step) else []
        doing = _Doing(self._place, lesson, step, self._texts(lesson, step))
        troubles = await doing.run(lines)
        if graded:
            self.items += await self._judged(lesson, graded, troubles)

    def _is_handed_in(self, lesson: Lesson, step: Step) -> bool:
        """Whether the step asks for no file, or one of its files is there.

        Else the page's own text would earn what somebody else wrote.
        """
        names = [manifest.name for manifest in step.manifests]
        found = (self._submission.text(lesson.id, step.id, name) for name in names)
        return not names or any(text is not None for text in found)

    def _texts(self, lesson: Lesson, step: Step) -> dict[str, str]:
        """Return the step's manifests, and those of the lesson's steps before it, as handed in."""
        until = lesson.steps.index(step) + 1
        return {
            manifest.name: found if found is not None else manifest.starter
            for each in lesson.steps[:until]
            for manifest in each.manifests
            for found in [self._submission.text(lesson.id, each.id, manifest.name)]
        }

    async def _judged(
        self, lesson: Lesson, graded: GradedStep, troubles: Sequence[Evidence]
    ) -> list[Item]:
        place = self._place
        cluster = (await place.workplace.bench()).cluster
        await until_settled(cluster, lesson.namespaces)
        items = await items_now(
            self._course, self._rubric, graded, place.learner, place.desk, place.workplace
        )
        return [
            replace(item, evidence=(*troubles, *item.evidence)) if item.state == "failed" else item
            for item in items
        ]


class _Doing:
    """The commands of one step."""

    def __init__(self, place: Place, lesson: Lesson, step: Step, texts: Mapping[str, str]) -> None:
        self._place = place
        self._where = (place.learner, lesson.id, step.id)
        self._texts = texts

    async def run(self, lines: Sequence[Line]) -> list[Evidence]:
        """Run them one after the other, as a shell would; return what went wrong.

        Raises: Unavailable.
        """
        troubles: list[Evidence] = []
        for line in lines:
            try:
                trouble = await self._one(line)
            except Unavailable:
                raise
            except AppError as error:  # refused, or there is no such pod: the learner's own
                trouble = f"{error} {error.hint}".strip()
            if trouble and len(troubles) < SHOWN_COMMANDS:
                troubles.append((f"$ {line.text}", trouble[-SHOWN_CHARACTERS:]))
        return troubles

    async def _one(self, line: Line) -> str:
        desk, runs = self._place.desk, self._place.runs
        if await self._is_aside(line):
            return ""
        if line.command:
            run = await desk.run(*self._where, line.command, self._texts)
        else:
            run = await desk.run_line(*self._where, line.text, self._texts)
        tail: list[str] = []
        async for batch in runs.follow(run.id):
            tail = [*tail, *(each.text for each in batch)][-SHOWN_LINES:]
        ended = await runs.get(self._place.learner, run.id)
        if ended.state == "finished" and ended.code == 0:
            return ""
        return "\n".join([*tail, f"({ended.state}, exit status {ended.code})"])

    async def _is_aside(self, line: Line) -> bool:
        """Whether a command would only show something on the learner's own machine.

        What a submission says must not ask the ports of the machine that grades, nor open some:
        the submission beside it would find them taken.
        """
        _, lesson, step = self._where
        try:
            scope = await self._place.desk.scope(lesson, step, self._texts)
            invocation = parse(line.text, scope)
        except Refused:  # which is told when it is tried
            return False
        return invocation.is_long_lived or invocation.argv[0] == "curl"


def _fenced(step: Step) -> list[Line]:
    """Return the commands of a step's solution."""
    done = (each for each in step.commands if each.purpose == "do" and not each.is_background)
    return [Line(each.line, each.id) for each in done]


async def solve(place: Place, lesson: Lesson) -> None:
    """Do a lesson as the course solves it.

    Raises: Unavailable, also where the course's own solution does not work here.
    """
    for step in lesson.steps:
        texts = {m.name: m.solution for m in step.manifests}
        troubles = await _Doing(place, lesson, step, texts).run(_fenced(step))
        for question in step.questions:
            right = next(choice.id for choice in question.choices if choice.is_right)
            where = (place.learner, lesson.id, step.id)
            await place.progress.answer(*where, question.id, right)
        if troubles:
            raise Unavailable(
                f"The course's own solution of {lesson.id} / {step.id} does not work here: "
                f"{troubles[0][0]}: {troubles[0][1]}"
            )
    await until_settled((await place.workplace.bench()).cluster, lesson.namespaces)
