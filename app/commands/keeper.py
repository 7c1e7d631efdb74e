"""A small process that ends what the site started, should the site itself be killed.

It reads `+GROUP` and `-GROUP` lines; when the lines end, the groups still known are killed.
It runs by itself (`python keeper.py`) and imports nothing of the app, so that it starts in no time.
"""

import os
import signal
import sys
import time
from collections.abc import Iterable

GRACE_S = 1.0  # between the request to end and the end


def watch(lines: Iterable[str]) -> set[int]:
    """Return the process groups that are left when the lines end."""
    groups: set[int] = set()
    for line in lines:
        sign, number = line[:1], line[1:].strip()
        if number.isdigit():
            (groups.add if sign == "+" else groups.discard)(int(number))
    return groups


def end(groups: Iterable[int], number: int) -> None:
    """Send a signal to each group that is still there."""
    for group in groups:
        try:
            os.killpg(group, number)
        except (ProcessLookupError, PermissionError):
            continue


def main() -> None:
    """Wait for the site to go; then end what it left."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    left = watch(sys.stdin)
    if left:
        end(left, signal.SIGTERM)
        time.sleep(GRACE_S)
        end(left, signal.SIGKILL)


if __name__ == "__main__":
    main()
