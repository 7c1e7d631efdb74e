"""Many submissions: each in a cluster of its own that begins alike, several at once, once each."""

import asyncio
import shutil
import uuid
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final, Literal

from app.content.model import Course, Lesson
from app.errors import Refused, Unavailable
from app.grading.desk import Opens, Place
from app.grading.drawn import seed_of
from app.grading.handout import marked
from app.grading.marks import unreached
from app.grading.replay import Replay, solve
from app.grading.report import Item, Report, State
from app.grading.rubric import Rubric
from app.grading.state import Subject, report_of
from app.grading.submission import (
    Source,
    Submission,
    about_beside,
    read_submission,
    unread_digest,
)
from app.grading.versions import own_versions, read_versions

NOTHING: Final = (
    "Nothing that counts was handed in: "
    "no manifest of the course, no commands.txt, no answers.yaml."
)
TRIES: Final = 2  # where not the submission but the machine is at fault

Word = Literal["reading", "preparing", "grading", "graded", "kept"]
Tell = Callable[[Word, str], None]
Known = Callable[[str], Report | None]


@dataclass(frozen=True)
class Given:
    """A submission that was read, or the reason why it was not."""

    source: Source
    submission: Submission
    refusal: str = ""

    @property
    def subject(self) -> str:
        """Return whose it is: unlike names for unlike sources, whatever the submission says."""
        said = self.submission.about.name
        return f"{said} ({self.source.name})" if said else self.source.name


