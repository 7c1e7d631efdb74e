"""Find a part of the course by its ids."""

from app.content.model import Command, Course, Lesson, Question, Step
from app.errors import NotFound


def find_lesson(course: Course, lesson: str) -> Lesson:
    """Return the lesson of this id. Raises: NotFound."""
    for each in course.lessons:
        if each.id == lesson:
            return each
    raise NotFound(f"The course has no lesson {lesson}.", hint="The course map lists them all.")


def find_step(course: Course, lesson: str, step: str) -> tuple[Lesson, Step]:
    """Return the lesson and the step of these ids. Raises: NotFound."""
    found = find_lesson(course, lesson)
    for each in found.steps:
        if each.id == step:
            return found, each
    raise NotFound(f"Lesson {lesson} has no step {step}.")


def find_command(course: Course, lesson: str, step: str, command: str) -> Command:
    """Return a fenced command. Raises: NotFound."""
    for each in find_step(course, lesson, step)[1].commands:
        if each.id == command:
            return each
    raise NotFound(f"Step {step} has no command {command}.")


def find_question(course: Course, lesson: str, step: str, question: str) -> Question:
    """Return a question. Raises: NotFound."""
    for each in find_step(course, lesson, step)[1].questions:
        if each.id == question:
            return each
    raise NotFound(f"Step {step} has no question {question}.")
