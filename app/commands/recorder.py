"""One run under way: what its program says goes through redaction and filters into its file."""

import asyncio
from collections.abc import Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass
from pathlib import Path

from app.commands.filters import Pipeline
from app.commands.line_file import LineWriter
from app.commands.model import Filter, Line, State, Stream
from app.commands.redact import Redactor
from app.commands.runner import Child, Said


@dataclass(frozen=True)
class Limits:
    """How long a command may run and how much of it is kept; how many may run in the background."""

    foreground_s: float = 600.0
    background_s: float = 4 * 3600.0
    size_bytes: int = 32 * 1024 * 1024
    lines: int = 200_000
    background: int = 3


class Recorder:
    """Keeps one run's lines. `state`: how it ended; `moved`: set when there is more to read."""

    def __init__(self, path: Path, filters: Sequence[Filter], limits: Limits) -> None:
        self._writer = LineWriter(path)
        self._pipeline = Pipeline(filters)
        self._limits = limits
        self._redactors = {"out": Redactor(), "err": Redactor()}
        self._at_s = 0.0
        self.state: State = "running"
        self.unsaved: list[Line] = []
        self.ending: tuple[State, str] | None = None
        self.moved = asyncio.Event()

    @property
    def count(self) -> int:
        """How many lines there are."""
        return self._writer.count + len(self.unsaved)

    async def record(self, child: Child, timeout_s: float) -> int | None:
        """Keep what the child says; return its exit status, None where it was ended."""
        try:
            async with aclosing(child.said(timeout_s)) as batches:
                async for batch in batches:
                    self._keep(batch)
                    if self.ending is None:
                        self.ending = self._excess()
                    if self.ending or self._pipeline.is_done:
                        break
            self._add("out", self._pipeline.end())
        except OSError as error:
            self.ending = ("cut", f"Ended: its lines cannot be kept ({error.strerror}).")
        if child.is_timed_out:
            self.ending = ("timed-out", f"Ended after {timeout_s:.0f} s, the longest time for it.")
        return self._end(child.code)

    def note(self, text: str) -> None:
        """Add a line of the lab's own; where the disk takes none, it is kept in memory."""
        line = Line(self.count + 1, "note", self._at_s, text)
        try:
            self._writer.add([line])
        except OSError:
            self.unsaved.append(line)
        self._tell()

    def close(self) -> None:
        """Let go of the file; wakes those who follow."""
        with suppress(OSError):  # what could not be written has been said already
            self._writer.close()
        self._tell()

    def _keep(self, batch: Sequence[Said]) -> None:
        self._at_s = batch[-1].at_s
        stream = batch[0].stream
        texts = [self._redactors[stream].line(said.text) for said in batch]
        if stream == "out":
            texts = self._pipeline.feed(texts)
        self._add(stream, texts)

    def _add(self, stream: Stream, texts: Sequence[str]) -> None:
        if not texts:
            return
        room = max(self._limits.lines - self._writer.count, 0)
        first = self._writer.count + 1
        self._writer.add(
            [Line(first + i, stream, self._at_s, text) for i, text in enumerate(texts[:room])]
        )
        if len(texts) > room:
            self.ending = ("cut", f"Cut: {self._limits.lines} lines are kept of one command.")
        self._tell()

    def _excess(self) -> tuple[State, str] | None:
        if self._writer.size_bytes < self._limits.size_bytes:
            return None
        return ("cut", f"Cut: {self._limits.size_bytes} bytes are kept of one command.")

    def _end(self, code: int | None) -> int | None:
        if self.ending:
            self.state, text = self.ending
            self.note(text)
            return None
        self.state = "finished"
        return 0 if self._pipeline.is_done else code

    def _tell(self) -> None:
        """Wake everybody who waits, and let the next ones wait for a new event."""
        moved, self.moved = self.moved, asyncio.Event()
        moved.set()
