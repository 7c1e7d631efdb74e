"""Running a step's checks: when asked, and by themselves when the cluster changes."""

import asyncio
import time
from collections import defaultdict
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing, nullcontext, suppress
from dataclasses import dataclass, field

from app.bus import Bus
from app.checks.kind import Context
from app.checks.kinds import KINDS
from app.checks.result import CheckResult, skipped
from app.checks.run import reads, run_checks
from app.clusters.cluster import Cluster
from app.clusters.probes import Probes
from app.content.model import CheckSpec, Lesson, Step
from app.errors import AppError, NotAllowed, Refused, Unavailable
from app.practice.events import CheckDone, CheckEnded, CheckSaid, CheckStarted
from app.practice.nowhere import Nowhere
from app.practice.workplace import Bench, Workplace
from app.progress.model import SavedResult
from app.progress.queries import Progress

AGAIN_S = 5.0  # after a cluster out of reach: the live view reconnects in its own time


@dataclass
class _Turn:
    """Of all open pages of a step one watches, the one with `lead`.

    A page that comes later needs to be told what is true; many that come at once share one look.
    """

    lead: asyncio.Lock = field(default_factory=asyncio.Lock)
    arrival: asyncio.Lock = field(default_factory=asyncio.Lock)
    looked_at: float = 0.0  # monotonic


class Examiner:
    """Runs checks, records what they found, and tells the bus as it happens."""

    def __init__(self, workplace: Workplace, progress: Progress, bus: Bus) -> None:
        self._workplace = workplace
        self._progress = progress
        self._bus = bus
        self._one_at_a_time = asyncio.Lock()
        self._turns: dict[tuple[str, str, str], _Turn] = defaultdict(_Turn)
        self._traffic = asyncio.Lock()  # all learners' checks count with the same probe's counters

    async def examine(self, learner: str, lesson: str, step: Step) -> Sequence[CheckResult]:
        """Run all checks of the step and record the attempt; return the results in order."""
        topic = f"learner:{learner}"
        self._bus.publish(topic, CheckStarted(lesson, step.id))
        found: dict[str, CheckResult] = {}
        async with aclosing(self._results(learner, lesson, step, step.checks)) as results:
            async for result in results:
                found[result.check] = result
                self._bus.publish(topic, CheckDone(lesson, step.id, result))
        ordered = [found[spec.id] for spec in step.checks]
        await self._record(learner, lesson, step, ordered, by_itself=False)
        return ordered

    async def watch(self, learner: str, lesson: Lesson, step: Step) -> None:
        """Run what only reads state whenever that state changes, until the step has passed.

        A check that comes true is told, and one that was true and is no longer; a step that asks
        for nothing else has passed by that.
        """
        specs = quiet(step.checks)
        true: set[str] = set()
        turn = self._turns[learner, lesson.id, step.id]
        if turn.lead.locked():
            asked_at = time.monotonic()
            async with turn.arrival:
                if turn.looked_at < asked_at:
                    turn.looked_at = time.monotonic()
                    await self._look_once(learner, lesson, step, specs, true)
        async with turn.lead:
            await self._watch(learner, lesson, step, specs, true)

    async def _look_once(
        self, learner: str, lesson: Lesson, step: Step, specs: Sequence[CheckSpec], true: set[str]
    ) -> None:
        with suppress(AppError):
            if not await self._has_passed(learner, lesson.id, step.id):
                await self._look(learner, lesson, step, specs, true)

    async def _watch(
        self, learner: str, lesson: Lesson, step: Step, specs: Sequence[CheckSpec], true: set[str]
    ) -> None:
        kinds = {kind for spec in specs for kind in reads(spec)}
        while specs and not await self._has_passed(learner, lesson.id, step.id):
            with suppress(AppError):
                bench = await self._workplace.bench()
                async with aclosing(bench.live.changes(lesson.namespaces)) as changes:
                    async for changed in changes:
                        if kinds & changed and await self._look(learner, lesson, step, specs, true):
                            return
            await asyncio.sleep(AGAIN_S)

    async def _look(
        self, learner: str, lesson: Lesson, step: Step, specs: Sequence[CheckSpec], true: set[str]
    ) -> bool:
        """Run the quiet checks, tell what turned, and return whether the step has passed."""
        found: dict[str, CheckResult] = {}
        async with aclosing(self._results(learner, lesson.id, step, specs)) as results:
            async for result in results:
                found[result.check] = result
                if result.passed or result.check in true:
                    topic = f"learner:{learner}"
                    self._bus.publish(topic, CheckDone(lesson.id, step.id, result))
        true.clear()
        true.update(check for check, result in found.items() if result.passed)
        ordered = [found[spec.id] for spec in specs]
        if len(specs) != len(step.checks) or not verdict(ordered):
            return False
        async with self._one_at_a_time:  # every open tab watches, and sees the same change
            if not await self._has_passed(learner, lesson.id, step.id):
                await self._record(learner, lesson.id, step, ordered, by_itself=True)
        return True

    async def _results(
        self, learner: str, lesson: str, step: Step, specs: Sequence[CheckSpec]
    ) -> AsyncGenerator[CheckResult, None]:
        async def say(check: str, text: str) -> None:
            self._bus.publish(f"learner:{learner}", CheckSaid(lesson, step.id, check, text))

        try:
            bench = await self._workplace.bench()
        except (Unavailable, NotAllowed, Refused) as error:
            finding = skipped(_reason(error), f"{error} {error.hint}".strip())
            cluster: Cluster = Nowhere(error)
            for spec in specs:
                if not _asks_nothing(spec):
                    yield CheckResult(spec.id, spec.title, finding, 0.0)
            specs, probes = [spec for spec in specs if _asks_nothing(spec)], None
        else:
            cluster = bench.cluster
            probes = await _probes(bench) if sends_traffic(specs) else None
        context = await self._context(learner, lesson, step, cluster, probes)
        turn = self._traffic if sends_traffic(specs) else nullcontext()
        async with turn, aclosing(run_checks(specs, context, say)) as results:
            async for result in results:
                yield result

    async def _record(
        self,
        learner: str,
        lesson: str,
        step: Step,
        results: Sequence[CheckResult],
        *,
        by_itself: bool,
    ) -> None:
        saved = [as_saved(result) for result in results]
        _, newly_passed = await self._progress.record(
            learner, lesson, step.id, saved, by_itself=by_itself
        )
        ended = CheckEnded(lesson, step.id, verdict(results), newly_passed, by_itself)
        self._bus.publish(f"learner:{learner}", ended)

    async def _has_passed(self, learner: str, lesson: str, step: str) -> bool:
        state = (await self._progress.journey(learner)).steps.get((lesson, step))
        return state is not None and state.passed is not None

    async def _context(
        self, learner: str, lesson: str, step: Step, cluster: Cluster, probes: Probes | None
    ) -> Context:
        return Context(
            cluster=cluster,
            inside=probes.inside if probes else None,
            outside=probes.outside if probes else None,
            answers=await self._progress.answers(learner, lesson, step.id),
            right={
                question.id: next(choice.id for choice in question.choices if choice.is_right)
                for question in step.questions
            },
            replies={
                question.id: {choice.id: choice.reply for choice in question.choices}
                for question in step.questions
            },
        )


