"""Reading and writing a learner's progress; the same on SQLite and PostgreSQL."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Protocol

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.progress.model import Attempt, Journey, SavedResult, StepState
from app.store.engine import Store
from app.store.tables import AnswerRow, AttemptRow, ChoiceRow, DraftRow, LearnerRow, StepRow
from app.store.whole import whole

HINTS = 3  # a step has that many
KEPT_ATTEMPTS = 20  # shown of one step; older ones stay in the table


def _now() -> datetime:
    return datetime.now(UTC)


class Witness(Protocol):
    """Who is told of an attempt within its transaction: both are kept, or neither."""

    async def saw(
        self, session: AsyncSession, learner: str, attempt: Attempt, *, newly_passed: bool
    ) -> None:
        """Add to the transaction what else the attempt means."""
        ...


class Progress:
    """Every method names the learner, and raises StoreUnavailable when the database fails."""

    def __init__(
        self, store: Store, clock: Callable[[], datetime] = _now, witness: Witness | None = None
    ) -> None:
        self._store = store
        self._clock = clock
        self._witness = witness

    @whole
    async def welcome(self, learner: str, name: str) -> None:
        """Make sure that the learner is known."""
        async with self._store.writing() as session:
            if not await session.get(LearnerRow, learner):
                session.add(LearnerRow(id=learner, name=name, created=self._clock()))

    @whole
    async def open(self, learner: str, lesson: str, step: str) -> StepState:
        """Record that the step's page was opened, and return where the learner stands in it."""
        async with self._store.writing() as session:
            row = await self._row(session, learner, lesson, step)
            row.last_seen = self._clock()
            return _state(row)

    @whole
    async def spend(self, learner: str, lesson: str, step: str, seconds: float) -> None:
        """Add time that the page was open and visible."""
        async with self._store.writing() as session:
            row = await self._row(session, learner, lesson, step)
            row.seconds += seconds

    @whole
    async def journey(self, learner: str) -> Journey:
        """Return every step that the learner has opened, and which one last."""
        async with self._store.session() as session:
            found = await session.scalars(select(StepRow).where(StepRow.learner == learner))
            states = [_state(row) for row in found]
        latest = max(states, key=lambda state: state.last_seen, default=None)
        return Journey(
            {(state.lesson, state.step): state for state in states},
            (latest.lesson, latest.step) if latest else None,
        )

    @whole
    async def record(
        self,
        learner: str,
        lesson: str,
        step: str,
        results: Sequence[SavedResult],
        *,
        by_itself: bool,
    ) -> tuple[Attempt, bool]:
        """Keep an attempt; return it, and whether it is the first that passed.

        An attempt counts only when it was asked for and came to a verdict.
        """
        verdict = _verdict(results)
        async with self._store.writing() as session:
            row = await self._row(session, learner, lesson, step)
            if verdict is not None and not by_itself:
                row.attempts += 1
            newly_passed = bool(verdict) and row.passed is None
            if newly_passed:
                row.passed = self._clock()
            attempt = AttemptRow(
                learner=learner,
                lesson=lesson,
                step=step,
                at=self._clock(),
                passed=verdict,
                by_itself=by_itself,
                results=[asdict(result) for result in results],
            )
            session.add(attempt)
            await session.flush()
            made = _attempt(attempt)
            if self._witness:
                await self._witness.saw(session, learner, made, newly_passed=newly_passed)
            return made, newly_passed

    @whole
    async def attempts(self, learner: str, lesson: str, step: str) -> list[Attempt]:
        """Return the newest attempts at a step, newest first."""
        async with self._store.session() as session:
            found = await session.scalars(
                select(AttemptRow)
                .where(
                    AttemptRow.learner == learner,
                    AttemptRow.lesson == lesson,
                    AttemptRow.step == step,
                )
                .order_by(AttemptRow.id.desc())
                .limit(KEPT_ATTEMPTS)
            )
            return [_attempt(row) for row in found]

    @whole
    async def answers(self, learner: str, lesson: str, step: str) -> Mapping[str, str]:
        """Return the answers to the step's questions. Shape: {question id: choice id}."""
        async with self._store.session() as session:
            found = await session.scalars(
                select(AnswerRow).where(
                    AnswerRow.learner == learner,
                    AnswerRow.lesson == lesson,
                    AnswerRow.step == step,
                )
            )
            return {row.question: row.choice for row in found}

    @whole
    async def answer(
        self, learner: str, lesson: str, step: str, question: str, choice: str
    ) -> None:
        """Keep an answer in place of an earlier one."""
        async with self._store.writing() as session:
            key = {"learner": learner, "lesson": lesson, "step": step, "question": question}
            await session.merge(AnswerRow(**key, choice=choice))

    @whole
    async def open_hint(self, learner: str, lesson: str, step: str) -> int:
        """Open one more hint, and return how many are open (1 to 3)."""
        async with self._store.writing() as session:
            row = await self._row(session, learner, lesson, step)
            row.hints = min(HINTS, row.hints + 1)
            return row.hints

    @whole
    async def show_solution(self, learner: str, lesson: str, step: str) -> None:
        """Record that the solution was looked at."""
        async with self._store.writing() as session:
            row = await self._row(session, learner, lesson, step)
            row.solution_shown = True

    @whole
    async def drafts(self, learner: str, lesson: str, step: str) -> Mapping[str, str]:
        """Return what the learner typed into the step's manifests. Shape: {file name: text}."""
        async with self._store.session() as session:
            found = await session.scalars(
                select(DraftRow).where(
                    DraftRow.learner == learner,
                    DraftRow.lesson == lesson,
                    DraftRow.step == step,
                )
            )
            return {row.file: row.text for row in found}

    @whole
    async def save_draft(self, learner: str, lesson: str, step: str, file: str, text: str) -> None:
        """Keep what the learner typed into a manifest."""
        async with self._store.writing() as session:
            key = {"learner": learner, "lesson": lesson, "step": step, "file": file}
            await session.merge(DraftRow(**key, text=text))

    @whole
    async def choice(self, learner: str, name: str) -> str:
        """Return a setting that was chosen in the site, empty where none was."""
        async with self._store.session() as session:
            row = await session.get(ChoiceRow, (learner, name))
            return row.value if row else ""

    @whole
    async def choose(self, learner: str, name: str, value: str) -> None:
        """Keep a setting that was chosen in the site."""
        async with self._store.writing() as session:
            await session.merge(ChoiceRow(learner=learner, name=name, value=value))

    async def _row(self, session: AsyncSession, learner: str, lesson: str, step: str) -> StepRow:
        row = await session.get(StepRow, (learner, lesson, step))
        if row is None:
            now = self._clock()
            row = StepRow(
                learner=learner,
                lesson=lesson,
                step=step,
                first_seen=now,
                last_seen=now,
                attempts=0,
                hints=0,
                solution_shown=False,
                seconds=0.0,
            )
            session.add(row)
        return row


