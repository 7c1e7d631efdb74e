"""What a report adds up to, whatever the order and the machine."""

import pytest
from grading.reports.samples import FAILED, HINTS, LATE, PASSED

from app.grading.report import Deduction, rounded, total


@pytest.mark.parametrize(
    ("marks", "expected"),
    [
        (0.005, 0.01),
        (1.005, 1.01),
        (2.675, 2.68),
        (1 / 3, 0.33),
        (2 / 3, 0.67),
        (1e-9, 0),
        (10, 10),
    ],
)
def test_a_half_hundredth_is_rounded_upwards_as_it_is_written(
    marks: float, expected: float
) -> None:
    assert rounded(marks) == expected


def test_what_is_taken_off_leaves_at_least_nothing() -> None:
    assert total([PASSED, FAILED], [LATE, HINTS]) == (3.5, 1.25)
    assert total([PASSED], [Deduction("late", "", "", 99.0, "")]) == (2.0, 0.0)
    assert total([]) == (0.0, 0.0)


def test_ten_tenths_are_one() -> None:
    tenth = type(PASSED)("l", "s", "c", "t", "passed", 0.1, 0.1)
    assert total([tenth] * 10) == (1.0, 1.0)
