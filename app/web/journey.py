"""Where a learner stands in the course: what the map, the navigation and the progress page show."""

from collections.abc import Mapping
from dataclasses import dataclass

from app.content.model import Course, Lesson
from app.progress.model import Journey, StepState
from app.web.place import Place, all_places, find_place


@dataclass(frozen=True)
class StepMark:
    """A step with the learner's state in it; None where it was never opened."""

    place: Place
    state: StepState | None

    @property
    def is_passed(self) -> bool:
        """Whether its checks have passed once."""
        return self.state is not None and self.state.passed is not None


@dataclass(frozen=True)
class LessonMark:
    """A lesson with the marks of its steps. Units: `share` 0..1, `seconds` seconds."""

    lesson: Lesson
    steps: tuple[StepMark, ...]

    @property
    def passed(self) -> int:
        """Return how many steps have passed."""
        return sum(mark.is_passed for mark in self.steps)

    @property
    def is_done(self) -> bool:
        """Whether every step has passed."""
        return self.passed == len(self.steps)

    @property
    def is_begun(self) -> bool:
        """Whether any step was opened."""
        return any(mark.state for mark in self.steps)

    @property
    def seconds(self) -> float:
        """Return the time spent in the lesson."""
        return sum(mark.state.seconds for mark in self.steps if mark.state)

    @property
    def attempts(self) -> int:
        """Return the attempts at all of its steps."""
        return sum(mark.state.attempts for mark in self.steps if mark.state)

    @property
    def url(self) -> str:
        """Return where the lesson goes on: its first step that has not passed."""
        still = next((mark for mark in self.steps if not mark.is_passed), self.steps[0])
        return still.place.url


@dataclass(frozen=True)
class CourseMark:
    """The whole course as one learner sees it."""

    lessons: tuple[LessonMark, ...]
    last: Place | None

    @property
    def passed(self) -> int:
        """Return how many steps have passed."""
        return sum(lesson.passed for lesson in self.lessons)

    @property
    def total(self) -> int:
        """Return how many steps there are."""
        return sum(len(lesson.steps) for lesson in self.lessons)

    @property
    def seconds(self) -> float:
        """Return the time spent in the course."""
        return sum(lesson.seconds for lesson in self.lessons)

    @property
    def attempts(self) -> int:
        """Return the attempts at all steps."""
        return sum(lesson.attempts for lesson in self.lessons)


def mark_course(course: Course, journey: Journey) -> CourseMark:
    """Return the course with the learner's marks in it."""
    lessons = tuple(mark_lesson(lesson, journey.steps) for lesson in course.lessons)
    last = find_place(course, *journey.last) if journey.last else None
    return CourseMark(lessons, last)


def mark_lesson(lesson: Lesson, states: Mapping[tuple[str, str], StepState]) -> LessonMark:
    """Return one lesson with the learner's marks in it."""
    steps = (
        StepMark(Place(lesson, step), states.get((lesson.id, step.id))) for step in lesson.steps
    )
    return LessonMark(lesson, tuple(steps))


def where_to_go(course: Course, mark: CourseMark) -> Place | None:
    """Return where the learner goes on: the step open last, or the next one not passed."""
    marks = [step for lesson in mark.lessons for step in lesson.steps]
    if mark.last is not None:
        at = next(i for i, step in enumerate(marks) if step.place.url == mark.last.url)
        marks = marks[at:] + marks[:at]
    open_steps = (step.place for step in marks if not step.is_passed)
    return next(open_steps, mark.last or next(iter(all_places(course)), None))
