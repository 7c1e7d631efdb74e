"""A batch: each submission once, in a place of its own; what is nobody's fault costs nothing."""

import asyncio
from collections.abc import Mapping
from pathlib import Path

import pytest
from grading.places import FakeOpener
from grading.sample import CANARY, COURSE, Found, now, write

from app.errors import ClusterUnavailable, StoreUnavailable
from app.grading.batch import Batch
from app.grading.drawn import Parameter
from app.grading.report import Report
from app.grading.rubric import Rubric, default_rubric
from app.grading.submission import sources

RUBRIC = Rubric("T", tuple(s for s in default_rubric(COURSE).steps if s.lesson == "routes"))
SPLIT = ("routes", "split")
RIGHT, WRONG, BROKEN = CANARY, CANARY.replace("90", "10"), b"\xff"


def finds(texts: Mapping[str, str]) -> Found:
    return {SPLIT: [True, "90" in texts["canary.yaml"] or "wrong-weights"]}


class Hand:
    """A batch over a folder of submissions, with what it told and kept."""

    def __init__(self, folder: Path, opener: FakeOpener, rubric: Rubric = RUBRIC) -> None:
        self.folder = folder
        self.opener = opener
        self.rubric = rubric
        self.told: list[tuple[str, str]] = []
        self.kept: dict[str, Report] = {}

    def give(self, **submissions: str | bytes) -> None:
        for name, text in submissions.items():
            write(self.folder / "in" / name, {"canary.yaml": text})

    async def grade(
        self, *, jobs: int = 2, limit_s: float = 60, again: bool = True
    ) -> list[Report]:
        batch = Batch(
            COURSE,
            self.rubric,
            self.opener,  # type: ignore[arg-type]
            self.folder / "work",
            limit_s=limit_s,
            now=now,
            tell=lambda word, name: self.told.append((word, name)),
        )
        known = {} if again else dict(self.kept)
        return await batch.grade(sources(self.folder / "in"), jobs, known.get, self.keep)

    def keep(self, report: Report) -> None:
        self.kept[report.subject] = report


def marks(reports: list[Report]) -> dict[str, tuple[float, bool]]:
    return {report.subject: (report.earned, report.gradable) for report in reports}


async def test_every_submission_gets_its_mark_twice_the_same(tmp_path: Path) -> None:
    hand = Hand(tmp_path, FakeOpener(finds))
    hand.give(ann=RIGHT, bob=WRONG, cem=BROKEN, dia=RIGHT)
    first = await hand.grade()
    assert marks(first) == {"ann": (5, True), "bob": (2, True), "cem": (0, True), "dia": (5, True)}
    assert await hand.grade() == first
    assert hand.opener.open_now == 0
    assert hand.opener.most_at_once == 2
    assert all(report.trust == "site" for report in first)
    assert {item.reason for item in first[2].items} == {"not-read"}
    assert "UTF-8" in first[2].items[0].message
    assert not any(path.exists() for path in hand.opener.opened)


async def test_what_comes_before_is_done_once_by_the_course_itself(tmp_path: Path) -> None:
    hand = Hand(tmp_path, FakeOpener(finds))
    hand.give(ann=RIGHT, bob=RIGHT)
    await hand.grade()
    prepared, *graded = hand.opener.desks
    assert hand.told.count(("preparing", "first")) == 1
    assert (prepared.asked, prepared.is_prepared) == ([], False)  # type: ignore[attr-defined]
    assert [desk.is_prepared for desk in graded] == [True, True]  # type: ignore[attr-defined]
    assert [desk.asked for desk in graded] == [["routes/split: apply"]] * 2


async def test_a_finished_report_is_not_made_anew_until_something_changes(tmp_path: Path) -> None:
    hand = Hand(tmp_path, FakeOpener(finds))
    hand.give(ann=RIGHT, bob=WRONG)
    first = await hand.grade()
    opened = len(hand.opener.opened)
    assert await hand.grade(again=False) == first
    assert len(hand.opener.opened) == opened
    hand.give(bob=RIGHT)
    hand.told.clear()
    assert marks(await hand.grade(again=False))["bob"] == (5, True)
    assert ("kept", "ann") in hand.told
    assert ("graded", "bob") in hand.told
    hand.rubric = Rubric("T", RUBRIC.steps, digest="another")
    hand.told.clear()
    await hand.grade(again=False)
    assert {word for word, _ in hand.told} >= {"graded"}
    assert ("kept", "ann") not in hand.told


