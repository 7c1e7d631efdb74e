"""A start after a crash ends what was left, and nothing else."""

import asyncio
import signal
import subprocess
import sys
from pathlib import Path

from app.commands.model import Run
from app.commands.orphans import end_process, start_time
from app.commands.run_rows import RunRows, now
from app.commands.runner import Runner
from app.commands.runs import Runs
from app.store.engine import Store

FOREVER = "import time; time.sleep(60)"


async def test_after_a_kill_the_next_start_ends_the_orphan(
    store: Store, runs: Runs, runner: Runner, tmp_path: Path
) -> None:
    child = await runner.start([sys.executable, "-c", FOREVER], {}, tmp_path)
    run = Run("1", "owner", "split", "apply", "kubectl get", False, "running", now(), None, None, 0)
    rows = RunRows(store)
    await rows.add(run)
    await rows.set_process("1", child.pid, child.pid_started)
    await runs.recover()
    async with asyncio.timeout(5):
        await child._process.wait()
    run = await runs.get("owner", "1")
    assert (child.code, run.state, run.lines) == (-signal.SIGKILL, "interrupted", 1)
    assert runs.lines("1")[0].stream == "note"


async def test_a_stranger_with_an_orphan_s_number_is_left_alone(
    store: Store, runs: Runs, runner: Runner, tmp_path: Path
) -> None:
    child = await runner.start([sys.executable, "-c", FOREVER], {}, tmp_path)
    run = Run("1", "owner", "split", "apply", "kubectl get", False, "running", now(), None, None, 0)
    rows = RunRows(store)
    await rows.add(run)
    await rows.set_process("1", child.pid, "another time")
    await runs.recover()
    assert child.code is None


async def test_who_has_ended_and_is_not_reaped_is_not_waited_for() -> None:
    argv = [sys.executable, "-c", FOREVER]
    with subprocess.Popen(argv) as child:  # noqa: ASYNC220 - asyncio itself would reap it
        async with asyncio.timeout(5):  # nobody reaps the child before the block ends
            await end_process(child.pid, start_time(child.pid), 1.0)
    assert child.returncode == -signal.SIGTERM
