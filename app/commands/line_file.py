"""A run's lines on disk: one JSON array a line, only added to, read by any number of readers."""

import json
from collections.abc import Sequence
from contextlib import suppress
from io import FileIO
from pathlib import Path

from app.commands.model import Line


class LineWriter:
    """Adds lines to a file. Raises, all of it: OSError where the disk takes none."""

    def __init__(self, path: Path) -> None:
        self.count = 0
        self.size_bytes = 0
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        is_torn = path.exists() and path.read_bytes()[-1:] not in (b"", b"\n")
        if path.exists():
            self.count = max((line.number for line in LineReader(path).read(None)), default=0)
        self._file: FileIO = path.open("ab", buffering=0)
        if is_torn:  # the site was killed in the middle of a line
            self._file.write(b"\n")
        self._end = path.stat().st_size

    def add(self, lines: Sequence[Line]) -> None:
        """Add all of these lines, or none; they can be read at once."""
        rows = [[line.stream, line.number, line.at_s, line.text] for line in lines]
        data = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        raw = data.encode(errors="replace")
        try:
            self._write(raw)
        except OSError:  # a full disk takes a part: its lines would count twice
            with suppress(OSError):
                self._file.truncate(self._end)
            raise
        self._end += len(raw)
        self.size_bytes += len(raw)
        self.count += len(lines)

    def _write(self, raw: bytes) -> None:
        rest = memoryview(raw)
        while rest:
            rest = rest[self._file.write(rest) :]

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()


class LineReader:
    """Reads a file on from where it stopped; a line that is not yet whole is left for later."""

    def __init__(self, path: Path, after: int = 0) -> None:
        self._path = path
        self._after = after
        self._to_skip = after  # a line's number is never above its place in the file
        self._offset = 0

    def read(self, limit: int | None) -> list[Line]:
        """Return the next lines, at most `limit`; none where there are none yet."""
        lines: list[Line] = []
        try:
            with self._path.open("rb") as file:
                file.seek(self._offset)
                for raw in file:
                    if not raw.endswith(b"\n"):
                        break
                    self._offset += len(raw)
                    if self._to_skip:  # without parsing: a page wants the last of 100,000
                        self._to_skip -= 1
                        continue
                    lines += [line for line in _parsed(raw) if line.number > self._after]
                    if limit is not None and len(lines) >= limit:
                        break
        except FileNotFoundError:
            return []
        return lines


def _parsed(raw: bytes) -> list[Line]:
    """Return the line; none where it was torn by a crash."""
    try:
        stream, number, at_s, text = json.loads(raw)
        return [Line(number, stream, at_s, text)]
    except (ValueError, TypeError):
        return []
