"""A run belongs to the site: tabs, browsers and clusters come and go."""

import re

import pytest
from empty_cluster import EmptyCluster
from served import Bench
from visitor import Refused, Stream, Visitor

LESSON, STEP = "two-services", "deploy"
LINE = "kubectl get pods -n mesh-demo"
NUMBER = re.compile(r'data-n="(\d+)">(.*)\n')


def slowly(count: int) -> str:
    """A program that says so many lines, and goes on only when the file `go` is beside it."""
    return (
        "go = os.path.join(os.path.dirname(__file__), 'go')\n"
        f"for n in range(1, {count} + 1):\n"
        "    print(f'says {n}')\n"
        f"    while n == {count // 2} and not os.path.exists(go): time.sleep(0.02)\n"
    )


def say_the_rest(bench: Bench) -> None:
    """Let `slowly` go on."""
    (bench.folder / "bin" / "go").touch()


async def lines(stream: Stream, run: str, last: int) -> tuple[dict[int, str], str]:
    """Read up to that line: {number: text} and the id of the last event; none comes twice."""
    seen: dict[int, str] = {}
    id = ""
    async for event in stream.events:
        id = event.id
        if f"lines-{run}" not in event.data:
            continue
        for number, text in NUMBER.findall(event.data):
            assert int(number) not in seen, f"line {number} came twice"
            seen[int(number)] = text
        if last in seen:
            break
    return seen, id


async def test_two_tabs_see_the_same_run_and_nothing_twice(
    visitor: Visitor, shared_bench: Bench
) -> None:
    (shared_bench.folder / "bin" / "go").unlink(missing_ok=True)
    shared_bench.program("kubectl", slowly(40))
    async with visitor.stream(LESSON, STEP) as left, visitor.stream(LESSON, STEP) as right:
        await left.until("step")
        await right.until("step")
        run = await visitor.run(LESSON, STEP, line=LINE, wait=False)
        say_the_rest(shared_bench)
        seen = [(await lines(tab, run.id, 40))[0] for tab in (left, right)]
        for tab in (left, right):
            await tab.until("run", rf'is-finished[^"]*" id="head-{run.id}"')
    assert seen[0] == seen[1] == {n: f"says {n}" for n in range(1, 41)}


async def test_a_browser_that_comes_back_gets_exactly_the_lines_that_it_lacks(
    visitor: Visitor, shared_bench: Bench
) -> None:
    (shared_bench.folder / "bin" / "go").unlink(missing_ok=True)
    shared_bench.program("kubectl", slowly(40))
    run = await visitor.run(LESSON, STEP, line=LINE, wait=False)
    async with visitor.stream(LESSON, STEP, read=f"{run.id}:0") as stream:
        before, last_id = await lines(stream, run.id, 20)
    assert f"{run.id}:20" in last_id
    say_the_rest(shared_bench)
    async with visitor.stream(LESSON, STEP, read=last_id) as stream:
        after, _ = await lines(stream, run.id, 40)
        await stream.until("run", "is-finished")
    assert sorted(before) == list(range(1, 21))
    assert sorted(after) == list(range(21, 41))


async def test_a_second_command_waits_for_the_first_and_says_so(
    visitor: Visitor, shared_bench: Bench
) -> None:
    shared_bench.program("kubectl", "print('up')\ntime.sleep(60)")
    run = await visitor.run(LESSON, STEP, line=LINE, wait=False)
    with pytest.raises(Refused, match=r"409: .*still running"):
        await visitor.run(LESSON, STEP, line=LINE, wait=False)
    await visitor.stop(run.id)


async def test_a_cluster_that_stops_in_the_middle_of_a_run_does_not_stop_the_run(
    visitor: Visitor, shared_bench: Bench, shared_cluster: EmptyCluster
) -> None:
    (shared_bench.folder / "bin" / "go").unlink(missing_ok=True)
    shared_bench.program(
        "kubectl", slowly(4) + "print('no route to host', file=sys.stderr)\nsys.exit(1)"
    )
    run = await visitor.run(LESSON, STEP, line=LINE, wait=False)
    async with visitor.stream(LESSON, STEP, read=f"{run.id}:0") as stream:
        await lines(stream, run.id, 2)
        await shared_cluster.stop()
        say_the_rest(shared_bench)
        ended = await stream.until("run", rf'(?s)id="head-{run.id}".*exit 1')
    assert "is-finished" in ended.data
