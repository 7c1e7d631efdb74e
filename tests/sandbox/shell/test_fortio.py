"""fortio's report, against what the real one printed of the same times."""

from app.sandbox.shell.tools.fortio_report import duration, histogram

REAL = """\
Error cases : count 2 avg 1.5624428 +/- 1.438 min 0.12429037 max 3.000595238 sum 3.12488561
# range, mid point, percentile, count
>= 0.12429 <= 0.14 , 0.132145 , 50.00, 1
> 3 <= 3.0006 , 3.0003 , 100.00, 1
# target 50% 0.12429
# target 75% 3.0003
# target 90% 3.00048
# target 99% 3.00058
# target 99.9% 3.00059
"""


def test_a_histogram_is_told_as_the_real_one_tells_it() -> None:
    assert histogram("Error cases", [0.12429037, 3.000595238]) == REAL
    assert histogram("Error cases", []) == "Error cases : no data\n"


def test_a_time_is_written_as_go_writes_it() -> None:
    written = [duration(each) for each in (0.014500448, 1.5, 3.124904826, 5.0, 120.0)]
    assert written == ["14.500448ms", "1.5s", "3.124904826s", "5s", "2m0s"]
