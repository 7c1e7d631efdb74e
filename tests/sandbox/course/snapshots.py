"""Sandboxes as they are where a part of the course begins: walked to once, then started from.

The test processes share the snapshots; each is made from the one before it.
"""

import fcntl
import json
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from duality import STEPS
from sandbox.course.page import opened
from walk import Walker
from walking import walking

from app.clusters.sandbox import NAME
from app.settings import Settings

PARTS = ("why-a-mesh", "canary", "timeouts-retries", "mtls", "ingress-gateway")
OBJECTS = "snapshot.json"  # what a sandbox writes when it ends, and begins with
CENSUS = "at-start.json"  # what was in the cluster before the first step


@dataclass(frozen=True)
class Snapshots:
    """The folder of all snapshots: one folder a part, named by its first lesson."""

    folder: Path

    async def of(self, lesson: str, room: Path) -> Path:
        """Return the snapshot of a part's beginning; `room` is where it may be made."""
        if lesson == PARTS[0]:
            return self.folder / lesson  # nothing to wait for: it begins with nothing
        with self._locked():
            return await self._before(lesson, room)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Have the folder for this process alone: another one may just make what is wanted."""
        self.folder.mkdir(exist_ok=True)
        with (self.folder / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    async def _before(self, lesson: str, room: Path) -> Path:
        wanted = self.folder / lesson
        if wanted.exists() or lesson == PARTS[0]:
            return wanted
        place = PARTS.index(lesson)
        earlier = PARTS[place - 1]
        start = await self._before(earlier, room)
        data = room / lesson
        async with standing(start, data) as walker:
            for each, step in STEPS[_first(earlier) : _first(lesson)]:
                async with opened(walker, each, step):
                    await walker.do(each, step)
            draft = room / f"{lesson}-kept"
            draft.mkdir()
            (draft / CENSUS).write_text(json.dumps(sorted(walker.tape.at_start)))
        shutil.copy(data / "sandbox" / OBJECTS, draft / OBJECTS)
        return draft.rename(wanted)


def _first(lesson: str) -> int:
    return [each.id for each, _ in STEPS].index(lesson)


@asynccontextmanager
async def standing(snapshot: Path, data: Path) -> AsyncIterator[Walker]:
    """Give a learner on a new sandbox that begins with a snapshot, afresh with an empty one."""
    (data / "sandbox").mkdir(parents=True, mode=0o700)
    if (snapshot / OBJECTS).exists():
        shutil.copy(snapshot / OBJECTS, data / "sandbox" / OBJECTS)
    settings = Settings(port=0, data_dir=data, context=NAME, kubeconfig=data / "none", sandbox=True)
    async with walking(settings) as walker:
        if (snapshot / CENSUS).exists():
            walker.tape.at_start = set(json.loads((snapshot / CENSUS).read_text()))
        yield walker
