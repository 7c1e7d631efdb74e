"""`istioctl analyze` has nothing to say against a namespace."""

import json
from collections.abc import Sequence
from typing import Final, Literal

from app.checks.kind import Context, Kind, Params
from app.checks.result import Evidence, Finding, failed, passed, skipped
from app.clusters.cluster import Output
from app.clusters.objects import Object
from app.errors import ToolMissing

TIME_LIMIT_S: Final = 30.0
LEVELS: Final = ("info", "warning", "error")


class AnalyzeParams(Params):
    """`level` is the lowest that fails the check; `ignore` lists codes that never do."""

    namespace: str
    level: Literal["info", "warning", "error"] = "warning"
    ignore: Sequence[str] = ()


async def check(context: Context, params: AnalyzeParams) -> Finding:
    """Return whether analyze is silent, else its gravest message, whose code is the reason."""
    argv = ["analyze", "-n", params.namespace, "-o", "json"]
    try:
        output = await context.cluster.istioctl(argv, timeout_s=TIME_LIMIT_S)
    except ToolMissing as missing:
        return skipped("no-istioctl", f"{missing} This check asks istioctl. {missing.hint}".strip())
    look = f"istioctl analyze -n {params.namespace}"
    messages = _messages(output)
    if messages is None:
        words = output.stderr.strip() or "it gave no answer in time"
        return failed("failed", f"istioctl analyze could not do its work: {words}", look=look)
    floor = LEVELS.index(params.level)
    grave = [m for m in messages if _level(m) >= floor and m.text("code") not in params.ignore]
    if not grave:
        return passed(_silent(params, len(messages)), look=look)
    worst = max(grave, key=_level)
    more = f" It says {len(grave)} things in all." if len(grave) > 1 else ""
    seen = Evidence(look, "\n".join(_row(message) for message in grave))
    text = f"istioctl analyze should find nothing wrong, and says: {_row(worst)}.{more}"
    return failed(worst.text("code").lower(), text, seen, look=look)


def _messages(output: Output) -> list[Object] | None:
    """Return what analyze found, None where it did not run to its end.

    Its exit status says nothing here: with -o json it is 0 whatever was found (Istio 1.31).
    """
    try:
        found = json.loads(output.stdout)
    except ValueError:
        return None
    return Object({"messages": found}).parts("messages")


def _level(message: Object) -> int:
    level = message.text("level").lower()
    return LEVELS.index(level) if level in LEVELS else len(LEVELS)


def _row(message: Object) -> str:
    level, code, origin = (message.text(key) for key in ("level", "code", "origin"))
    return f"{level} [{code}] ({origin}) {message.text('message').rstrip('.')}"


def _silent(params: AnalyzeParams, others: int) -> str:
    quiet = f" ({others} below that level or left out on purpose)" if others else ""
    return f"istioctl analyze finds no {params.level} or worse in {params.namespace}{quiet}."


KIND: Final = Kind(
    name="analyze",
    params=AnalyzeParams,
    check=check,
    reads=(),
    is_cheap=False,
    reasons=("istNNNN", "failed", "no-istioctl"),
)
