"""Submissions made from the course: right ones, and ones with a documented mistake in one step."""

from pathlib import Path

import yaml

from app.content.find import find_lesson
from app.content.model import Course, Lesson, Step, WrongAnswer


def write_right(course: Course, lesson: str, folder: Path) -> None:
    """Write a submission that is right in every step of a lesson."""
    _write(find_lesson(course, lesson), folder, None, None)


def write_wrong(course: Course, lesson: str, step: str, wrong: str, folder: Path) -> None:
    """Write one that is right but in one step, where it makes a documented mistake."""
    found = find_lesson(course, lesson)
    place = next(each for each in found.steps if each.id == step)
    mistake = next(each for each in place.wrong if each.id == wrong)
    _write(found, folder, place, mistake)


def _write(lesson: Lesson, folder: Path, place: Step | None, wrong: WrongAnswer | None) -> None:
    answers: dict[str, dict[str, int]] = {}
    for step in lesson.steps:
        is_wrong = step is place and wrong is not None
        own = folder / lesson.id / step.id
        own.mkdir(parents=True, exist_ok=True)
        for manifest in step.manifests:
            text = manifest.solution
            if is_wrong and wrong:
                text = wrong.manifests.get(manifest.name, text)
            (own / manifest.name).write_text(text)
        chosen = {
            question.id: next(choice.id for choice in question.choices if choice.is_right)
            for question in step.questions
        }
        if is_wrong and wrong:
            chosen |= wrong.answers
        if chosen:
            answers[step.id] = {question: int(choice) for question, choice in chosen.items()}
        if is_wrong and wrong and (wrong.manifests or not wrong.answers):
            rows = [f"# {lesson.id}/{step.id}", *wrong.prepare, *wrong.lines]
            (folder / "commands.txt").write_text("\n".join(rows) + "\n")
    (folder / "answers.yaml").write_text(yaml.safe_dump({lesson.id: answers}))
