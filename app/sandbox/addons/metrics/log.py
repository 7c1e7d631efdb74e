"""The file in which a proxy records its requests, read as it grows and kept small."""

import json
import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from app.sandbox.istiod.envoy.logs import RECORDS
from app.sandbox.objects import Json, Obj, text

BIG = 1 << 20  # bytes after which a file is emptied: istiod does so at four times as many
CHUNK = 256 << 10  # bytes that are read at once
LONGEST_HOST, LONGEST_ID = 253, 64  # characters: both are what anybody sends


@dataclass(frozen=True, slots=True)
class Record:
    """One request, or one TCP connection (`code` 0, no method), as a proxy saw it.

    `workload` says who answered (`name;namespace;app;version;cluster`), `id` is the request's own
    on both of its sides; `client` and `server` are proved identities.
    """

    is_outbound: bool
    at: float
    duration_ms: float
    code: int
    flags: str
    method: str
    host: str
    protocol: str
    received: int
    sent: int
    cluster: str
    workload: str
    client: str
    server: str
    id: str


def read(line: bytes) -> Record | None:
    """Return the record of a line; None where it is none."""
    try:
        said: Json = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(said, dict) or text(said, "direction") not in ("inbound", "outbound"):
        return None
    return Record(
        is_outbound=said["direction"] == "outbound",
        at=_number(said, "at"),
        duration_ms=_number(said, "ms"),
        code=int(_number(said, "code")),
        flags=text(said, "flags") or "-",
        method=text(said, "method"),
        host=text(said, "host")[:LONGEST_HOST],
        protocol=text(said, "protocol"),
        received=int(_number(said, "received")),
        sent=int(_number(said, "sent")),
        cluster=text(said, "cluster"),
        workload=text(said, "workload"),
        client=text(said, "client"),
        server=text(said, "server"),
        id=text(said, "id")[:LONGEST_ID],
    )


def _number(said: Obj, field: str) -> float:
    value = said.get(field)
    if isinstance(value, str):
        try:
            return float(value)
        except ValueError:
            return 0.0
    return float(value) if isinstance(value, int | float) else 0.0


class Tail:
    """Reads a proxy's records from where it was. The proxy goes on writing meanwhile."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / RECORDS
        self._at = 0
        self._partial = b""

    def next(self) -> list[Record]:
        """Return the records of the next piece of the file; none at its end."""
        try:
            with self.path.open("rb") as file:
                size = os.fstat(file.fileno()).st_size
                if size < self._at:  # somebody emptied it
                    self._at, self._partial = 0, b""
                file.seek(self._at)
                data = file.read(CHUNK)
        except OSError:
            return []
        self._at += len(data)
        if not data:
            self._empty(size)
            return []
        lines = (self._partial + data).split(b"\n")
        self._partial = lines.pop()[-CHUNK:]
        return [record for line in lines if (record := read(line))]

    def _empty(self, size: int) -> None:
        """Empty a big file that has been read. A line that is written just now is lost."""
        if size > BIG:
            with suppress(OSError):
                os.truncate(self.path, 0)
            self._at, self._partial = 0, b""
