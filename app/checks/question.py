"""A question of the step has its right answer."""

from typing import Final

from app.checks.kind import Context, Kind, Params
from app.checks.result import Finding, failed, passed


class QuestionParams(Params):
    """`question` is the id of a question of the same step."""

    question: str


async def check(context: Context, params: QuestionParams) -> Finding:
    """Return whether the chosen answer is right; what it misses is said beside the choice."""
    chosen = context.answers.get(params.question)
    if chosen is None:
        return failed("unanswered", "The question of this step is not answered yet.")
    if chosen != context.right.get(params.question):
        return failed(
            "wrong-answer",
            "The chosen answer does not hold. What stands beside it says what it misses;"
            " choose again.",
        )
    return passed("Answered right.")


KIND: Final = Kind(
    name="question",
    params=QuestionParams,
    check=check,
    reads=(),
    is_cheap=True,
    reasons=("unanswered", "wrong-answer"),
)
