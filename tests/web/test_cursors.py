"""How far a page has read survives the trip through an event id."""

from app.web.cursors import MOST_RUNS, Cursors


def test_cursors_are_read_back_as_they_were_written() -> None:
    written = str(Cursors().moved("r-1", 12).moved("r2", 0))
    assert Cursors.parse(written) == Cursors({"r-1": 12, "r2": 0})


def test_what_is_no_cursor_is_left_out() -> None:
    assert Cursors.parse("r1:x,,<b>:2,r2:٣,:4,r3:7").read == {"r3": 7}


def test_a_hostile_id_stays_small() -> None:
    assert len(Cursors.parse(",".join(f"r{n}:1" for n in range(5000))).read) == MOST_RUNS
