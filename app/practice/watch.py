"""Steps that come true by themselves: what only reads state is looked at whenever that changes."""

import asyncio
from collections import defaultdict
from collections.abc import Collection, Sequence
from contextlib import aclosing, suppress

from app.checks.kinds import KINDS
from app.checks.result import CheckResult, skipped
from app.checks.run import reads
from app.content.model import CheckSpec, Lesson, Step
from app.errors import AppError
from app.practice.examination import Examiner, verdict
from app.practice.known import Key
from app.practice.workplace import Workplace
from app.progress.model import SavedResult

AGAIN_S = 5.0  # after a cluster out of reach: the live view reconnects in its own time
CHANGED = skipped(
    "changed", "Something that this rests on has changed since. Check my work asks again."
)


class Watch:
    """Of all open pages of a step one watches for all; what it tells reaches every page."""

    def __init__(self, workplace: Workplace, examiner: Examiner) -> None:
        self._workplace = workplace
        self._examiner = examiner
        self._leads: dict[Key, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._looks: dict[Key, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def watch(self, learner: str, lesson: Lesson, step: Step) -> None:
        """Look whenever what the checks read has changed, until the step has passed."""
        async with self._leads[learner, lesson.id, step.id]:
            while not await self._examiner.has_passed(learner, lesson.id, step.id):
                with suppress(AppError):
                    await self._watch(learner, lesson, step)
                    return
                await asyncio.sleep(AGAIN_S)

    async def answered(self, learner: str, lesson: str, step: Step) -> None:
        """Look because a question was answered; what the answer is worth is told either way."""
        if not await self._examiner.has_passed(learner, lesson, step.id):
            await self._look(learner, lesson, step, set())

    async def _watch(self, learner: str, lesson: Lesson, step: Step) -> None:
        bench = await self._workplace.bench()
        kinds = {kind for spec in step.checks for kind in reads(spec)}
        is_first = True
        async with aclosing(bench.live.changes(lesson.namespaces)) as changes:
            async for changed in changes:
                news = set() if is_first else set(changed)
                if kinds & changed and await self._look(learner, lesson.id, step, news):
                    return
                is_first = False

    async def _look(self, learner: str, lesson: str, step: Step, changed: Collection[str]) -> bool:
        """Run the quiet checks, tell what turned, and return whether the step has passed."""
        specs = quiet(step.checks)
        async with self._looks[learner, lesson, step.id]:
            known = dict(await self._examiner.known(learner, lesson, step.id))
            found: dict[str, CheckResult] = {}
            async with aclosing(self._examiner.results(learner, lesson, step, specs)) as results:
                async for result in results:
                    found[result.check] = result
                    if _is_news(known.get(result.check), result):
                        await self._examiner.tell(learner, lesson, step.id, result)
            for spec in step.checks:
                if spec not in specs and _is_stale(spec, known, found, changed):
                    stale = CheckResult(spec.id, spec.title, CHANGED, 0.0)
                    await self._examiner.tell(learner, lesson, step.id, stale)
            ordered = [found[spec.id] for spec in specs]
            if len(specs) != len(step.checks) or not verdict(ordered):
                return False
            if not await self._examiner.has_passed(learner, lesson, step.id):
                await self._examiner.record(learner, lesson, step, ordered, by_itself=True)
            return True


def quiet(specs: Sequence[CheckSpec]) -> list[CheckSpec]:
    """Return the checks that only read state, and need nothing but others that do."""
    chosen = [spec for spec in specs if KINDS[spec.kind].is_cheap]
    while True:
        ids = {spec.id for spec in chosen}
        kept = [spec for spec in chosen if ids.issuperset(spec.needs)]
        if len(kept) == len(chosen):
            return kept
        chosen = kept


def _is_news(before: SavedResult | None, result: CheckResult) -> bool:
    """A failure is news only where the page said something else: a beginner is not told off."""
    if result.passed:
        return before is None or not before.passed
    if result.finding.reason == "wrong-answer":
        return before is None or before.message != result.finding.message
    return before is not None and before.message != result.finding.message


def _is_stale(
    spec: CheckSpec,
    known: dict[str, SavedResult],
    found: dict[str, CheckResult],
    changed: Collection[str],
) -> bool:
    """Return whether what the page says of a check that was not run now may no longer be so."""
    before = known.get(spec.id)
    if before is None or before.passed or before.reason == CHANGED.reason:
        return False
    if before.reason == "needs":
        return all(need in found and found[need].passed for need in spec.needs)
    return bool(set(reads(spec)) & set(changed))
