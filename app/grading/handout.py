"""The course as one learner sees it and as it is marked: drawn values in, hidden checks added."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from html import escape

from app.content.model import Block, CheckSpec, Command, Course, Manifest, Prose, Step
from app.grading.drawn import draw, fill, filled
from app.grading.rubric import Change, Rubric

Values = Mapping[str, str | int]


def handed_out(course: Course, rubric: Rubric, seed: str) -> Course:
    """Return the course with the seed's values in texts, manifests and checks; nothing hidden."""
    values = draw(rubric.parameters, seed)
    return _changed(
        course, lambda lesson, step: _drawn(step, rubric.drawn.get((lesson, step.id)), values)
    )


def marked(course: Course, rubric: Rubric, seed: str) -> Course:
    """Return the same with the hidden checks: what a submission is judged by."""
    values = draw(rubric.parameters, seed)
    hidden = {(step.lesson, step.step): step.hidden for step in rubric.steps}

    def with_hidden(lesson: str, step: Step) -> Step:
        drawn = [
            replace(spec, params=_params(spec.params, values))
            for spec in hidden.get((lesson, step.id), ())
        ]
        return replace(step, checks=(*step.checks, *drawn)) if drawn else step

    return _changed(handed_out(course, rubric, seed), with_hidden)


def texts_of(step: Step) -> list[str]:
    """Return all texts of a step in which drawn values may stand."""
    found = [step.title, step.explanation, *step.hints, *(spec.title for spec in step.checks)]
    for block in step.blocks:
        match block:
            case Manifest(_, solution, starter):
                found += [solution, starter]
            case Command():
                found.append(block.line)
            case Prose(html):
                found.append(html)
    return found


def in_text(find: str, text: str) -> bool:
    """Return whether a text holds another one, as it is or as HTML writes it."""
    return find in text or escape(find, quote=False) in text


def _changed(course: Course, change: Callable[[str, Step], Step]) -> Course:
    lessons = tuple(
        replace(lesson, steps=tuple(change(lesson.id, step) for step in lesson.steps))
        for lesson in course.lessons
    )
    return replace(course, lessons=lessons)


def _drawn(step: Step, change: Change | None, values: Values) -> Step:
    if change is None:
        return step
    new = _replacer({old: fill(text, values) for old, text in change.texts.items()})
    return replace(
        step,
        title=new(step.title),
        blocks=tuple(_block(block, new) for block in step.blocks),
        checks=tuple(_check(spec, change, new, values) for spec in step.checks),
        hints=tuple(new(hint) for hint in step.hints),
        explanation=new(step.explanation),
    )


def _replacer(texts: dict[str, str]) -> Callable[[str], str]:
    """Return what replaces all of these at once: what was put in is not looked at again."""
    if not texts:
        return lambda text: text
    both = texts | {
        escape(old, quote=False): escape(new, quote=False) for old, new in texts.items()
    }
    found = re.compile("|".join(re.escape(old) for old in sorted(both, key=len, reverse=True)))
    return lambda text: found.sub(lambda part: both[part[0]], text)


def _block(block: Block, new: Callable[[str], str]) -> Block:
    match block:
        case Manifest(name, solution, starter):
            return Manifest(name, new(solution), new(starter))
        case Command():
            return replace(block, line=new(block.line))
        case Prose(html):
            return Prose(new(html))
    return block


def _check(spec: CheckSpec, change: Change, new: Callable[[str], str], values: Values) -> CheckSpec:
    asked = _params(change.checks.get(spec.id, {}), values)
    return replace(spec, title=new(spec.title), params={**spec.params, **asked})


def _params(params: Mapping[str, object], values: Values) -> Mapping[str, object]:
    return {key: filled(value, values) for key, value in params.items()}
