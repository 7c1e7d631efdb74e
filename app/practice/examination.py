"""Running a step's checks because somebody asked: on the button, or with an answer."""

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing, nullcontext, suppress

from app.bus import Bus
from app.checks.kind import COURSE, Context, Rigour
from app.checks.kinds import KINDS
from app.checks.result import CheckResult, skipped
from app.checks.run import run_checks
from app.clusters.cluster import Cluster
from app.clusters.probes import Probes
from app.content.model import CheckSpec, Step
from app.errors import AppError, NotAllowed, Refused, Unavailable
from app.practice.events import CheckDone, CheckEnded, CheckSaid, CheckStarted
from app.practice.known import Known, as_saved
from app.practice.nowhere import Nowhere
from app.practice.workplace import Bench, Workplace
from app.progress.model import SavedResult
from app.progress.queries import Progress


class Examiner:
    """Runs checks, records what they found, and tells the bus as it happens."""

    def __init__(
        self, workplace: Workplace, progress: Progress, bus: Bus, rigour: Rigour = COURSE
    ) -> None:
        self._workplace = workplace
        self._progress = progress
        self._bus = bus
        self._rigour = rigour
        self._known = Known(progress)
        self._traffic = asyncio.Lock()  # all learners' checks count with the same probe's counters

    async def examine(self, learner: str, lesson: str, step: Step) -> Sequence[CheckResult]:
        """Run all checks of the step and record the attempt; return the results in order."""
        self._bus.publish(f"learner:{learner}", CheckStarted(lesson, step.id))
        found: dict[str, CheckResult] = {}
        async with aclosing(self.results(learner, lesson, step, step.checks)) as results:
            async for result in results:
                found[result.check] = result
                await self.tell(learner, lesson, step.id, result)
        ordered = [found[spec.id] for spec in step.checks]
        await self.record(learner, lesson, step, ordered, by_itself=False)
        return ordered

    async def judge(self, learner: str, lesson: str, step: Step) -> Sequence[CheckResult]:
        """Run all checks of the step and return the results in order; nothing is recorded."""
        async with aclosing(self.results(learner, lesson, step, step.checks)) as results:
            found = {result.check: result async for result in results}
        return [found[spec.id] for spec in step.checks]

    async def known(self, learner: str, lesson: str, step: str) -> Mapping[str, SavedResult]:
        """Return what is known of the step's checks now. Shape: {check id: result}."""
        return await self._known.of((learner, lesson, step))

    async def results(
        self, learner: str, lesson: str, step: Step, specs: Sequence[CheckSpec]
    ) -> AsyncGenerator[CheckResult, None]:
        """Yield the results of some of a step's checks as they come; nothing is recorded."""

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

    async def tell(self, learner: str, lesson: str, step: str, result: CheckResult) -> None:
        """Show a result on every page of the step, and remember it."""
        await self._known.take((learner, lesson, step), result)
        self._bus.publish(f"learner:{learner}", CheckDone(lesson, step, result))

    async def record(
        self,
        learner: str,
        lesson: str,
        step: Step,
        results: Sequence[CheckResult],
        *,
        by_itself: bool,
    ) -> None:
        """Keep an attempt, and tell how it ended; where all is removed, the probes go, too."""
        saved = [as_saved(result) for result in results]
        _, newly_passed = await self._progress.record(
            learner, lesson, step.id, saved, by_itself=by_itself
        )
        if verdict(results) and any(removes_the_mesh(spec) for spec in step.checks):
            await (await self._workplace.bench()).sweep()
        ended = CheckEnded(lesson, step.id, verdict(results), newly_passed, by_itself)
        self._bus.publish(f"learner:{learner}", ended)

    async def has_passed(self, learner: str, lesson: str, step: str) -> bool:
        """Return whether the step has passed once."""
        state = (await self._progress.journey(learner)).steps.get((lesson, step))
        return state is not None and state.passed is not None

    async def _context(
        self, learner: str, lesson: str, step: Step, cluster: Cluster, probes: Probes | None
    ) -> Context:
        return Context(
            cluster=cluster,
            inside=probes.inside if probes else None,
            outside=probes.outside if probes else None,
            error_rate=self._rigour.error_rate,
            patience_s=self._rigour.patience_s,
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


def removes_the_mesh(spec: CheckSpec) -> bool:
    """Return whether a check asks for a cluster without Istio, as it was before the course."""
    return spec.kind == "absent" and spec.params.get("istio") is True


def verdict(results: Sequence[CheckResult]) -> bool | None:
    """Return False where any failed, None where any was skipped, else True."""
    verdicts = [result.passed for result in results]
    if False in verdicts:
        return False
    return None if None in verdicts else True


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
