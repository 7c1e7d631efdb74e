"""What a learner may see of a report: hidden checks as one line, or all of them once revealed."""

from dataclasses import replace

from app.grading.report import Item, Report, State, total

HIDDEN_TITLE = "Hidden checks"


def for_learner(report: Report, *, reveal: bool = False) -> Report:
    """Return the report with its hidden checks as one line, which names and explains none of them.

    The marks stay what they are. With `reveal` nothing is hidden any longer.
    """
    hidden = [item for item in report.items if item.is_hidden]
    if reveal or not hidden:
        return report
    open_items = tuple(item for item in report.items if not item.is_hidden)
    return replace(report, items=(*open_items, _as_one(hidden)))


def _as_one(hidden: list[Item]) -> Item:
    points, earned = total(hidden)
    return Item(
        lesson="",
        step="",
        check="hidden",
        title=HIDDEN_TITLE,
        state=_state_of(hidden),
        points=points,
        earned=earned,
        is_hidden=True,
    )


def _state_of(hidden: list[Item]) -> State:
    states = {item.state for item in hidden}
    if states == {"passed"}:
        return "passed"
    return "ungradable" if "ungradable" in states else "failed"
