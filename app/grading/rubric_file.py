"""Read a rubric's file and hold it against the course; each mistake with file and line."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import chain
from pathlib import Path

from pydantic import ValidationError

from app.checks.run import validate_step
from app.content.find import find_step
from app.content.model import CheckSpec, Course, Lesson, Step
from app.errors import LessonMistake, NotFound
from app.grading.drawn import Parameter, asked_for
from app.grading.handout import in_text, marked, texts_of
from app.grading.located import Located
from app.grading.rubric import Change, GradedStep, Late, Prices, Rubric, default_rubric, spread
from app.grading.sheet import ByStep, HiddenEntry, RangeEntry, RubricSheet

SHAPES = frozenset({"literal_error", "dict_type", "float_type", "int_type", "string_type"})
SECRET_CHARACTERS = 16  # what a value is drawn from must not be guessed


def load_rubric(file: Path, course: Course) -> Rubric:
    """Return the rubric. Raises: NotFound, LessonMistake for the first mistake in it."""
    located = Located(file)
    try:
        sheet = RubricSheet.model_validate(located.tree)
    except ValidationError as error:
        place, message = _problem(located.tree, error)
        where = ".".join(map(str, place)) or "the whole file"
        raise located.mistake(place, f"{where}: {message}") from error
    rubric = Rubric(
        title=sheet.title,
        steps=_Reading(located, sheet, course).steps(),
        prices=Prices(**sheet.prices.model_dump()),
        late=_late(sheet),
        skipped=sheet.skipped,
        is_revealed=sheet.reveal,
        parameters=_parameters(located, sheet),
        drawn=_drawn(located, sheet, course),
        secret=sheet.secret,
        digest=_digest(sheet),
    )
    _try_out(located, rubric, course)
    return rubric


class _Reading:
    """The points of every step."""

    def __init__(self, located: Located, sheet: RubricSheet, course: Course) -> None:
        self._located = located
        self._sheet = sheet
        self._course = course

    def steps(self) -> tuple[GradedStep, ...]:
        """Return the steps that count, in the order of the course."""
        points: dict[tuple[str, str], Mapping[str, float]] = {}
        if self._sheet.lessons is None and not self._sheet.hidden:
            return default_rubric(self._course).steps
        for id, given in (self._sheet.lessons or {}).items():
            lesson = next((each for each in self._course.lessons if each.id == id), None)
            if lesson is None:
                raise self._located.mistake(("lessons", id), f"the course has no lesson {id}")
            points |= self._of_lesson(lesson, given)
        hidden = self._hidden()
        return tuple(
            GradedStep(
                lesson.id,
                step.id,
                {**points.get(key, {}), **{spec.id: worth for spec, worth in hidden.get(key, [])}},
                tuple(spec for spec, _ in hidden.get(key, [])),
            )
            for lesson in self._course.lessons
            for step in lesson.steps
            if (key := (lesson.id, step.id)) in points or key in hidden
        )

    def _of_lesson(
        self, lesson: Lesson, given: str | float | ByStep
    ) -> dict[tuple[str, str], Mapping[str, float]]:
        if isinstance(given, str):
            return {(lesson.id, step.id): _own(step) for step in lesson.steps}
        if isinstance(given, float):
            shares = {f"{s.id}/{c.id}": float(c.points) for s in lesson.steps for c in s.checks}
            spreaded = spread(given, shares)
            return {
                (lesson.id, step.id): {c.id: spreaded[f"{step.id}/{c.id}"] for c in step.checks}
                for step in lesson.steps
            }
        return {
            (lesson.id, step): self._of_step(lesson, step, worth) for step, worth in given.items()
        }

    def _of_step(
        self, lesson: Lesson, id: str, given: str | float | Mapping[str, float]
    ) -> Mapping[str, float]:
        place = ("lessons", lesson.id, id)
        step = next((each for each in lesson.steps if each.id == id), None)
        if step is None:
            raise self._located.mistake(place, f"lesson {lesson.id} has no step {id}")
        if isinstance(given, str):
            return _own(step)
        if isinstance(given, float):
            return spread(given, _own(step))
        for check in given.keys() - {each.id for each in step.checks}:
            raise self._located.mistake((*place, check), f"step {id} has no check {check}")
        return given

    def _hidden(self) -> dict[tuple[str, str], list[tuple[CheckSpec, float]]]:
        found: dict[tuple[str, str], list[tuple[CheckSpec, float]]] = {}
        for index, entry in enumerate(self._sheet.hidden):
            place = ("hidden", index)
            try:
                step = find_step(self._course, entry.lesson, entry.step)[1]
            except NotFound as error:
                raise self._located.mistake(place, str(error)) from error
            beside = found.setdefault((entry.lesson, entry.step), [])
            known = [each.id for each in chain(step.checks, (spec for spec, _ in beside))]
            if entry.id in known:
                raise self._located.mistake((*place, "id"), f"step {step.id} has a {entry.id}")
            for need in set(entry.needs) - set(known):
                raise self._located.mistake((*place, "needs"), f"step {step.id} has no {need}")
            beside.append((self._spec(entry, index), entry.points))
        return found

    def _spec(self, entry: HiddenEntry, index: int) -> CheckSpec:
        line = self._located.line(("hidden", index))
        return CheckSpec(
            entry.id,
            entry.kind,
            entry.title,
            entry.with_,
            tuple(entry.needs),
            source=f"{self._located.file}:{line}",
        )


def _problem(tree: object, error: ValidationError) -> tuple[list[object], str]:
    """Return the place and the message that say most.

    Where a value may be of several shapes each has an error of its own: meant is the deepest, or
    the one that is no mere `not of this shape`.
    """
    found = [(_in_file(tree, each["loc"], each["type"]), each) for each in error.errors()]
    first, _ = found[0]
    place, best = max(
        (pair for pair in found if pair[0][: len(first)] == first),
        key=lambda pair: (len(pair[0]), pair[1]["type"] not in SHAPES),
    )
    return place, best["msg"]


def _in_file(tree: object, loc: Sequence[int | str], type: str) -> list[object]:
    """Return the parts of a place that the file has: pydantic also names the shapes it tried."""
    place: list[object] = []
    for part in loc:
        match tree:
            case dict() if part in tree:
                tree = tree[part]
            case list() if isinstance(part, int) and part < len(tree):
                tree = tree[part]
            case _:
                continue
        place.append(part)
    return [*place, loc[-1]] if type == "missing" else place


def _own(step: Step) -> dict[str, float]:
    return {check.id: float(check.points) for check in step.checks}


def _late(sheet: RubricSheet) -> Late | None:
    late = sheet.late
    return Late(late.deadline, late.per, late.percent, late.most) if late else None


def _parameters(located: Located, sheet: RubricSheet) -> tuple[Parameter, ...]:
    found = []
    for name, entry in sheet.parameters.items():
        place = ("parameters", name)
        if isinstance(entry, RangeEntry):
            try:
                found.append(Parameter(name, entry.values()))
            except ValueError as error:
                raise located.mistake(place, str(error)) from error
            continue
        keys = {frozenset(each) if isinstance(each, dict) else None for each in entry.choices}
        if len(keys) > 1:
            raise located.mistake(place, f"the choices of {name} have not all the same keys")
        found.append(Parameter(name, tuple(entry.choices)))
    if found and len(sheet.secret) < SECRET_CHARACTERS:
        raise located.mistake(
            ("secret",), f"what is drawn needs a secret of {SECRET_CHARACTERS} characters or more"
        )
    return tuple(found)


def _drawn(located: Located, sheet: RubricSheet, course: Course) -> dict[tuple[str, str], Change]:
    found = {}
    for path, entry in sheet.drawn.items():
        lesson, _, id = path.partition("/")
        try:
            step = find_step(course, lesson, id)[1]
        except NotFound as error:
            raise located.mistake(("drawn", path), str(error)) from error
        for text in entry.texts:
            if not any(in_text(text, each) for each in texts_of(step)):
                raise located.mistake(
                    ("drawn", path, "texts", text), f"step {id} does not hold the text {text!r}"
                )
        for check in entry.checks.keys() - {each.id for each in step.checks}:
            raise located.mistake(
                ("drawn", path, "checks", check), f"step {id} has no check {check}"
            )
        found[lesson, id] = Change(entry.texts, entry.checks)
    return found


def _try_out(located: Located, rubric: Rubric, course: Course) -> None:
    """Make sure that whatever may be drawn gives checks that are well formed."""
    known = {name for parameter in rubric.parameters for name in parameter.names()}
    for (lesson, id), change in rubric.drawn.items():
        for name in asked_for([change.texts, change.checks]) - known:
            raise located.mistake(("drawn", f"{lesson}/{id}"), f"no parameter is named {name}")
    hidden = [spec for step in rubric.steps for spec in step.hidden]
    for name in asked_for([spec.params for spec in hidden]) - known:
        raise located.mistake(("hidden",), f"no parameter is named {name}")
    for choice in _samples(rubric.parameters):
        for each in marked(course, replace(rubric, parameters=choice), "").lessons:
            for step in each.steps:
                _valid(located, rubric, each.id, step)


def _valid(located: Located, rubric: Rubric, lesson: str, step: Step) -> None:
    graded = next((s for s in rubric.steps if (s.lesson, s.step) == (lesson, step.id)), None)
    if (lesson, step.id) not in rubric.drawn and not (graded and graded.hidden):
        return
    try:
        validate_step(step.checks)
    except LessonMistake as error:
        if error.file == str(located.file):
            raise
        raise located.mistake(("drawn", f"{lesson}/{step.id}"), str(error)) from error


def _samples(parameters: Sequence[Parameter]) -> list[tuple[Parameter, ...]]:
    """Return draws in which each parameter's first and last choice come up."""
    return [
        tuple(replace(each, choices=(each.choices[index],)) for each in parameters)
        for index in (0, -1)
    ]


def _digest(sheet: RubricSheet) -> str:
    text = json.dumps(sheet.model_dump(mode="json", by_alias=True), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
