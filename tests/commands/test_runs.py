"""A run belongs to the site: it is stored, followed, stopped, limited and recovered."""

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from app.commands.environment import variables
from app.commands.model import Environment, Filter, Invocation, Line, Run
from app.commands.recorder import Limits
from app.commands.runner import Runner
from app.commands.runs import Runs
from app.errors import Busy, NotFound, StoreUnavailable, ToolMissing
from app.store.engine import Store

Program = Callable[..., Invocation]
FOREVER = "import time; print('up', flush=True); time.sleep(60)"


async def begin(
    runs: Runs,
    environment: Environment,
    invocation: Invocation,
    learner: str = "owner",
    background: bool = False,
    timeout_s: float | None = None,
) -> Run:
    return await runs.start(
        learner, "split", "apply", "", invocation, environment, background, timeout_s=timeout_s
    )


async def everything(runs: Runs, id: str, after: int = 0) -> list[Line]:
    return [line async for batch in runs.follow(id, after) for line in batch]


async def ended(runs: Runs, run: Run) -> tuple[Run, list[str]]:
    lines = await everything(runs, run.id)
    return await runs.get(run.learner, run.id), [line.text for line in lines]


async def is_up(runs: Runs, id: str) -> None:
    async for _ in runs.follow(id):
        return


async def test_lines_are_numbered_and_both_streams_are_told_apart(
    runs: Runs, environment: Environment, program: Program
) -> None:
    run = await begin(
        runs, environment, program("import sys; print('a'); print('b', file=sys.stderr)")
    )
    lines = await everything(runs, run.id)
    assert {(line.stream, line.text) for line in lines} == {("out", "a"), ("err", "b")}
    assert [line.number for line in lines] == [1, 2]


async def test_a_finished_run_has_its_exit_status(
    runs: Runs, environment: Environment, program: Program
) -> None:
    run, _ = await ended(runs, await begin(runs, environment, program("raise SystemExit(3)")))
    assert (run.state, run.code, run.is_over) == ("finished", 3, True)


async def test_a_second_reader_resumes_after_the_line_it_saw(
    runs: Runs, environment: Environment, program: Program
) -> None:
    run = await begin(runs, environment, program("for n in range(5): print(n)"))
    await everything(runs, run.id)
    assert [line.text for line in await everything(runs, run.id, after=3)] == ["3", "4"]
    assert [line.text for line in runs.lines(run.id, after=1, limit=2)] == ["1", "2"]


async def test_stop_ends_the_whole_group(
    runs: Runs, environment: Environment, program: Program
) -> None:
    text = (
        "import subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        "print(child.pid, flush=True)\ntime.sleep(60)"
    )
    run = await begin(runs, environment, program(text))
    async for batch in runs.follow(run.id):
        grandchild = int(batch[0].text)
        break
    await runs.stop("owner", run.id)
    run, lines = await ended(runs, run)
    assert (run.state, run.code, lines[-1]) == ("stopped", None, "Stopped.")
    assert not _lives(grandchild)


