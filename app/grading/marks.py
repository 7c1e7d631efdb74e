"""From results to marks: each check's item, what help and lateness take off."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from math import ceil
from typing import Final

from app.checks.result import CheckResult
from app.content.model import CheckSpec
from app.grading.report import Deduction, Item, State, Why, rounded
from app.grading.rubric import GradedStep, Late, Prices, Rubric
from app.progress.model import StepState

NEEDS: Final = "needs"  # the reason of a check that was not tried, since another had not passed


def items_of(
    rubric: Rubric, step: GradedStep, specs: Sequence[CheckSpec], results: Sequence[CheckResult]
) -> list[Item]:
    """Return a step's items, one for each of its checks that count."""
    found = {result.check: result for result in results}
    states = _states(specs, found)
    hidden = {spec.id for spec in step.hidden}
    return [
        _item(rubric, step, found[spec.id], states[spec.id], is_hidden=spec.id in hidden)
        for spec in specs
        if spec.id in step.points
    ]


def unreached(
    step: GradedStep,
    specs: Sequence[CheckSpec],
    reason: str,
    message: str,
    *,
    state: State = "failed",
    is_revealed: bool = False,
) -> list[Item]:
    """Return the items of a step whose checks never ran, with the reason for it."""
    hidden = set() if is_revealed else {spec.id for spec in step.hidden}
    return [
        Item(
            step.lesson,
            step.step,
            spec.id,
            spec.title,
            state,
            step.points[spec.id],
            0.0,
            message,
            reason,
            is_hidden=spec.id in hidden,
        )
        for spec in specs
        if spec.id in step.points
    ]


def for_help(
    prices: Prices, items: Sequence[Item], steps: Mapping[tuple[str, str], StepState]
) -> list[Deduction]:
    """Return what hints, solutions and attempts cost; never more than their step has earned."""
    found: list[Deduction] = []
    for lesson, step in dict.fromkeys((item.lesson, item.step) for item in items):
        state = steps.get((lesson, step))
        left = sum(item.earned for item in items if (item.lesson, item.step) == (lesson, step))
        for why, price, text in _prices(prices, state) if state else ():
            points = rounded(min(price, left))
            left -= points
            if points > 0:
                found.append(Deduction(why, lesson, step, points, text))
    return found


def for_lateness(late: Late | None, points: float, submitted: datetime | None) -> list[Deduction]:
    """Return what a late submission costs; nothing where it is not known when it came."""
    if late is None or submitted is None or submitted <= late.deadline:
        return []
    over_s = (submitted - late.deadline).total_seconds()
    begun = ceil(over_s / late.unit_s)
    percent = min(late.most, begun * late.percent)
    text = f"{begun} {late.unit}{'s' if begun > 1 else ''} late: {percent:g} % of {points:g} points"
    cost = rounded(points * percent / 100)
    return [Deduction("late", "", "", cost, text)] if cost > 0 else []


def _states(specs: Sequence[CheckSpec], found: Mapping[str, CheckResult]) -> dict[str, State]:
    """Return each check's state; what could not be tried for want of the ungradable is that too."""
    by_id = {spec.id: spec for spec in specs}
    states: dict[str, State] = {}

    def state_of(check: str) -> State:
        if check not in states:
            states[check] = _state(found[check], [state_of(n) for n in by_id[check].needs])
        return states[check]

    return {spec.id: state_of(spec.id) for spec in specs}


def _state(result: CheckResult, needs: Sequence[State]) -> State:
    if result.passed is not None:
        return "passed" if result.passed else "failed"
    if result.finding.reason != NEEDS:
        return "ungradable"
    is_their_own = "failed" in needs or "skipped" in needs
    return "skipped" if is_their_own or "ungradable" not in needs else "ungradable"


def _item(
    rubric: Rubric, step: GradedStep, result: CheckResult, state: State, *, is_hidden: bool
) -> Item:
    finding = result.finding
    is_left_out = state == "skipped" and rubric.skipped == "excluded"
    points = 0.0 if is_left_out else step.points[result.check]
    return Item(
        lesson=step.lesson,
        step=step.step,
        check=result.check,
        title=result.title,
        state=state,
        points=points,
        earned=points if state == "passed" else 0.0,
        message=finding.message,
        reason=finding.reason,
        look=finding.look,
        evidence=tuple((piece.title, piece.text) for piece in finding.evidence),
        duration_s=round(result.duration_s, 3),
        is_hidden=is_hidden and not rubric.is_revealed,
    )


def _prices(prices: Prices, state: StepState) -> list[tuple[Why, float, str]]:
    priced = max(0, state.attempts - prices.free_attempts)
    return [
        ("hints", state.hints * prices.hint, f"hints opened: {state.hints}"),
        ("solution", prices.solution if state.solution_shown else 0.0, "the solution was shown"),
        (
            "attempts",
            priced * prices.attempt,
            f"attempts: {state.attempts}, {prices.free_attempts} free",
        ),
    ]
