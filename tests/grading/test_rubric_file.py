"""A rubric's file: what it may say, and each mistake with its line."""

from pathlib import Path

import pytest
from grading.sample import COURSE

from app.errors import LessonMistake, NotFound
from app.grading.drawn import seed_of
from app.grading.handout import handed_out, marked
from app.grading.rubric import Rubric, default_rubric
from app.grading.rubric_file import load_rubric

WHOLE = """\
title: The route
lessons:
  routes: {split: 10, wins: own}
prices: {hint: 0.5, solution: 2, attempt: 0.25, free_attempts: 3}
late: {deadline: "2026-12-01T18:00:00+01:00", per: hour, percent: 5, most: 50}
skipped: excluded
secret: a secret of the marker
parameters:
  split: {choices: [{main: 80, rest: 20}, {main: 70, rest: 30}]}
  port: {from: 81, to: 83}
hidden:
  - {lesson: routes, step: split, id: proxy, kind: weights, title: Hidden, points: 2.5,
     needs: [one], with: {namespace: mesh-demo, host: backend, port: "{{port}}",
       weights: {v1: "{{split.main}}", v2: 1}}}
drawn:
  routes/split:
    texts: {"weight: 90": "weight: {{split.main}}", "other: 10": "other: {{split.rest}}",
            "90 of 100 requests & look": "{{split.main}} of 100 & look"}
    checks: {weights: {weights: {v1: "{{split.main}}", v2: "{{split.rest}}"}}}
"""


def load(folder: Path, text: str) -> Rubric:
    (folder / "rubric.yaml").write_text(text)
    return load_rubric(folder / "rubric.yaml", COURSE)


def test_a_whole_rubric_is_read(tmp_path: Path) -> None:
    rubric = load(tmp_path, WHOLE)
    split, wins = rubric.steps
    assert split.points == {"one": 2.5, "weights": 7.5, "proxy": 2.5}
    assert wins.points == {"asked": 1}
    assert rubric.points == 13.5
    assert (rubric.skipped, rubric.prices.free_attempts) == ("excluded", 3)
    assert rubric.late
    assert rubric.late.unit_s == 3600
    assert "secret of the marker" not in repr(rubric)


def test_the_digest_names_the_content_and_not_its_layout(tmp_path: Path) -> None:
    first = load(tmp_path, WHOLE)
    assert load(tmp_path, "# a comment\n" + WHOLE).digest == first.digest
    assert load(tmp_path, WHOLE.replace("hint: 0.5", "hint: 0.75")).digest != first.digest


def test_points_for_a_whole_lesson_are_spread_by_the_courses_own(tmp_path: Path) -> None:
    rubric = load(tmp_path, "title: T\nlessons: {routes: 10, first: own}\n")
    points = [points for step in rubric.steps for points in step.points.values()]
    assert points == [1, 2, 6, 2]
    assert load(tmp_path, "title: All\n").steps == default_rubric(COURSE).steps


def test_each_learner_is_shown_and_asked_other_values(tmp_path: Path) -> None:
    rubric = load(tmp_path, WHOLE)
    seen = set()
    for name in ("ann", "bob", "cem", "dia", "eva", "fay"):
        seed = seed_of(rubric.secret, name)
        step = marked(COURSE, rubric, seed).lessons[1].steps[0]
        one, weights, hidden = step.checks
        main = weights.params["weights"]["v1"]  # type: ignore[index]
        seen.add(main)
        assert one == COURSE.lessons[1].steps[0].checks[0]
        assert f"weight: {main}\n  other: {100 - main}\n" in step.manifests[0].solution
        assert "weight: ___" in step.manifests[0].starter
        assert f"Send {main} of 100 &amp; look." in step.blocks[0].html  # type: ignore[union-attr]
        assert hidden.params["weights"]["v1"] == main  # type: ignore[index]
        assert hidden.params["port"] in (81, 82, 83)
        shown = handed_out(COURSE, rubric, seed).lessons[1].steps[0]
        assert [spec.id for spec in shown.checks] == ["one", "weights"]
    assert seen == {80, 70}


@pytest.mark.parametrize(
    ("old", "new", "line", "says"),
    [
        ("title: The route", "titel: The route", 1, "title: Field required"),
        (WHOLE, "# nothing", 1, "the whole file: Input should be"),
        ("  routes: {split", "  roots: {split", 3, "no lesson roots"),
        ("{split: 10", "{splid: 10", 3, "no step splid"),
        ("split: 10", "split: {weigths: 1}", 3, "no check weigths"),
        ("split: 10", "split: 10.005", 3, "two decimals"),
        ("split: 10", "split: -1", 3, "greater than or equal to 0"),
        ("hint: 0.5", "hint: .nan", 4, "finite"),
        ("+01:00", "", 5, "timezone"),
        ("skipped: excluded", "skipped: maybe", 6, "'zero' or 'excluded'"),
        ("secret: a secret of the marker", "secret: short", 7, "16 characters"),
        ("{main: 70, rest: 30}", "{main: 70}", 9, "not all the same keys"),
        ("to: 83", "to: 80", 10, "no range"),
        ("id: proxy", "id: weights", 12, "step split has a weights"),
        ("needs: [one]", "needs: [two]", 13, "no two"),
        ("kind: weights", "kind: wates", 12, "no kind of check 'wates'"),
        ('port: "{{port}}"', "port: eighty", 12, "weights: port"),
        ('port: "{{port}}"', 'port: "{{prot}}"', 11, "no parameter is named prot"),
        ("step: split, id", "step: spilt, id", 12, "no step spilt"),
        ("routes/split:", "routes/spilt:", 16, "no step spilt"),
        ("weight: 90", "weight: 91", 17, "does not hold the text 'weight: 91'"),
        ("checks: {weights:", "checks: {wates:", 19, "no check wates"),
        ("late:", "prices:", 5, "prices twice"),
        ("prices: {", "prices: [", 4, "did not find"),
    ],
)
def test_a_mistake_is_told_with_its_line(
    tmp_path: Path, old: str, new: str, line: int, says: str
) -> None:
    assert old in WHOLE
    with pytest.raises(LessonMistake) as caught:
        load(tmp_path, WHOLE.replace(old, new, 1))
    assert (caught.value.line, says in str(caught.value)) == (line, True), str(caught.value)


def test_a_file_that_is_not_there_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=r"nope\.yaml"):
        load_rubric(tmp_path / "nope.yaml", COURSE)


def test_a_bomb_of_aliases_is_no_rubric(tmp_path: Path) -> None:
    bomb = "a: &a [x, x]\n" + "".join(
        f"{new}: &{new} [*{old}, *{old}]\n" for old, new in zip("abcdefgh", "bcdefghi", strict=True)
    )
    with pytest.raises(LessonMistake):
        load(tmp_path, bomb)
