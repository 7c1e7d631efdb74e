"""A submission: what one learner handed in, read and understood, before anything of it runs."""

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final

from app.commands.yaml_nodes import Mapping as Node
from app.commands.yaml_nodes import Scalar, read
from app.content.model import Course, Step
from app.errors import ManifestRefused, Refused
from app.grading.parcel import contents, digest_of

COMMANDS: Final = "commands.txt"
ANSWERS: Final = "answers.yaml"
ABOUT: Final = "submission.yaml"
MOST_LINES: Final = 500
LINE_CHARACTERS: Final = 2000
ABOUT_BYTES: Final = 4096
ABOUT_CHARACTERS: Final = 200
_HEADING: Final = re.compile(r"#\s*([a-z0-9-]+)/([a-z0-9-]+)\s*")

Place = tuple[str, str]  # lesson id, step id


@dataclass(frozen=True)
class About:
    """Who handed in, as the submission says; `submitted` as whoever collected it may say."""

    name: str = ""
    email: str = ""
    student_id: str = ""
    submitted: datetime | None = None


@dataclass(frozen=True)
class Submission:
    """Shape: `files` {path: text}, `commands` {place: lines}, `answers` {place: {question: id}}."""

    digest: str
    files: Mapping[str, str] = field(default_factory=dict)
    commands: Mapping[Place, tuple[str, ...]] = field(default_factory=dict)
    answers: Mapping[Place, Mapping[str, str]] = field(default_factory=dict)
    about: About = field(default_factory=About)

    @property
    def is_empty(self) -> bool:
        """Whether nothing was handed in that could earn a mark."""
        return not (self.files.keys() - {ABOUT} or self.commands or self.answers)

    def text(self, lesson: str, step: str, file: str) -> str | None:
        """Return a manifest's text: the nearest of LESSON/STEP/FILE, LESSON/FILE and FILE."""
        for path in (f"{lesson}/{step}/{file}", f"{lesson}/{file}", file):
            if path in self.files:
                return self.files[path]
        return None


@dataclass(frozen=True)
class Source:
    """Where a submission lies. Its name is the folder's, or the zip's without `.zip`."""

    name: str
    path: Path
    beside: Path | None = None  # what whoever collected it wrote: NAME.submission.yaml


def sources(folder: Path) -> list[Source]:
    """Return the submissions in a folder, by name. Raises: Refused where there is none."""
    try:
        entries = sorted(folder.iterdir())
    except OSError as error:
        raise Refused(f"{folder} cannot be read: {error.strerror}.") from error
    found: dict[str, Source] = {}
    for entry in entries:
        is_zip = entry.suffix.lower() == ".zip"
        if entry.name.startswith(".") or not (is_zip or entry.is_dir() or entry.is_symlink()):
            continue
        name = entry.name[:-4] if is_zip else entry.name
        beside = folder / f"{name}.{ABOUT}"
        name = entry.name if name in found else name
        found[name] = Source(name, entry, beside if beside.is_file() else None)
    if not found:
        raise Refused(
            f"{folder} holds no submission.", hint="Each is a folder or a .zip of its own in it."
        )
    return list(found.values())


def read_submission(source: Source, course: Course) -> Submission:
    """Return what was handed in. Raises: Refused, with a reason that its report tells."""
    wanted = {COMMANDS, ANSWERS, ABOUT} | {
        manifest.name
        for lesson in course.lessons
        for step in lesson.steps
        for manifest in step.manifests
    }
    found = contents(source.path, wanted.__contains__, {lesson.id for lesson in course.lessons})
    beside = _beside(source)
    files = {name: _text(name, data) for name, data in found.items()}
    steps = {(lesson.id, step.id): step for lesson in course.lessons for step in lesson.steps}
    said = _about(_text(ABOUT, beside)) if beside else _about(files.pop(ABOUT, ""))
    return Submission(
        digest=_digest(found, beside),
        files=files,
        commands=_commands(files.pop(COMMANDS, ""), steps),
        answers=_answers(files.pop(ANSWERS, ""), steps),
        about=said,
    )


def about_beside(source: Source) -> About:
    """Return what whoever collected it wrote of a submission, as far as that can be understood."""
    try:
        return _about(_text(ABOUT, _beside(source)))
    except Refused:
        return About()


def unread_digest(source: Source) -> str:
    """Return the digest of a submission that was refused; empty where it has none."""
    found = digest_of(source.path)
    return f"refused-{found}" if found else ""