def _verdict(results: Sequence[SavedResult]) -> bool | None:
    verdicts = [result.passed for result in results]
    if False in verdicts:
        return False
    return None if None in verdicts or not verdicts else True


def _state(row: StepRow) -> StepState:
    return StepState(
        lesson=row.lesson,
        step=row.step,
        first_seen=row.first_seen,
        last_seen=row.last_seen,
        passed=row.passed,
        attempts=row.attempts,
        hints=row.hints,
        solution_shown=row.solution_shown,
        seconds=row.seconds,
    )


def _attempt(row: AttemptRow) -> Attempt:
    return Attempt(
        id=row.id,
        lesson=row.lesson,
        step=row.step,
        at=row.at,
        passed=row.passed,
        by_itself=row.by_itself,
        results=tuple(_result(raw) for raw in row.results),
    )


def _result(raw: Mapping[str, object]) -> SavedResult:
    evidence = raw["evidence"]
    pieces = evidence if isinstance(evidence, list | tuple) else ()
    return SavedResult(
        check=str(raw["check"]),
        title=str(raw["title"]),
        passed=None if raw["passed"] is None else bool(raw["passed"]),
        reason=str(raw["reason"]),
        message=str(raw["message"]),
        look=str(raw["look"]),
        evidence=tuple((str(title), str(text)) for title, text in pieces),
        duration_s=float(str(raw["duration_s"])),
    )
