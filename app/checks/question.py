"""A question of the step has its right answer."""

from typing import Final

from app.checks.kind import Context, Kind, Params
from app.checks.result import Finding, failed, passed


class QuestionParams(Params):
    """`question` is the id of a question of the same step."""

    question: str


async def check(context: Context, params: QuestionParams) -> Finding:
    """Return whether the chosen answer is right, else the reply that says what it misses."""
    chosen = context.answers.get(params.question)
    if chosen is None:
        return failed("unanswered", "The question of this step is not answered yet.")
    if chosen != context.right.get(params.question):
        reply = context.replies.get(params.question, {}).get(chosen, "")
        return failed("wrong-answer", f"The chosen answer does not hold. {reply}".strip())
    return passed("Answered right.")


KIND: Final = Kind(
    name="question",
    params=QuestionParams,
    check=check,
    reads=(),
    is_cheap=True,
    reasons=("unanswered", "wrong-answer"),
)
