"""grep, head, tail and wc do what their namesakes do."""

import pytest

from app.commands.filters import Pipeline, parse_filter

LINES = ["NAME STATUS", "backend Running", "frontend Pending", "Backend-v2 Running"]


def run(*pipes: str) -> list[str]:
    pipeline = Pipeline([parse_filter(pipe.split(" ")) for pipe in pipes])
    return [*pipeline.feed(LINES[:2]), *pipeline.feed(LINES[2:]), *pipeline.end()]


@pytest.mark.parametrize(
    ("pipes", "left"),
    [
        (["grep backend"], ["backend Running"]),
        (["grep -i backend"], ["backend Running", "Backend-v2 Running"]),
        (["grep -v Running"], ["NAME STATUS", "frontend Pending"]),
        (["grep -c Running"], ["2"]),
        (["grep -E NAME|Pending"], ["NAME STATUS", "frontend Pending"]),
        (["grep ^backend"], ["backend Running"]),
        (["grep Pending$"], ["frontend Pending"]),
        (["grep -F ^backend"], []),
        (["head -1"], ["NAME STATUS"]),
        (["head -n 2"], ["NAME STATUS", "backend Running"]),
        (["head -0"], []),
        (["tail -n1"], ["Backend-v2 Running"]),
        (["wc -l"], ["4"]),
        (["tail -2", "grep Running", "wc -l"], ["1"]),
        (["wc -l", "head -1"], ["4"]),
        (["grep nowhere", "wc -l"], ["0"]),
    ],
)
def test_lines_pass_through_the_filters(pipes: list[str], left: list[str]) -> None:
    assert run(*pipes) == left


def test_head_says_when_it_has_enough() -> None:
    pipeline = Pipeline([parse_filter(["head", "-2"])])
    assert not pipeline.is_done
    pipeline.feed(LINES)
    assert pipeline.is_done
