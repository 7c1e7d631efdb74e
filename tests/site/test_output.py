"""Whatever a program says or does, the page shows text, and the site goes on."""

import os
import signal

import psutil
from served import Bench, gone, lives
from visitor import Visitor

LESSON, STEP = "two-services", "deploy"
LINE = "kubectl get pods -n mesh-demo"


async def test_a_hundred_thousand_lines_arrive_and_the_page_shows_the_last(
    visitor: Visitor, shared_bench: Bench
) -> None:
    shared_bench.program("kubectl", "print('\\n'.join(f'line {n}' for n in range(100_000)))")
    run = await visitor.run(LESSON, STEP, line=LINE)
    lines = run.output.splitlines()
    assert (run.state, run.code, len(lines), lines[-1]) == ("finished", 0, 100_000, "line 99999")
    page = await visitor.page(f"/lessons/{LESSON}/{STEP}")
    assert "line 99999\n" in page
    assert "line 90000\n" not in page
    assert len(page) < 1_000_000


async def test_a_line_of_ten_mebibytes_is_cut_and_says_so(
    visitor: Visitor, shared_bench: Bench
) -> None:
    shared_bench.program("kubectl", "print('x' * 10 * 2**20); print('after')")
    run = await visitor.run(LESSON, STEP, line=LINE)
    long, after = run.output.splitlines()
    assert (run.state, after) == ("finished", "after")
    assert len(long) < 70_000
    assert long.endswith("(the rest of this line is left out)")


async def test_binary_output_is_text_in_the_page(visitor: Visitor, shared_bench: Bench) -> None:
    shared_bench.program("kubectl", "os.write(1, bytes(range(256)) * 4 + b'\\nend\\n')")
    run = await visitor.run(LESSON, STEP, line=LINE)
    assert run.output.endswith("end\n")
    assert not {c for c in run.output if ord(c) < 32} - {"\n", "\t"}
    assert "end\n" in await visitor.page(f"/runs/{run.id}")


async def test_escapes_and_markup_are_text_in_the_page(
    visitor: Visitor, shared_bench: Bench
) -> None:
    text = "\x1b[31mred\x1b[0m \x1b]0;title\x07<script>alert(1)</script>"
    shared_bench.program("kubectl", f"print({text!r})")
    run = await visitor.run(LESSON, STEP, line=LINE)
    assert run.output == "red <script>alert(1)</script>\n"
    for path in (f"/runs/{run.id}", f"/lessons/{LESSON}/{STEP}"):
        page = await visitor.page(path)
        assert "red &lt;script&gt;alert(1)&lt;/script&gt;" in page
        assert "<script>alert" not in page
    async with visitor.stream(LESSON, STEP, read=f"{run.id}:0") as stream:
        event = await stream.until("lines", "alert")
        assert "<script>alert" not in event.data


async def test_a_killed_program_is_said_with_its_signal(
    visitor: Visitor, shared_bench: Bench
) -> None:
    shared_bench.program("kubectl", "print('begun'); os.kill(os.getpid(), 9)")
    run = await visitor.run(LESSON, STEP, line=LINE)
    assert (run.state, run.output.splitlines()[0]) == ("finished", "begun")
    assert "ended by SIGKILL" in await visitor.page(f"/runs/{run.id}")


async def test_the_stop_button_ends_a_program_and_its_children(
    visitor: Visitor, shared_bench: Bench
) -> None:
    text = "child = os.fork()\nif child: print(child)\ntime.sleep(60)"
    shared_bench.program("kubectl", text)
    run = await visitor.run(LESSON, STEP, line=LINE, wait=False)
    async with visitor.stream(LESSON, STEP, read=f"{run.id}:0") as stream:
        seen = await stream.until("lines", rf"lines-{run.id}")
        pid = int(seen.data.split('data-n="1">')[1].split("\n")[0])
        child = psutil.Process(pid)
        await visitor.stop(run.id)
        await stream.until("run", "is-stopped")
    assert await gone([child]) == []


async def test_a_program_that_ends_leaves_no_child_behind(
    visitor: Visitor, shared_bench: Bench
) -> None:
    text = "child = os.fork()\nif child: print(child)\nelse: time.sleep(60)"
    shared_bench.program("kubectl", text)
    run = await visitor.run(LESSON, STEP, line=LINE)
    pid = int(run.output)
    try:
        assert (run.state, lives(pid)) == ("finished", False)
    finally:
        if lives(pid):
            os.kill(pid, signal.SIGKILL)
