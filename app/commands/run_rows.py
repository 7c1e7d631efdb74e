"""The table of runs: a row for each command that was started."""

from datetime import UTC, datetime
from typing import Final, cast

from sqlalchemy import select, update

from app.commands.model import Run, State
from app.errors import NotFound
from app.store.engine import Store
from app.store.tables import RunRow
from app.store.whole import whole

_RECENT: Final = 50  # runs of one step that its page shows
_HISTORY: Final = 200  # lines that the prompt remembers


class RunRows:
    """Queries of one table. All raise StoreUnavailable."""

    def __init__(self, store: Store) -> None:
        self._store = store

    @whole
    async def add(self, run: Run) -> None:
        """Insert a run that is about to start."""
        async with self._store.session() as session:
            session.add(
                RunRow(
                    id=run.id,
                    learner=run.learner,
                    lesson=run.lesson,
                    step=run.step,
                    command=run.command,
                    line=run.line,
                    is_background=run.is_background,
                    state=run.state,
                    started=run.started,
                    ended=None,
                    code=None,
                    lines=0,
                    pid=None,
                    pid_started=None,
                )
            )

    @whole
    async def set_process(self, id: str, pid: int, pid_started: str) -> None:
        """Record the process, so that a later start of the site can find it."""
        async with self._store.session() as session:
            await session.execute(
                update(RunRow).where(RunRow.id == id).values(pid=pid, pid_started=pid_started)
            )

    @whole
    async def end(self, run: Run) -> None:
        """Record how a run ended."""
        async with self._store.session() as session:
            await session.execute(
                update(RunRow)
                .where(RunRow.id == run.id)
                .values(state=run.state, ended=run.ended, code=run.code, lines=run.lines)
            )

    @whole
    async def get(self, learner: str, id: str) -> Run:
        """Return a learner's run. Raises also: NotFound."""
        async with self._store.session() as session:
            row = await session.get(RunRow, id)
        if row is None or row.learner != learner:
            raise NotFound("There is no such run.", hint="It may be of an earlier database.")
        return _run(row)

    @whole
    async def recent(self, learner: str, lesson: str, step: str) -> list[Run]:
        """Return a step's last runs, the oldest first."""
        query = (
            select(RunRow)
            .where(RunRow.learner == learner, RunRow.lesson == lesson, RunRow.step == step)
            .order_by(RunRow.started.desc())
            .limit(_RECENT)
        )
        async with self._store.session() as session:
            rows = (await session.scalars(query)).all()
        return [_run(row) for row in reversed(rows)]

    @whole
    async def newest(self, learner: str) -> list[Run]:
        """Return a learner's last runs in all steps, the newest first."""
        query = select(RunRow).where(RunRow.learner == learner)
        async with self._store.session() as session:
            rows = await session.scalars(query.order_by(RunRow.started.desc()).limit(_RECENT))
            return [_run(row) for row in rows]

    @whole
    async def typed(self, learner: str) -> list[str]:
        """Return the lines that a learner typed, the oldest first, each once."""
        query = (
            select(RunRow.line)
            .where(RunRow.learner == learner, RunRow.command == "")
            .order_by(RunRow.started.desc())
            .limit(_HISTORY)
        )
        async with self._store.session() as session:
            lines = (await session.scalars(query)).all()
        return list(dict.fromkeys(lines))[::-1]

    @whole
    async def left_running(self) -> list[tuple[Run, int | None, str]]:
        """Return the runs that no one ended, with their process and when that started."""
        async with self._store.session() as session:
            rows = (await session.scalars(select(RunRow).where(RunRow.state == "running"))).all()
        return [(_run(row), row.pid, row.pid_started or "") for row in rows]


def _run(row: RunRow) -> Run:
    return Run(
        id=row.id,
        learner=row.learner,
        lesson=row.lesson,
        step=row.step,
        line=row.line,
        is_background=row.is_background,
        state=cast(State, row.state),
        started=row.started,
        ended=row.ended,
        code=row.code,
        lines=row.lines,
        command=row.command,
    )


def now() -> datetime:
    """Return the time as rows hold it."""
    return datetime.now(UTC)
