"""A question of the step."""

import pytest
from fakes import FakeCluster
from verdicts import verdict


@pytest.mark.parametrize(
    ("answers", "reason"),
    [({}, "unanswered"), ({"why": "1"}, "wrong-answer"), ({"why": "2"}, "ok")],
)
async def test_only_the_right_answer_passes(answers: dict[str, str], reason: str) -> None:
    finding = await verdict(
        "question", {"question": "why"}, FakeCluster(), answers=answers, right={"why": "2"}
    )
    assert finding.reason == reason


async def test_the_right_answer_is_never_told() -> None:
    finding = await verdict(
        "question",
        {"question": "why"},
        FakeCluster(),
        answers={"why": "beta"},
        right={"why": "alpha"},
    )
    assert "alpha" not in finding.message


async def test_a_wrong_answer_gets_its_own_reply() -> None:
    finding = await verdict(
        "question",
        {"question": "why"},
        FakeCluster(),
        answers={"why": "1"},
        right={"why": "2"},
        replies={"why": {"1": "A Service plays no part in this."}},
    )
    assert finding.message.endswith("A Service plays no part in this.")
