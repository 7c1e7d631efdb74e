"""What a learner did, as data: for the own page, and for the instructor's files."""

import csv
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from workshop.conftest import START, House
from workshop.course import COURSE, ONE, STEPS, TWO, result

from app.workshop.export import BOM, FORMULA, as_csv, as_json, guarded
from app.workshop.record import CheckRecord, Records, RoomRecord


@pytest.fixture
def records(house: House) -> Records:
    return Records(house.store, COURSE, house.clock)


async def worked(house: House, records: Records) -> RoomRecord:
    """Let Ann pass one step and fail at another; Bob has a hostile name and does nothing."""
    room = await house.room()
    (ann,) = await house.people(room, "Ann")
    await house.join(room, "=HYPERLINK(1)", "+49 30 1")
    await house.workshop.roster.appoint(room.id, "Teacher")
    await house.progress.open(ann.id, *ONE)
    await house.progress.record(ann.id, *ONE, [result(True)], by_itself=False)
    for _ in range(2):
        found = [result(True), result(False, "labelled", "No label.")]
        await house.progress.record(ann.id, *TWO, found, by_itself=False)
    await house.progress.open_hint(ann.id, *TWO)
    await house.progress.spend(ann.id, *TWO, 61.4)
    return await records.room(room.id)


async def test_a_learners_page_has_every_step_with_its_newest_results(
    house: House, records: Records
) -> None:
    room = await worked(house, records)
    _, record = await records.of(room.members[0].member.id)
    assert [step.key for step in record.steps] == list(STEPS)
    assert (record.passed, record.steps[0].passed) == (1, START)
    second = record.steps[1]
    assert (second.attempts, second.hints, second.seconds, second.passed) == (2, 1, 61.4, None)
    assert [check.passed for check in second.checks] == [True, False]
    assert second.checks[1] == CheckRecord("It exists", False, "No label.")
    assert record.steps[2].first_seen is None


async def test_the_table_has_a_row_for_each_learner_and_no_formula(
    house: House, records: Records
) -> None:
    text = as_csv(await worked(house, records))
    assert text.startswith(BOM)
    rows = list(csv.reader(io.StringIO(text.removeprefix(BOM))))
    assert [row[1] for row in rows] == ["name", "Ann", "'=HYPERLINK(1)"]
    assert rows[2][2] == "'+49 30 1"
    assert len({len(row) for row in rows}) == 1
    by_name = dict(zip(rows[0], rows[1], strict=True))
    assert by_name["steps passed"] == "1"
    assert by_name["alpha/first passed"] == START.isoformat()
    assert by_name["alpha/second attempts"] == "2"


async def test_the_json_says_the_same_and_whom_to_trust(house: House, records: Records) -> None:
    told = json.loads(as_json(await worked(house, records)))
    assert told["version"] == 1
    assert [member["name"] for member in told["members"]] == ["Ann", "=HYPERLINK(1)"]
    assert {member["trust"] for member in told["members"]} == {"site"}
    assert told["members"][0]["steps"][1] == {
        "lesson": "alpha",
        "step": "second",
        "first_seen": START.isoformat(),
        "passed": None,
        "seconds": 61,
        "attempts": 2,
        "hints": 1,
        "solution_shown": False,
    }


async def test_a_room_without_learners_is_a_table_with_a_head(
    house: House, records: Records
) -> None:
    room = await house.room()
    assert len(as_csv(await records.room(room.id)).splitlines()) == 1


@given(st.text(max_size=40))
def test_no_cell_is_ever_a_formula(text: str) -> None:
    cell = guarded(text)
    assert not cell.lstrip().startswith(FORMULA)
    assert cell in (text, f"'{text}")
