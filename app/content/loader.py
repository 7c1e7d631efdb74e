"""Read the folder of lessons into a course; each mistake with its file and line."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from app.content.lint import lint
from app.content.markdown import Markdown
from app.content.model import CheckSpec, Course, Lesson, Manifest, Step, WrongAnswer
from app.content.sheets import (
    CheckEntry,
    Located,
    Replacement,
    WrongEntry,
    first_problem,
    read_checks,
    read_wrong,
)
from app.content.step import Draft, StepReader
from app.errors import LessonMistake

_FOLDER = re.compile(r"^(?P<number>\d\d)-(?P<id>[a-z0-9-]+)$")


class FrontMatter(BaseModel):
    """What stands between the `---` lines at the top of lesson.md."""

    model_config = ConfigDict(extra="forbid")

    title: str
    summary: str
    minutes: int
    namespaces: list[str] = Field(default_factory=lambda: ["mesh-demo"])


def load_course(folder: Path) -> Course:
    """Return the course in a folder.

    Raises: LessonMistake for the first file that breaks a rule.
    """
    markdown = Markdown()
    folders = [path for path in sorted(folder.iterdir()) if _FOLDER.match(path.name)]
    lessons = tuple(_load_lesson(path, markdown) for path in folders)
    if not lessons:
        raise LessonMistake(str(folder), 1, "there is no lesson here (folders named 01-name)")
    return Course(lessons, _version(folders))


def _version(folders: Sequence[Path]) -> str:
    digest = hashlib.sha256()
    for folder in folders:
        for file in sorted(folder.rglob("*")):
            if file.is_file():
                digest.update(file.name.encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()[:12]


def _load_lesson(folder: Path, markdown: Markdown) -> Lesson:
    found = _FOLDER.match(folder.name)
    assert found
    file = folder / "lesson.md"
    if not file.is_file():
        raise LessonMistake(str(file), 1, "the lesson has no lesson.md")
    front, body, first_line = _split(file)
    intro, drafts = StepReader(str(file), markdown).read(markdown.nodes(body, first_line))
    checks = read_checks(folder / "checks.yaml")
    wrong = read_wrong(folder / "wrong.yaml")
    known = {draft.id for draft in drafts}
    for sheet, rows in (("checks.yaml", checks), ("wrong.yaml", wrong)):
        for step in sorted(rows.keys() - known):
            raise LessonMistake(str(folder / sheet), 1, f"lesson.md has no step {step}")
    steps = tuple(
        _step(str(file), draft, checks.get(draft.id, []), wrong.get(draft.id, []))
        for draft in drafts
    )
    lesson = Lesson(
        id=found["id"],
        number=int(found["number"]),
        title=front.title,
        summary=front.summary,
        minutes=front.minutes,
        intro=intro,
        namespaces=tuple(front.namespaces),
        steps=steps,
    )
    lint(lesson, str(file), {draft.id: draft.line for draft in drafts})
    return lesson


def _split(file: Path) -> tuple[FrontMatter, str, int]:
    text = file.read_text(encoding="utf-8")
    head, mark, body = text.removeprefix("---\n").partition("\n---\n")
    if not text.startswith("---\n") or not mark:
        raise LessonMistake(str(file), 1, "the file begins with front matter between --- lines")
    try:
        front = FrontMatter.model_validate(yaml.safe_load(head))
    except ValidationError as error:
        raise LessonMistake(str(file), 1, first_problem(error)) from error
    except yaml.MarkedYAMLError as error:
        line = (error.problem_mark.line if error.problem_mark else 0) + 2
        raise LessonMistake(str(file), line, str(error.problem)) from error
    return front, body, head.count("\n") + 4


def _step(
    file: str,
    draft: Draft,
    checks: Sequence[tuple[CheckEntry, Located]],
    wrong: Sequence[tuple[WrongEntry, Located]],
) -> Step:
    if len(draft.hints) != 3 or len(draft.explanations) != 1:
        raise LessonMistake(file, draft.line, "a step has three hints and one explanation")
    bare = Step(draft.id, draft.title, tuple(draft.blocks), (), (), "")
    return Step(
        id=draft.id,
        title=draft.title,
        blocks=bare.blocks,
        checks=tuple(_spec(entry, at) for entry, at in checks),
        hints=tuple(draft.hints),
        explanation=draft.explanations[0],
        wrong=tuple(_wrong(bare, entry, at) for entry, at in wrong),
    )


def _spec(entry: CheckEntry, at: Located) -> CheckSpec:
    return CheckSpec(
        id=entry.id,
        kind=entry.kind,
        title=entry.title,
        params=entry.with_,
        needs=tuple(entry.needs),
        points=entry.points,
        source=f"{at.file}:{at.line}",
    )


def _wrong(step: Step, entry: WrongEntry, at: Located) -> WrongAnswer:
    usual = tuple(command.line for command in step.commands if command.purpose == "do")
    return WrongAnswer(
        id=entry.id,
        title=entry.title,
        check=entry.check,
        reason=entry.reason,
        says=entry.says,
        prepare=tuple(entry.prepare),
        manifests=_wrong_manifests(step.manifests, entry, at),
        lines=usual if entry.lines is None else tuple(entry.lines),
        answers={question: str(choice) for question, choice in entry.answers.items()},
        undo=tuple(entry.undo),
    )


def _wrong_manifests(
    manifests: Sequence[Manifest], entry: WrongEntry, at: Located
) -> Mapping[str, str]:
    """Return what the learner would have typed: the right files, with this mistake in them."""
    texts = {manifest.name: manifest.solution for manifest in manifests}
    for name, change in entry.manifests.items():
        if not isinstance(change, Replacement):
            texts[name] = change
            continue
        for right, mistaken in change.replace.items():
            if right not in texts.get(name, ""):
                raise at.mistake(f"{entry.id}: {name} does not hold the text {right!r}")
            texts[name] = texts[name].replace(right, mistaken)
    return texts