async def test_a_machine_in_trouble_is_tried_once_more(tmp_path: Path) -> None:
    hand = Hand(tmp_path, FakeOpener(finds))
    hand.give(ann=RIGHT)
    gone = ClusterUnavailable("No sandbox.", hint="Look.")
    hand.opener.troubles = [None, gone]  # the place that is prepared is well
    assert marks(await hand.grade()) == {"ann": (5, True)}
    hand.opener.troubles = [None, gone, gone]
    (report,) = await hand.grade()
    assert (report.gradable, report.earned, report.points) == (False, 0, 0)
    assert "No sandbox. Look." in report.problem
    assert {item.state for item in report.items} == {"ungradable"}
    hand.opener.troubles = []
    assert marks(await hand.grade(again=False)) == {"ann": (5, True)}


async def test_a_machine_that_prepares_no_sandbox_grades_nothing(tmp_path: Path) -> None:
    hand = Hand(tmp_path, FakeOpener(finds))
    hand.give(ann=RIGHT)
    gone = ClusterUnavailable("No sandbox.")
    hand.opener.troubles = [gone, None]
    assert marks(await hand.grade()) == {"ann": (5, True)}
    hand.opener.troubles = [gone, gone]
    with pytest.raises(ClusterUnavailable):
        await hand.grade()


async def test_a_check_that_could_not_be_tried_is_tried_once_more(tmp_path: Path) -> None:
    hand = Hand(tmp_path, FakeOpener(lambda _: {SPLIT: [True, "too-slow"]}))
    hand.give(ann=RIGHT)
    (report,) = await hand.grade()
    assert (report.gradable, report.earned, report.points) == (False, 2, 2)
    assert len(hand.opener.opened) == 3


async def test_who_never_ends_loses_what_was_not_reached(tmp_path: Path) -> None:
    hand = Hand(tmp_path, FakeOpener(finds, hangs="wins"))
    hand.give(ann=RIGHT)
    (report,) = await hand.grade(limit_s=0.2)
    assert (report.gradable, report.earned, report.points) == (True, 4, 5)
    assert [item.reason for item in report.items] == ["ok", "ok", "time-limit"]
    assert hand.opener.open_now == 0


async def test_an_end_on_the_way_ends_every_place_and_keeps_what_is_there(tmp_path: Path) -> None:
    hand = Hand(tmp_path, FakeOpener(finds))
    hand.give(ann=RIGHT)
    await hand.grade()
    hand.opener.hangs = "wins"
    hand.give(bob=RIGHT, cem=RIGHT)
    grading = asyncio.create_task(hand.grade(again=False))
    async with asyncio.timeout(60):
        await hand.opener.hanging.wait()
    grading.cancel()
    await asyncio.gather(grading, return_exceptions=True)
    assert hand.opener.open_now == 0
    assert list(hand.kept) == ["ann"]


async def test_a_disk_that_takes_no_report_ends_the_batch(tmp_path: Path) -> None:
    hand = Hand(tmp_path, FakeOpener(finds))
    hand.give(ann=RIGHT, bob=RIGHT)

    def full(_: Report) -> None:
        raise StoreUnavailable("Full.")

    hand.keep = full  # type: ignore[method-assign]
    with pytest.raises(StoreUnavailable, match="Full"):
        await hand.grade()
    assert hand.opener.open_now == 0


async def test_each_learner_is_marked_by_the_values_of_the_own_name(tmp_path: Path) -> None:
    drawn = Rubric(
        "T", RUBRIC.steps, parameters=(Parameter("x", (1, 2)),), secret="s" * 20, digest="drawn"
    )
    hand = Hand(tmp_path, FakeOpener(finds), drawn)
    hand.give(ann=RIGHT, bob=RIGHT)
    write(hand.folder / "in" / "bob", {"submission.yaml": "{name: ann, id: ann}"})
    ann, bob = await hand.grade()
    assert (ann.subject, bob.subject) == ("ann", "ann (bob)")
    assert len({ann.seed, bob.seed, ""}) == 3


async def test_who_hands_in_nothing_earns_nothing(tmp_path: Path) -> None:
    """The course's own commands are run where a learner typed none: they are no work of theirs."""
    hand = Hand(tmp_path, FakeOpener(lambda _texts: {SPLIT: [True, True]}))
    write(hand.folder / "in" / "bob", {"submission.yaml": "name: Bob", "notes.md": "sorry"})
    (report,) = await hand.grade()
    assert (report.subject, report.earned, report.gradable) == ("Bob (bob)", 0, True)
    assert "Nothing that counts" in report.items[0].message
    assert hand.opener.opened == []


async def test_who_handed_in_is_known_also_where_it_could_not_be_read(tmp_path: Path) -> None:
    hand = Hand(tmp_path, FakeOpener(finds))
    hand.give(ann=BROKEN, bob=BROKEN)
    (hand.folder / "in" / "ann.submission.yaml").write_text("name: Ann\nemail: ann@example.org")
    (hand.folder / "in" / "bob.submission.yaml").write_text("[")
    assert [(each.subject, each.email) for each in await hand.grade()] == [
        ("Ann (ann)", "ann@example.org"),
        ("bob", ""),
    ]