def _beside(source: Source) -> bytes:
    if source.beside is None:
        return b""
    with source.beside.open("rb") as file:
        return file.read(ABOUT_BYTES)


def _digest(found: Mapping[str, bytes], beside: bytes) -> str:
    digest = hashlib.sha256(hashlib.sha256(beside).digest())
    for name in sorted(found):
        digest.update(name.encode() + b"\0" + hashlib.sha256(found[name]).digest())
    return digest.hexdigest()[:16]


def _text(name: str, data: bytes) -> str:
    try:
        text = data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise Refused(f"{name} is no text in UTF-8.") from error
    if "\0" in text:
        raise Refused(f"{name} is no text: it holds a zero byte.")
    return text


def _commands(text: str, steps: Mapping[Place, Step]) -> dict[Place, tuple[str, ...]]:
    found: dict[Place, list[str]] = {}
    here: list[str] | None = None
    rows = text.split("\n")
    if len(rows) > MOST_LINES:
        raise Refused(f"{COMMANDS} has more than {MOST_LINES} lines.")
    for number, row in enumerate(rows, 1):
        line = row.strip().removeprefix("$ ").strip()
        if heading := _HEADING.fullmatch(line):
            place = (heading[1], heading[2])
            if place not in steps:
                raise Refused(f"{COMMANDS}, line {number}: there is no step {'/'.join(place)}.")
            here = found.setdefault(place, [])
        elif line and not line.startswith("#"):
            if here is None:
                raise Refused(f"{COMMANDS}, line {number} stands before the first `# lesson/step`.")
            if len(line) > LINE_CHARACTERS or not line.isprintable():
                raise Refused(f"{COMMANDS}, line {number} is no line that a person would type.")
            here.append(line)
    return {place: tuple(lines) for place, lines in found.items()}


def _answers(text: str, steps: Mapping[Place, Step]) -> dict[Place, dict[str, str]]:
    """Read `lesson: {step: {question: number of the choice}}`."""
    found: dict[Place, dict[str, str]] = {}
    for lesson, its in _entries(ANSWERS, _one(ANSWERS, text)):
        for id, chosen in _entries(ANSWERS, its):
            step = steps.get((lesson, id))
            if step is None:
                raise Refused(f"{ANSWERS}: there is no step {lesson}/{id}.")
            for question, choice in _entries(ANSWERS, chosen):
                if not isinstance(choice, Scalar):
                    raise Refused(f"{ANSWERS}: {lesson}/{id}: {question} has one answer.")
                _check_answer(step, question, choice.text)
                found.setdefault((lesson, id), {})[question] = choice.text
    return found


def _check_answer(step: Step, question: str, choice: str) -> None:
    asked = next((each for each in step.questions if each.id == question), None)
    if asked is None:
        raise Refused(f"{ANSWERS}: step {step.id} has no question {question}.")
    if choice not in {each.id for each in asked.choices}:
        raise Refused(f"{ANSWERS}: question {question} has no choice {choice[:40]}.")


def _about(text: str) -> About:
    node = _one(ABOUT, text)
    said = {key: value.text for key, value in _entries(ABOUT, node) if isinstance(value, Scalar)}
    for key, value in said.items():
        if len(value) > ABOUT_CHARACTERS or not value.isprintable():
            raise Refused(f"{ABOUT}: {key} is no {key} that a person would have.")
    return About(
        name=said.get("name", ""),
        email=said.get("email", ""),
        student_id=said.get("id", ""),
        submitted=_moment(said.get("submitted", "")),
    )


def _moment(text: str) -> datetime | None:
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise Refused(f"{ABOUT}: submitted is a time like 2026-12-01T18:00:00+01:00.") from error
    if moment.tzinfo is None:
        raise Refused(f"{ABOUT}: submitted names no zone: 2026-12-01T18:00:00+01:00 does.")
    return moment


def _one(name: str, text: str) -> Node | None:
    try:
        documents: Sequence[Node] = read(text, name) if text.strip() else ()
    except ManifestRefused as error:
        raise Refused(f"{name}: {error}") from error
    if len(documents) > 1:
        raise Refused(f"{name} holds more than one document.")
    return documents[0] if documents else None


def _entries(name: str, node: object) -> Iterator[tuple[str, object]]:
    if node is None:
        return
    if not isinstance(node, Node):
        raise Refused(f"{name} maps names to names: see docs/grading.md.")
    yield from node.nodes.items()