class Batch:
    """Grades submissions in sandboxes below `work`. `limit_s` is the time for each one."""

    def __init__(
        self,
        course: Course,
        rubric: Rubric,
        opens: Opens,
        work: Path,
        *,
        limit_s: float,
        now: Callable[[], datetime],
        tell: Tell,
    ) -> None:
        self._course = course
        self._rubric = rubric
        self._opens = opens
        self._work = work
        self._limit_s = limit_s
        self._now = now
        self._tell = tell
        self._prepared = work
        self._versions = own_versions(course)
        self._before, self._lessons = _parted(course, rubric)

    async def grade(
        self, sources: Sequence[Source], jobs: int, known: Known, keep: Callable[[Report], None]
    ) -> list[Report]:
        """Return a report for each, in order; `keep` gets each new one as soon as it is there.

        `known` gives an earlier report of a subject; it stands where everything is as it was.
        Raises: Unavailable where no sandbox can be prepared, StoreUnavailable of `keep`.
        """
        given = [await asyncio.to_thread(self._read, source) for source in sources]
        found: dict[str, Report] = {}
        for each in given:
            report = known(each.subject)
            if report and self._is_same(report, each):
                found[each.subject] = report
                self._tell("kept", each.source.name)
        left = deque(each for each in given if each.subject not in found)
        if any(not each.refusal for each in left):
            await self._prepare()

        async def work() -> None:
            while left:
                each = left.popleft()
                self._tell("grading", each.source.name)
                found[each.subject] = await self._graded(each)
                keep(found[each.subject])
                self._tell("graded", each.source.name)

        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(jobs):
                    group.create_task(work())
        except ExceptionGroup as errors:  # the first is the reason, the others followed
            raise errors.exceptions[0] from errors
        return [found[each.subject] for each in given]

    def _read(self, source: Source) -> Given:
        self._tell("reading", source.name)
        try:
            submission = read_submission(source, self._course)
        except Refused as error:
            unread = Submission(unread_digest(source), about=about_beside(source))
            return Given(source, unread, str(error))
        return Given(source, submission, NOTHING if submission.is_empty else "")

    def _is_same(self, report: Report, given: Given) -> bool:
        """Whether an earlier report would come out the same again."""
        mine, its = self._versions, report.versions
        return (
            report.gradable
            and report.submission == given.submission.digest != ""
            and report.rubric == self._rubric.digest
            and [(item.lesson, item.step) for item in report.items] == self._places()
            and (its.product, its.course, its.checks) == (mine.product, mine.course, mine.checks)
        )

    def _places(self) -> list[tuple[str, str]]:
        return [(step.lesson, step.step) for step in self._rubric.steps for _ in step.points]

    async def _prepare(self) -> None:
        """Do what comes before the first lesson that counts, once for all submissions."""
        self._tell("preparing", ", ".join(lesson.id for lesson in self._before))
        try:
            await self._solve_before(self._work / "prepared")
        except Unavailable:  # as with a submission: once more
            await self._solve_before(self._work / "prepared-again")

    async def _solve_before(self, folder: Path) -> None:
        async with self._opens(folder, self._course) as place:
            for lesson in self._before:
                await solve(place, lesson)
            bench = await place.workplace.bench()
            await bench.probes()
            self._versions = await read_versions(self._course, place.workplace)
        self._prepared = folder

    async def _graded(self, given: Given) -> Report:
        started = self._now()
        if given.refusal:
            items = self._rest([], "not-read", given.refusal)
            return self._report(given, items, started)
        for tries_left in range(TRIES - 1, -1, -1):
            items = await self._tried(given)
            if not tries_left or all(item.state != "ungradable" for item in items):
                break
        return self._report(given, items, started)

    async def _tried(self, given: Given) -> list[Item]:
        course = marked(self._course, self._rubric, self._seed(given))
        folder = self._work / uuid.uuid4().hex[:12]
        items: list[Item] = []
        try:
            async with self._opens(folder, course, self._prepared) as place:
                return await self._replayed(place, course, given, items)
        except Unavailable as error:
            return self._rest(items, "unreachable", f"{error} {error.hint}".strip(), "ungradable")
        finally:
            await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)

    async def _replayed(
        self, place: Place, course: Course, given: Given, items: list[Item]
    ) -> list[Item]:
        lessons = [lesson for lesson in course.lessons if lesson.id in self._lessons]
        replay = Replay(place, course, self._rubric, given.submission, items)
        try:
            async with asyncio.timeout(self._limit_s) as limit:
                await replay.run(lessons)
        except TimeoutError:
            if not limit.expired():
                raise
            text = f"The time limit of {self._limit_s:g} s for the whole submission was reached."
            return self._rest(items, "time-limit", text)
        return items

    def _rest(
        self, items: list[Item], reason: str, message: str, state: State = "failed"
    ) -> list[Item]:
        """Return the items with those that are missing, which all have one reason."""
        done = {(item.lesson, item.step) for item in items}
        steps = {
            (lesson.id, step.id): step
            for lesson in marked(self._course, self._rubric, "").lessons
            for step in lesson.steps
        }
        missing = (step for step in self._rubric.steps if (step.lesson, step.step) not in done)
        rest = [
            item
            for step in missing
            for item in unreached(
                step,
                steps[step.lesson, step.step].checks,
                reason,
                message,
                state=state,
                is_revealed=self._rubric.is_revealed,
            )
        ]
        return [*items, *rest]

    def _report(self, given: Given, items: Sequence[Item], started: datetime) -> Report:
        about = given.submission.about
        subject = Subject(
            given.subject,
            learner="",
            submitted=about.submitted,
            email=about.email,
            student_id=about.student_id,
            seed=self._seed(given),
            submission=given.submission.digest,
        )
        return report_of(
            self._rubric,
            subject,
            items,
            (),
            self._versions,
            started=started,
            ended=self._now(),
            trust="site",
        )

    def _seed(self, given: Given) -> str:
        return seed_of(self._rubric.secret, given.source.name) if self._rubric.parameters else ""


def _parted(course: Course, rubric: Rubric) -> tuple[list[Lesson], set[str]]:
    """Return the lessons before all that count or differ, and which come from there on."""
    own = {*rubric.lessons, *(lesson for lesson, _ in rubric.drawn)}
    first = min(index for index, lesson in enumerate(course.lessons) if lesson.id in own)
    last = max(index for index, lesson in enumerate(course.lessons) if lesson.id in rubric.lessons)
    return list(course.lessons[:first]), {lesson.id for lesson in course.lessons[first : last + 1]}
