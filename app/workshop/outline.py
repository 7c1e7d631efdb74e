"""The steps of a room: which of the course, in which order, how long each should take."""

from collections.abc import Mapping
from dataclasses import dataclass

from app.content.model import Course, Lesson, Step
from app.errors import NotFound
from app.workshop.model import Plan, StepKey


@dataclass(frozen=True)
class Stop:
    """One step on the way. Units: `minutes` that its author expects."""

    key: StepKey
    lesson: Lesson
    step: Step
    minutes: float


@dataclass(frozen=True)
class Outline:
    """A room's steps in order."""

    stops: tuple[Stop, ...]

    @property
    def keys(self) -> tuple[StepKey, ...]:
        """The steps in order, as they are named in tables and addresses."""
        return tuple(stop.key for stop in self.stops)

    @property
    def by_key(self) -> Mapping[StepKey, Stop]:
        """The steps by name."""
        return {stop.key: stop for stop in self.stops}

    def require(self, key: StepKey) -> Stop:
        """Return a step of this room. Raises: NotFound."""
        for stop in self.stops:
            if stop.key == key:
                return stop
        raise NotFound("That step is not part of this room.")


def outline(course: Course, plan: Plan) -> Outline:
    """Return the steps of a plan; a lesson's minutes are spread evenly over its steps."""
    chosen = [lesson for lesson in course.lessons if not plan.lessons or lesson.id in plan.lessons]
    return Outline(
        tuple(
            Stop((lesson.id, step.id), lesson, step, lesson.minutes / len(lesson.steps))
            for lesson in chosen
            for step in lesson.steps
        )
    )
