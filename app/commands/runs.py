"""Runs: commands that belong to the site, not to a request; each a row and a file of lines."""

import asyncio
import shutil
import time
import uuid
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Self

from app.commands.environment import program_path, variables
from app.commands.line_file import LineReader, LineWriter
from app.commands.model import Environment, Invocation, Line, Run, State
from app.commands.orphans import end_orphan
from app.commands.recorder import Limits, Recorder
from app.commands.run_rows import RunRows, now
from app.commands.runner import GRACE_S, Child, Runner
from app.errors import Busy, NotFound, StoreUnavailable
from app.store.engine import Store

COALESCE_S: Final = 0.015  # a reader gets lines in batches no closer than this
QUICK_S: Final = 0.5  # grace of a command when the site itself must go
_BATCH: Final = 2000  # lines


@dataclass
class _Live:
    """A run that has not ended. `child` and `recorder` are None while it is being prepared."""

    run: Run
    child: Child | None = None
    recorder: Recorder | None = None
    task: asyncio.Task[None] | None = None


class Runs:
    """All runs of a site. Leaving its `async with` block ends those under way, and says so."""

    def __init__(
        self,
        store: Store,
        runner: Runner,
        folder: Path,
        *,
        limits: Limits | None = None,
        on_change: Callable[[Run], None] | None = None,
    ) -> None:
        self._rows = RunRows(store)
        self._runner = runner
        self._folder = folder
        self._limits = limits or Limits()
        self._live: dict[str, _Live] = {}
        self._unsaved: dict[str, list[Line]] = {}
        self.on_change: Callable[[Run], None] = on_change or (lambda run: None)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        live = list(self._live.values())
        ends = [self._end(one, "interrupted", "The lab stopped.", QUICK_S) for one in live]
        await asyncio.gather(*ends)

    async def recover(self) -> None:
        """End what an earlier site left running, and say so there. Raises: StoreUnavailable."""
        for run, pid, pid_started in await self._rows.left_running():
            if run.id in self._live:
                continue
            if pid is not None:
                end_orphan(pid, pid_started)
            shutil.rmtree(self._work(run.id), ignore_errors=True)
            count = await asyncio.to_thread(_note, self._path(run.id), "The lab was stopped.")
            await self._rows.end(
                replace(run, state="interrupted", ended=now(), lines=max(count, run.lines))
            )

    async def start(
        self,
        learner: str,
        lesson: str,
        step: str,
        command_id: str,
        invocation: Invocation,
        environment: Environment,
        is_background: bool = False,
        *,
        timeout_s: float | None = None,
    ) -> Run:
        """Start a command and return; its lines are followed. An empty `command_id` means typed.

        Raises: Busy, ToolMissing, StoreUnavailable.
        """
        self._check_room(learner, is_background)
        program = program_path(environment, invocation.argv[0])
        run = Run(
            id=uuid.uuid4().hex,
            learner=learner,
            lesson=lesson,
            step=step,
            line=invocation.display,
            is_background=is_background,
            state="running",
            started=now(),
            ended=None,
            code=None,
            lines=0,
            command=command_id,
        )
        live = self._live[run.id] = _Live(run)
        try:
            await self._begin(live, invocation, environment, program)
        except BaseException:
            del self._live[run.id]
            raise
        live.task = asyncio.create_task(self._record(live, timeout_s or self._longest(run)))
        self.on_change(run)
        return run

    async def stop(self, learner: str, id: str) -> None:
        """End a run's whole process group; one that is over stays as it is. Raises: NotFound."""
        await self.get(learner, id)
        live = self._live.get(id)
        if live:
            await self._end(live, "stopped", "Stopped.")

    async def get(self, learner: str, id: str) -> Run:
        """Return a learner's run. Raises: NotFound, StoreUnavailable."""
        live = self._live.get(id)
        if live is None:
            return await self._rows.get(learner, id)
        if live.run.learner != learner:
            raise NotFound("There is no such run.")
        return self._as_it_stands(live.run)

    async def recent(self, learner: str, lesson: str, step: str) -> list[Run]:
        """Return a step's last 50 runs, the oldest first."""
        return [self._as_it_stands(run) for run in await self._rows.recent(learner, lesson, step)]

    async def newest(self, learner: str) -> list[Run]:
        """Return a learner's last 50 runs in all steps, the newest first."""
        return [self._as_it_stands(run) for run in await self._rows.newest(learner)]

    async def history(self, learner: str) -> list[str]:
        """Return the lines that a learner typed, the oldest first, each once."""
        return await self._rows.typed(learner)

    async def active(self, learner: str) -> list[Run]:
        """Return what runs now, the oldest first."""
        runs = [live.run for live in self._live.values() if live.run.learner == learner]
        return [self._as_it_stands(run) for run in runs]

    def lines(self, id: str, after: int = 0, limit: int = _BATCH) -> list[Line]:
        """Return a run's lines with a greater number than `after`."""
        found = LineReader(self._path(id), after).read(limit)
        rest = [line for line in self._unsaved_of(id) if line.number > after]
        return [*found, *rest][:limit]

    async def follow(self, id: str, after: int = 0) -> AsyncIterator[list[Line]]:
        """Yield lines in batches as they come: the first at once; ends when the run is over."""
        reader = LineReader(self._path(id), after)
        told_at = 0.0  # monotonic
        while True:
            live = self._live.get(id)
            moved = live.recorder.moved if live and live.recorder else None
            lines = await asyncio.to_thread(reader.read, _BATCH)
            if lines:
                told_at = time.monotonic()
                yield lines
            if len(lines) == _BATCH:
                continue
            if moved is None:
                break
            await moved.wait()
            await asyncio.sleep(told_at + COALESCE_S - time.monotonic())
        rest = [line for line in self._unsaved_of(id) if line.number > after]
        if rest:
            yield rest

    def _check_room(self, learner: str, is_background: bool) -> None:
        """One command in front and a few behind. Raises: Busy."""
        live = (each.run for each in self._live.values())  # one that is over may still be recorded
        mine = [run for run in live if run.learner == learner and not run.is_over]
        same = [run for run in mine if run.is_background == is_background]
        if len(same) < (self._limits.background if is_background else 1):
            return
        if is_background:
            raise Busy(
                f"{len(same)} commands run in the background already.", hint="Stop one of them."
            )
        raise Busy(f"`{same[0].line}` is still running.", hint="Wait for its end, or stop it.")

    async def _begin(
        self, live: _Live, invocation: Invocation, environment: Environment, program: Path
    ) -> None:
        run = live.run
        cache = self._folder / "cache"
        try:
            home = _prepare(self._work(run.id), invocation.files)
            cache.mkdir(parents=True, exist_ok=True, mode=0o700)
            recorder = Recorder(self._path(run.id), invocation.filters, self._limits)
        except OSError as error:
            raise StoreUnavailable(
                f"The lab cannot write its files: {error.strerror}.",
                hint=f"Is there room, and may {self._folder} be written?",
            ) from error
        env = variables(environment, invocation.argv[0], home=home, cache=cache)
        argv = [str(program), *invocation.argv[1:]]
        try:
            await self._rows.add(run)
            child = await self._runner.start(argv, env, self._work(run.id))
        except BaseException:
            recorder.close()
            shutil.rmtree(self._work(run.id), ignore_errors=True)
            with suppress(StoreUnavailable):  # then the next start will find it
                await self._rows.end(replace(run, state="interrupted", ended=now()))
            raise
        live.recorder, live.child = recorder, child
        with suppress(StoreUnavailable):  # it only helps the next start to find an orphan
            await self._rows.set_process(run.id, child.pid, child.pid_started)

    async def _record(self, live: _Live, timeout_s: float) -> None:
        assert live.child is not None
        assert live.recorder is not None
        try:
            code = await live.recorder.record(live.child, timeout_s)
        finally:
            self._runner.forget(live.child)
            shutil.rmtree(self._work(live.run.id), ignore_errors=True)
        live.run = replace(
            live.run,
            state=live.recorder.state,
            ended=now(),
            code=code,
            lines=live.recorder.count,
        )
        try:
            await self._rows.end(live.run)
        except StoreUnavailable as error:
            live.recorder.note(f"How this ended could not be recorded. {error}")
        if live.recorder.unsaved:
            self._unsaved[live.run.id] = live.recorder.unsaved
        del self._live[live.run.id]
        live.recorder.close()
        self.on_change(live.run)

    async def _end(self, live: _Live, state: State, text: str, grace_s: float = GRACE_S) -> None:
        if live.recorder and live.child and live.task:
            live.recorder.ending = live.recorder.ending or (state, text)
            await live.child.stop(grace_s)
            await asyncio.wait([live.task])

    def _longest(self, run: Run) -> float:
        return self._limits.background_s if run.is_background else self._limits.foreground_s

    def _as_it_stands(self, run: Run) -> Run:
        live = self._live.get(run.id)
        count = live.recorder.count if live and live.recorder else run.lines
        return replace(live.run, lines=count) if live else run

    def _unsaved_of(self, id: str) -> list[Line]:
        live = self._live.get(id)
        return live.recorder.unsaved if live and live.recorder else self._unsaved.get(id, [])

    def _path(self, id: str) -> Path:
        return self._folder / "lines" / f"{id}.jsonl"

    def _work(self, id: str) -> Path:
        return self._folder / "work" / id


def _prepare(folder: Path, files: Mapping[str, str]) -> Path:
    """Make a run's own folder with the manifests in it, read-only; return its home."""
    home = folder / "home"
    home.mkdir(parents=True, mode=0o700)
    for name, text in files.items():
        path = (folder / name).resolve()
        if not path.is_relative_to(folder.resolve()):
            raise PermissionError(1, f"{name} would lie outside the run's folder")
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.write_text(text)
        path.chmod(0o400)
    return home


def _note(path: Path, text: str) -> int:
    """Add a line of the lab's own to a run that is over; return how many there are."""
    writer = LineWriter(path)
    writer.add([Line(writer.count + 1, "note", 0.0, text)])
    writer.close()
    return writer.count
