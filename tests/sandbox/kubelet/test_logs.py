"""A container's log: bounded, followed, cut as kubectl asks."""

import asyncio
import re

from app.sandbox.kubelet.logs import MOST_BYTES, MOST_LINES, Log


async def read(log: Log, **how: object) -> list[bytes]:
    return [line async for line in log.read(**how)]  # type: ignore[arg-type]


async def test_the_last_lines_are_given() -> None:
    log = Log()
    for number in range(5):
        log.write(f"line {number}")
    assert await read(log, tail=2) == [b"line 3\n", b"line 4\n"]
    assert await read(log, tail=0) == []
    assert len(await read(log, since_s=60)) == 5
    assert await read(log, since_s=0) == []


async def test_a_time_stands_before_each_line_where_it_is_asked_for() -> None:
    log = Log()
    log.write("hello")
    (line,) = await read(log, timestamps=True)
    assert re.fullmatch(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z hello\n", line)


async def test_who_follows_gets_what_comes_until_the_end() -> None:
    log = Log()
    log.write("one")
    reading = asyncio.create_task(read(log, follow=True))
    await asyncio.sleep(0)
    log.write("two\nthree")
    await asyncio.sleep(0)
    log.close()
    assert await reading == [b"one\n", b"two\n", b"three\n"]


async def test_who_follows_from_now_on_gets_nothing_older() -> None:
    log = Log()
    log.write("old")
    reading = asyncio.create_task(read(log, follow=True, tail=0))
    await asyncio.sleep(0)
    log.write("new")
    log.close()
    assert await reading == [b"new\n"]


async def test_it_keeps_no_more_than_its_bound() -> None:
    log = Log()
    for number in range(300):
        log.write(f"{number} " + "x" * 20_000)
    lines = await read(log)
    assert sum(map(len, lines)) <= MOST_BYTES
    assert lines[-1].startswith(b"299 ")


async def test_it_keeps_no_more_short_lines_than_its_bound() -> None:
    log = Log()
    for _ in range(20):
        log.write("\n" * 2_000)
    assert len(await read(log)) == MOST_LINES


async def test_the_last_line_may_be_without_an_end() -> None:
    log = Log()
    log.write("one\ntwo", end="")
    assert await read(log) == [b"one\n", b"two"]
