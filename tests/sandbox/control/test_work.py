"""A controller's work: once each, later again, and never stuck on one key."""

import asyncio

from app.sandbox.control.work import Key, Work
from app.sandbox.status import bad_request

A, B, C = ("", "a"), ("", "b"), ("", "c")


async def turns(count: int = 3) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


async def test_a_key_is_looked_at_once_however_often_it_was_added() -> None:
    seen: list[Key] = []
    work = Work(lambda key: seen.append(key))
    for key in (A, B, A, A):
        work.add(key)
    await turns()
    assert seen == [A, B]


async def test_a_key_may_ask_to_be_looked_at_again() -> None:
    again = asyncio.Event()
    seen: list[Key] = []

    def look(key: Key) -> float | None:
        seen.append(key)
        if len(seen) == 2:
            again.set()
            return None
        return 0.001

    Work(look).add(A)
    await asyncio.wait_for(again.wait(), 1)
    assert seen == [A, A]


async def test_a_key_that_fails_is_tried_again_but_not_at_once() -> None:
    seen: list[Key] = []

    def look(key: Key) -> float | None:
        seen.append(key)
        raise bad_request("no")

    work = Work(look)
    work.add(A)
    await turns()
    work.add(A)
    await turns()
    assert seen == [A]
    work.close()


async def test_one_that_breaks_does_not_hold_up_the_others() -> None:
    seen: list[Key] = []
    faults: list[object] = []
    loop = asyncio.get_running_loop()
    before = loop.get_exception_handler()
    loop.set_exception_handler(lambda loop, context: faults.append(context["exception"]))

    def look(key: Key) -> float | None:
        seen.append(key)
        if key == A:
            raise ZeroDivisionError
        return None

    work = Work(look)
    for key in (A, B, C):
        work.add(key)
    await turns()
    loop.set_exception_handler(before)
    assert seen == [A, B, C]
    assert [type(fault) for fault in faults] == [ZeroDivisionError]


async def test_after_its_end_it_does_nothing() -> None:
    seen: list[Key] = []
    work = Work(lambda key: seen.append(key))
    work.add(A)
    work.close()
    work.add(B)
    await turns()
    assert seen == []
