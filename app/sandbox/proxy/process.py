"""Processes that end with their owner, whatever kills it."""

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

# Where no signal comes with the parent's death: the shell holds the read end of a pipe whose other
# end only the owner has. When that end closes, the child is killed. `wait` gives its exit code on.
# A signal that comes before the child has a number is remembered, and handed on once it has one.
GUARD = """
child= stop=
trap 'stop=1; [ -z "$child" ] || kill -15 $child' TERM
exec 3<&0 </dev/null
"$@" 3<&- & child=$!
[ -z "$stop" ] || kill -15 $child
exec 2>/dev/null
{ read -r _ <&3; kill -9 $child; } >/dev/null 2>&1 & watch=$!
wait $child; code=$?
while kill -0 $child 2>/dev/null; do wait $child; code=$?; done
kill -9 $watch 2>/dev/null
exit $code
"""
PR_SET_PDEATHSIG = 1
PRIVATE = 0o077  # what it writes and listens on is this account's alone


def spawn(
    argv: Sequence[str],
    *,
    folder: Path,
    env: Mapping[str, str],
    output: int,
    has_death_signal: bool = sys.platform == "linux",
) -> tuple[subprocess.Popen[bytes], Callable[[], None]]:
    """Return a process, and what to call when it has ended.

    `output` is the descriptor of its standard output and error. It is killed when this process
    ends, also by SIGKILL: by the kernel where that has a signal for it (Linux), else by a guard
    that reads a pipe. Raises: OSError.
    """
    if has_death_signal:
        return _with_death_signal(argv, folder, env, output), lambda: None
    reading, writing = os.pipe()
    try:
        process = subprocess.Popen(
            ["/bin/sh", "-c", GUARD, "guard", *argv],
            cwd=folder,
            env=dict(env),
            stdin=reading,
            stdout=output,
            stderr=output,
            start_new_session=True,
            umask=PRIVATE,
        )
    except OSError:
        os.close(writing)
        raise
    finally:
        os.close(reading)
    return process, lambda: os.close(writing)


def _with_death_signal(
    argv: Sequence[str], folder: Path, env: Mapping[str, str], output: int
) -> subprocess.Popen[bytes]:
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    owner = os.getpid()

    def before_exec() -> None:
        prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != owner:  # it died before the signal was asked for
            os._exit(1)

    return subprocess.Popen(
        list(argv),
        cwd=folder,
        env=dict(env),
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=output,
        preexec_fn=before_exec,
        start_new_session=True,
        umask=PRIVATE,
    )
