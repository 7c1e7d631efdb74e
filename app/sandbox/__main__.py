"""`python -m app.sandbox FOLDER [--lease-s N]`: one sandbox, until it is told to end.

Prints one line of JSON (what `state.json` holds) once it can be used. Exit statuses: 0 ended as
asked, 3 something that it needs is out of reach, 4 one runs in this folder already.
"""

import argparse
import asyncio
import gc
import json
import logging
import os
import signal
import sys
from contextlib import suppress
from pathlib import Path

from app.errors import AppError, Refused
from app.sandbox.life import alone_in, detach, tell_state, until_lease_ends

GARBAGE = 10_000  # new objects between two collections; an answer alone makes hundreds


def main() -> int:
    """Run until SIGTERM, SIGINT or the end of the lease; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m app.sandbox", description=__doc__)
    parser.add_argument("folder", type=Path, help="where its state is kept")
    parser.add_argument("--lease-s", type=float, default=0.0, help="end unless renewed; 0: never")
    parser.add_argument("--pace", type=float, default=1.0, help="scale of back-off times")
    parser.add_argument("--detach", action="store_true", help="return once it can be used")
    asked = parser.parse_args()
    ready = detach(asked.folder / "log") if asked.detach else sys.stdout.fileno()
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(name)s %(message)s")
    try:
        with alone_in(asked.folder):
            asyncio.run(_run(asked.folder.absolute(), asked.lease_s, asked.pace, ready))
    except AppError as error:
        sys.stderr.write(f"{error} {error.hint}".strip() + "\n")
        return 4 if isinstance(error, Refused) else 3
    return 0


async def _run(folder: Path, lease_s: float, pace: float, ready: int) -> None:
    gc.disable()  # a start makes much that stays, and hardly any garbage
    # After the fork, and without collections: both are a good part of the time that a start takes.
    from app.sandbox.assembly import open_sandbox

    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ended.set)
    async with open_sandbox(folder, pace=pace) as sandbox:
        state = {**sandbox.state(), "lease_s": lease_s}
        tell_state(folder, state)
        gc.freeze()  # what stays is not looked through again: that would hold answers up
        gc.set_threshold(GARBAGE)
        gc.enable()
        with suppress(BrokenPipeError):  # who started it may have left; the lease decides
            os.write(ready, json.dumps(state).encode() + b"\n")
        if ready != sys.stdout.fileno():
            os.close(ready)
        waits = [
            asyncio.create_task(ended.wait()),
            asyncio.create_task(until_lease_ends(folder, lease_s)),
        ]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
            await asyncio.gather(*waits, return_exceptions=True)


if __name__ == "__main__":
    sys.exit(main())
