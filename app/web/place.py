"""A step with its surroundings: its lesson, what comes before it and what comes next."""

from __future__ import annotations

from dataclasses import dataclass

from app.content.model import Course, Lesson, Step


@dataclass(frozen=True)
class Place:
    """A step and the lesson that it belongs to."""

    lesson: Lesson
    step: Step

    @property
    def url(self) -> str:
        """Return the address of the step's page."""
        return f"/lessons/{self.lesson.id}/{self.step.id}"

    @property
    def live_url(self) -> str:
        """Return the address of the page's stream."""
        return f"/live/{self.lesson.id}/{self.step.id}"

    @property
    def number(self) -> int:
        """Return the step's number in its lesson, from 1."""
        return [step.id for step in self.lesson.steps].index(self.step.id) + 1


def all_places(course: Course) -> list[Place]:
    """Return every step of the course in order."""
    return [Place(lesson, step) for lesson in course.lessons for step in lesson.steps]


def find_place(course: Course, lesson: str, step: str) -> Place | None:
    """Return the step of that name, None where there is none."""
    return next(
        (
            place
            for place in all_places(course)
            if (place.lesson.id, place.step.id) == (lesson, step)
        ),
        None,
    )


def neighbours(course: Course, here: Place) -> tuple[Place | None, Place | None]:
    """Return the steps before and after this one, across lessons."""
    places = all_places(course)
    index = next(i for i, place in enumerate(places) if place.url == here.url)
    before = places[index - 1] if index else None
    after = places[index + 1] if index + 1 < len(places) else None
    return before, after