def sends_traffic(specs: Sequence[CheckSpec]) -> bool:
    """Return whether any of these checks asks questions of the running mesh."""
    return any(not KINDS[spec.kind].is_cheap for spec in specs)


def quiet(specs: Sequence[CheckSpec]) -> list[CheckSpec]:
    """Return the checks that only read state, and need nothing but others that do."""
    chosen = [spec for spec in specs if KINDS[spec.kind].is_cheap and spec.kind != "question"]
    while True:
        ids = {spec.id for spec in chosen}
        kept = [spec for spec in chosen if ids.issuperset(spec.needs)]
        if len(kept) == len(chosen):
            return kept
        chosen = kept


def verdict(results: Sequence[CheckResult]) -> bool | None:
    """Return False where any failed, None where any was skipped, else True."""
    verdicts = [result.passed for result in results]
    if False in verdicts:
        return False
    return None if None in verdicts else True


def as_saved(result: CheckResult) -> SavedResult:
    """Return a result as progress keeps it."""
    finding = result.finding
    return SavedResult(
        check=result.check,
        title=result.title,
        passed=finding.passed,
        reason=finding.reason,
        message=finding.message,
        look=finding.look,
        evidence=tuple((piece.title, piece.text) for piece in finding.evidence),
        duration_s=result.duration_s,
    )


def _asks_nothing(spec: CheckSpec) -> bool:
    """Return whether a check can do without a cluster: the course begins with questions."""
    return spec.kind == "question" and not spec.needs


def _reason(error: AppError) -> str:
    if isinstance(error, NotAllowed):
        return "forbidden"
    return "unreachable" if isinstance(error, Unavailable) else "refused"


async def _probes(bench: Bench) -> Probes | None:
    """Return the probes, None where they cannot be had: state is judged all the same."""
    with suppress(AppError):
        return await bench.probes()
    return None