async def test_a_program_that_ignores_the_request_to_end_is_killed(
    runs: Runs, environment: Environment, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.commands.runs.GRACE_S", 0.1)
    text = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {FOREVER}"
    run = await begin(runs, environment, program(text))
    await is_up(runs, run.id)
    await runs._end(runs._live[run.id], "stopped", "Stopped.", 0.1)
    assert (await runs.get("owner", run.id)).state == "stopped"


async def test_the_time_limit_ends_a_run_and_says_so(
    runs: Runs, environment: Environment, program: Program
) -> None:
    run = await begin(runs, environment, program(FOREVER), timeout_s=0.3)
    run, lines = await ended(runs, run)
    assert run.state == "timed-out"
    assert "the longest time" in lines[-1]


async def test_a_child_left_behind_does_not_hold_the_run_open(
    runs: Runs, environment: Environment, program: Program
) -> None:
    text = (
        "import subprocess, sys\n"
        "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\nprint('gone')"
    )
    run, lines = await ended(runs, await begin(runs, environment, program(text)))
    assert (run.state, lines) == ("finished", ["gone"])


async def test_output_beyond_the_limits_is_cut(
    store: Store, runner: Runner, environment: Environment, program: Program, tmp_path: Path
) -> None:
    for limits in (Limits(lines=10), Limits(size_bytes=1000)):
        async with Runs(store, runner, tmp_path / str(limits.lines), limits=limits) as runs:
            text = "while True: print('x' * 50)"
            run, lines = await ended(runs, await begin(runs, environment, program(text)))
            assert run.state == "cut"
            assert lines[-1].startswith("Cut: ")
            if limits.lines == 10:
                assert len(lines) == 11


async def test_filters_apply_to_what_is_said_but_not_to_errors(
    runs: Runs, environment: Environment, program: Program
) -> None:
    text = "import sys\nfor n in range(20): print(n)\nprint('trouble', file=sys.stderr)"
    grep, count = Filter("grep", text="1"), Filter("wc")
    _, lines = await ended(runs, await begin(runs, environment, program(text, grep, count)))
    assert sorted(lines) == ["11", "trouble"]


async def test_head_ends_an_endless_command(
    runs: Runs, environment: Environment, program: Program
) -> None:
    text = "while True: print('x')"
    run, lines = await ended(
        runs, await begin(runs, environment, program(text, Filter("head", count=2)))
    )
    assert (run.state, run.code, lines) == ("finished", 0, ["x", "x"])


async def test_one_command_runs_in_front_and_three_behind(
    runs: Runs, environment: Environment, program: Program
) -> None:
    await begin(runs, environment, program(FOREVER))
    with pytest.raises(Busy):
        await begin(runs, environment, program(FOREVER))
    for _ in range(3):
        await begin(runs, environment, program(FOREVER), background=True)
    with pytest.raises(Busy):
        await begin(runs, environment, program(FOREVER), background=True)
    await begin(runs, environment, program(FOREVER), learner="other")
    assert len(await runs.active("owner")) == 4


async def test_another_learner_s_run_is_not_found(
    runs: Runs, environment: Environment, program: Program
) -> None:
    run = await begin(runs, environment, program(FOREVER))
    with pytest.raises(NotFound):
        await runs.get("other", run.id)
    with pytest.raises(NotFound):
        await runs.stop("other", run.id)


async def test_a_missing_program_is_named(
    runs: Runs, environment: Environment, program: Program
) -> None:
    missing = replace(environment, programs={"kubectl": Path("/nowhere/kubectl")})
    with pytest.raises(ToolMissing, match="kubectl"):
        await begin(runs, missing, program(""))
    assert await runs.active("owner") == []


async def test_a_run_that_cannot_be_recorded_does_not_start(
    runs: Runs, environment: Environment, program: Program, tmp_path: Path
) -> None:
    with pytest.raises(StoreUnavailable):
        await begin(runs, environment, program("open('ran', 'w')"), learner="nobody")
    assert await runs.active("nobody") == []
    assert list((tmp_path / "runs" / "work").iterdir()) == []


async def test_leaving_the_site_interrupts_runs_and_says_so(
    store: Store, runner: Runner, environment: Environment, program: Program, tmp_path: Path
) -> None:
    changed: list[Run] = []
    async with Runs(store, runner, tmp_path / "runs", on_change=changed.append) as runs:
        run = await begin(runs, environment, program(FOREVER))
    assert [one.state for one in changed] == ["running", "interrupted"]
    assert runs.lines(run.id)[-1].text == "The lab stopped."


async def test_a_full_disk_ends_the_run_with_a_note(
    runs: Runs, environment: Environment, program: Program
) -> None:
    class Full:
        def write(self, data: bytes) -> int:
            raise OSError(28, "No space left on device")

        def truncate(self, size: int) -> None:
            return None

        def close(self) -> None:
            return None

    run = await begin(runs, environment, program("print('x', flush=True); " + FOREVER))
    recorder = runs._live[run.id].recorder
    assert recorder is not None
    recorder._writer._file.close()
    recorder._writer._file = Full()  # type: ignore[assignment]
    run, lines = await ended(runs, run)
    assert run.state == "cut"
    assert "No space left" in lines[-1]


async def test_the_prompt_remembers_typed_lines_once(
    runs: Runs, environment: Environment, program: Program
) -> None:
    for line in ("kubectl get pods", "kubectl get ns", "kubectl get pods"):
        await ended(runs, await begin(runs, environment, replace(program(""), display=line)))
    assert await runs.history("owner") == ["kubectl get ns", "kubectl get pods"]
    assert [run.line for run in await runs.recent("owner", "split", "apply")][1] == "kubectl get ns"


async def test_manifests_lie_read_only_beside_the_program(
    runs: Runs, environment: Environment, program: Program
) -> None:
    text = "import os; print(open('a.yaml').read(), oct(os.stat('a.yaml').st_mode)[-3:])"
    run, lines = await ended(
        runs, await begin(runs, environment, program(text, files={"a.yaml": "kind: A"}))
    )
    assert (lines, run.code) == (["kind: A 400"], 0)


async def test_a_manifest_s_name_cannot_leave_the_run_s_folder(
    runs: Runs, environment: Environment, program: Program
) -> None:
    with pytest.raises(StoreUnavailable):
        await begin(runs, environment, program("", files={"../../a.yaml": "x"}))


async def test_a_program_sees_nothing_of_the_site_s_environment(
    runs: Runs, environment: Environment, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy:3128")
    monkeypatch.setenv("KUBECTL_EXTERNAL_DIFF", "sh")
    run = await begin(runs, environment, program("import os; print(*sorted(os.environ))"))
    _, lines = await ended(runs, run)
    known = variables(environment, "kubectl", home=Path("x"), cache=Path("x"))
    assert set(lines[0].split()) <= {"LC_CTYPE", *known}


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    with open(f"/proc/{pid}/stat") as stat:
        return stat.read().rpartition(")")[2].split()[0] != "Z"
