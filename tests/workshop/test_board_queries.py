"""What the board is made of comes from the database, by as many queries for a class as for one."""

from sqlalchemy import insert
from workshop.conftest import START, House, counted
from workshop.course import ONE, TWO, result

from app.store.room_tables import EventRow, MemberRow
from app.store.tables import AttemptRow, LearnerRow, StepRow
from app.workshop.board import Failure
from app.workshop.model import Room


async def fill(house: House, room: Room, count: int) -> None:
    """Put in that many learners, each with two steps, an attempt and a failure."""
    ids = [f"m{number}" for number in range(count)]
    who = [{"learner": each, "lesson": "alpha"} for each in ids]
    when = {"first_seen": START, "last_seen": START, "hints": 0, "solution_shown": False}
    told = result(False).__dict__
    async with house.store.session() as session:
        await session.execute(
            insert(LearnerRow), [{"id": each, "name": each, "created": START} for each in ids]
        )
        await session.execute(
            insert(MemberRow),
            [
                {
                    "id": each, "room": room.id, "number": number, "name": each, "name_key": each,
                    "email": "", "role": "learner", "joined": START, "admitted": START,
                    "last_seen": START, "resume_digest": each, "consents_terminal": False,
                    "is_self_reported": False,
                }
                for number, each in enumerate(ids, 1)
            ],
        )  # fmt: skip
        for step, passed in (("first", START), ("second", None)):
            more = {**when, "step": step, "passed": passed, "attempts": 1, "seconds": 1.0}
            await session.execute(insert(StepRow), [{**each, **more} for each in who])
        attempt = {"step": "second", "at": START, "passed": False, "by_itself": False}
        await session.execute(
            insert(AttemptRow), [{**each, **attempt, "results": [told]} for each in who]
        )
        data = {"lesson": "alpha", "step": "second", "message": "No label."}
        failed = {"room": room.id, "kind": "check.failed", "at": START, "subject": ""}
        await session.execute(
            insert(EventRow),
            [
                {**failed, "seq": 1000 + number, "actor": each, "data": data}
                for number, each in enumerate(ids)
            ],
        )


async def test_a_board_of_two_hundred_asks_no_more_than_a_board_of_one(house: House) -> None:
    small, large = await house.room(), await house.room()
    await house.people(small, "Ann")
    await fill(house, large, 200)
    with counted(house) as few:
        await house.workshop.boards.facts(small.id)
    with counted(house) as many:
        facts = await house.workshop.boards.facts(large.id)
    assert len(many) == len(few) <= 9
    assert facts.failures == {TWO: Failure("No label.", 200)}
    board = await house.workshop.board(large.id)
    assert len(board.rows) == 200
    assert {row.cells for row in board.rows} == {("passed", "failed", "untouched")}
    assert {row.message for row in board.rows} == {"Seen."}


async def test_the_board_tells_what_learners_do(house: House) -> None:
    room = await house.room()
    ann, bob, cem = await house.people(room, "Ann", "Bob", "Cem")
    for each, message in (
        (ann, "No label."),
        (ann, "No label."),
        (bob, "No pod."),
        (cem, "No pod."),
    ):
        await house.progress.open(each.id, *TWO)
        found = [result(True), result(False, "labelled", message)]
        await house.progress.record(each.id, *TWO, found, by_itself=False)
    await house.workshop.helps.ask(bob.id, TWO, "Why?")
    await house.workshop.acts.pause(room.id, actor="owner")
    async with house.workshop.presence.stream(cem.id):
        board = await house.workshop.board(room.id)
    assert [row.attempts for row in board.rows] == [2, 1, 1]
    assert [row.checks_passed for row in board.rows] == [1, 1, 1]
    assert [row.is_online for row in board.rows] == [False, False, True]
    assert [row.help is not None for row in board.rows] == [False, True, False]
    assert board.failures == {TWO: Failure("No pod.", 2)}  # by learners, not by presses
    assert ONE not in board.failures
