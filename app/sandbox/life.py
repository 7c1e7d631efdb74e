"""How long a sandbox lives: one in a folder, its lease, and the page that says where it is.

The folder's files are all that its owner needs (see app/clusters/sandbox.py):
`lock` is held while one runs; `state.json` says where it is; touching `lease` renews it;
SIGTERM to the pid ends it, with its state kept in `snapshot.json`.
"""

import asyncio
import fcntl
import json
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TextIO

from app.errors import Refused
from app.sandbox.objects import Obj

TOLD = 600  # characters of its log that are told where it did not start
LOOKS = 30  # times 10 ms
LOOK_S = 15.0  # how often the lease is looked at: late by this much at the most


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Hold the folder for one sandbox. Raises: Refused where one runs there already."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with open(os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600), "w") as lock:
        _take(lock)
        try:
            yield
        finally:
            (folder / "state.json").unlink(missing_ok=True)


def _take(lock: TextIO) -> None:
    """Lock the file; somebody who only looks whether it is locked holds it for a moment."""
    for patience in range(LOOKS, -1, -1):
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if not patience:
                raise Refused("A sandbox runs in this folder already.") from error
            time.sleep(0.01)
        else:
            return


def detach(log: Path) -> int:
    """Go on in a process of its own, without a terminal; return where to say that all is ready.

    The process that was called prints what is said there, and ends: with status 0 where something
    was said, else with 3 and the end of the log. Call it before any thread or loop exists.
    """
    reading, writing = os.pipe()
    if os.fork():
        os.close(writing)
        with open(reading) as pipe:
            line = pipe.read()
        sys.stdout.write(line or log.read_text(errors="replace")[-TOLD:])
        sys.stdout.flush()
        os._exit(0 if line else 3)
    os.close(reading)
    os.setsid()
    log.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    to = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for number, source in ((0, nothing), (1, to), (2, to)):
        os.dup2(source, number)
    return writing


def tell_state(folder: Path, state: Obj) -> None:
    """Write where the sandbox is, at once and whole. Shape: {pid, kubeconfig, release, ...}."""
    write_whole(folder / "state.json", json.dumps(state).encode())


def write_whole(file: Path, content: bytes) -> None:
    """Put a file in place at once, readable by this account alone."""
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as opened:
        opened.write(content)
    draft.replace(file)


async def until_lease_ends(folder: Path, lease_s: float) -> None:
    """Return once nobody has touched the lease for `lease_s`; never where that is 0."""
    lease = folder / "lease"
    lease.touch(mode=0o600)
    while lease_s:
        renewed = 0.0
        with suppress(FileNotFoundError):
            renewed = lease.stat().st_mtime
        left = renewed + lease_s - time.time()
        if left <= 0:
            return
        await asyncio.sleep(min(left, LOOK_S))
    await asyncio.Event().wait()
