"""What every lesson keeps, beyond being readable: unique ids, checks, enough wrong answers."""

from collections.abc import Iterable, Mapping

from app.content.model import Lesson, Step
from app.errors import LessonMistake

WRONG_ANSWERS = 4  # of a step that applies something


def lint(lesson: Lesson, file: str, lines: Mapping[str, int]) -> None:
    """Raise LessonMistake for the first rule broken; `lines` is where each step begins."""
    if not lesson.steps:
        raise LessonMistake(file, 1, "a lesson has at least one step")
    _unique(file, 1, "step", (step.id for step in lesson.steps))
    for step in lesson.steps:
        line = lines[step.id]
        _unique(file, line, "check", (check.id for check in step.checks))
        _unique(file, line, "command", (command.id for command in step.commands))
        _unique(file, line, "manifest", (manifest.name for manifest in step.manifests))
        _unique(file, line, "question", (question.id for question in step.questions))
        _unique(file, line, "wrong answer", (wrong.id for wrong in step.wrong))
        for message in _broken_rules(step):
            raise LessonMistake(file, line, f"step {step.id}: {message}")


def _unique(file: str, line: int, what: str, names: Iterable[str]) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise LessonMistake(file, line, f"two of a kind: {what} {name}")
        seen.add(name)


def _broken_rules(step: Step) -> Iterable[str]:
    checks = {check.id for check in step.checks}
    if not checks:
        yield "it has no check"
    for check in step.checks:
        for need in set(check.needs) - checks:
            yield f"check {check.id} needs {need}, which is not there"
        asked = check.params.get("question")
        if check.kind == "question" and asked not in {q.id for q in step.questions}:
            yield f"check {check.id} asks for question {asked}, which is not there"
    if step.manifests and len(step.wrong) < WRONG_ANSWERS:
        yield f"it applies something and documents {len(step.wrong)} wrong answers of four"
    told: set[tuple[str, str, str]] = set()
    for wrong in step.wrong:
        if wrong.check not in checks:
            yield f"wrong answer {wrong.id} names check {wrong.check}, which is not there"
        message = (wrong.check, wrong.reason, wrong.says)
        if message in told:
            yield f"wrong answer {wrong.id} gets the same message as another"
        told.add(message)
