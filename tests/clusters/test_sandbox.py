"""The embedded sandbox as a provider: started, taken over, ended, killed; and its lease."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import psutil
import pytest

from app.clusters.cluster import Output
from app.clusters.installed import InstalledPrograms
from app.clusters.sandbox import Running, SandboxProvider
from app.commands.runner import Runner
from app.errors import ClusterUnavailable

pytestmark = pytest.mark.sandbox

WAIT_S = 10.0


@pytest.fixture
async def runner() -> AsyncIterator[Runner]:
    async with Runner() as runner:
        yield runner


@pytest.fixture
async def provider(tmp_path: Path, runner: Runner) -> AsyncIterator[SandboxProvider]:
    made = SandboxProvider(tmp_path / "sandbox", runner)
    yield made
    await made.stop()


def where(provider: SandboxProvider) -> Running:
    running = provider.running()
    assert running
    return running


async def kubectl(provider: SandboxProvider, runner: Runner, *words: str) -> Output:
    programs = InstalledPrograms(runner, provider.environment())
    return await programs.run(["kubectl", *words], timeout_s=WAIT_S)


async def gone(pid: int) -> None:
    """Return once the process has ended; a zombie has."""
    await asyncio.to_thread(psutil.wait_procs, [psutil.Process(pid)], WAIT_S)
    assert not psutil.pid_exists(pid)


def has_ended(process: psutil.Process) -> bool:
    """Whether the process is over now; a zombie is, which init has not reaped yet."""
    try:
        return process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


async def test_a_started_sandbox_answers_and_keeps_its_objects_when_ended(
    provider: SandboxProvider, runner: Runner
) -> None:
    assert (await provider.state()).word == "down"
    with pytest.raises(ClusterUnavailable, match="not running"):
        provider.environment()
    await provider.start()
    assert (await provider.state()).word == "up"
    assert (await kubectl(provider, runner, "create", "namespace", "kept")).code == 0
    process = psutil.Process(where(provider).pid)
    await provider.stop()
    assert has_ended(process)
    assert provider.running() is None
    await provider.start()
    assert (await kubectl(provider, runner, "get", "namespace", "kept")).code == 0
    await provider.reset()
    await provider.start()
    assert "NotFound" in (await kubectl(provider, runner, "get", "namespace", "kept")).stderr


async def test_one_that_runs_is_taken_over_not_doubled(
    provider: SandboxProvider, runner: Runner, tmp_path: Path
) -> None:
    await provider.start()
    other = SandboxProvider(tmp_path / "sandbox", runner)
    await other.start()
    assert where(other).pid == where(provider).pid
    beside = SandboxProvider(tmp_path / "beside", runner)
    await beside.start()
    assert where(beside).pid != where(provider).pid
    assert where(beside).kubeconfig.read_text() != where(provider).kubeconfig.read_text()
    await beside.stop()
    assert provider.running()


async def test_who_leaves_while_it_starts_stops_nothing(
    provider: SandboxProvider, runner: Runner
) -> None:
    asking = asyncio.create_task(provider.start())
    await asyncio.sleep(0)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    await provider.start()
    assert (await kubectl(provider, runner, "get", "nodes")).code == 0


async def test_a_killed_sandbox_is_seen_to_be_gone_and_the_next_start_is_clean(
    provider: SandboxProvider, runner: Runner
) -> None:
    await provider.start()
    pid = where(provider).pid
    os.kill(pid, signal.SIGKILL)
    await gone(pid)
    assert provider.running() is None
    await provider.start()
    assert (await kubectl(provider, runner, "get", "nodes")).code == 0


async def test_a_lease_that_nobody_renews_ends_the_sandbox(tmp_path: Path, runner: Runner) -> None:
    leased = SandboxProvider(tmp_path / "sandbox", runner, lease_s=0.5)
    await leased.start()
    await gone(where(leased).pid)
    assert leased.running() is None


async def test_what_keeps_it_from_starting_is_told(tmp_path: Path, runner: Runner) -> None:
    folder = tmp_path / "sandbox"
    folder.mkdir()
    (folder / "release").write_text("in the way")
    with pytest.raises(ClusterUnavailable, match="did not start"):
        await SandboxProvider(folder, runner).start()


async def test_its_files_are_for_this_account_alone(provider: SandboxProvider) -> None:
    await provider.start()
    folder = where(provider).kubeconfig.parent
    await provider.stop()
    modes = {path.name: path.stat().st_mode & 0o077 for path in (folder, *folder.glob("*"))}
    modes.pop("release")  # programs, which hold no secret
    assert set(modes.values()) == {0}, modes
