"""The checks of a step: validated at start, run in order of need, each bounded in time."""

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Final

from pydantic import ValidationError

from app.checks.kind import Bound, Context
from app.checks.kinds import KINDS
from app.checks.result import EVIDENCE_BYTES, CheckResult, Evidence, Finding, skipped
from app.commands.redact import Redactor
from app.content.model import CheckSpec
from app.errors import ClusterUnavailable, LessonMistake, NotAllowed, ToolMissing

CHEAP_LIMIT_S: Final = 15.0  # reads of a slow cluster; the usual is under 0.3
TRAFFIC_LIMIT_S: Final = (
    180.0  # an ejection and its end: two intervals and the time out of the pool
)

Say = Callable[[str, str], Awaitable[None]]


async def _say_nothing(_check: str, _text: str) -> None:
    return None


def validate(spec: CheckSpec) -> None:
    """Refuse a check whose kind or parameters are wrong. Raises: LessonMistake."""
    _bind(spec)


def _bind(spec: CheckSpec) -> Bound:
    kind = KINDS.get(spec.kind)
    if kind is None:
        known = ", ".join(KINDS)
        raise _mistake(spec, f"there is no kind of check {spec.kind!r}; there are {known}")
    try:
        return kind.bind(spec.params)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise _mistake(spec, f"{spec.kind}: {where}: {first['msg']}") from error


def _mistake(spec: CheckSpec, message: str) -> LessonMistake:
    file, _, line = spec.source.rpartition(":")
    return LessonMistake(file or "checks.yaml", int(line) if line.isdigit() else 0, message)


def validate_step(specs: Sequence[CheckSpec]) -> None:
    """Refuse a step with a wrong check, or with needs that cannot be met. Raises: LessonMistake."""
    for spec in specs:
        validate(spec)
    in_order(specs)


def in_order(specs: Sequence[CheckSpec]) -> list[CheckSpec]:
    """Return the checks so that each comes after those that it needs. Raises: LessonMistake."""
    ordered: list[CheckSpec] = []
    while waiting := [spec for spec in specs if spec not in ordered]:
        there = {spec.id for spec in ordered}
        ready = [spec for spec in waiting if there.issuperset(spec.needs)]
        if not ready:
            needs = ", ".join(need for need in waiting[0].needs if need not in there)
            raise _mistake(waiting[0], f"{waiting[0].id} needs {needs}, which cannot come first")
        ordered += ready
    return ordered


def reads(spec: CheckSpec) -> tuple[str, ...]:
    """Return the kinds of objects whose change may change the verdict of this check."""
    objects = spec.params.get("objects")
    parts = [spec.params, *(objects if isinstance(objects, list) else [])]
    named = [part.get("kind") for part in parts if isinstance(part, Mapping)]
    return (*KINDS[spec.kind].reads, *(kind for kind in named if isinstance(kind, str)))


async def run_checks(
    specs: Sequence[CheckSpec], context: Context, say: Say = _say_nothing
) -> AsyncGenerator[CheckResult, None]:
    """Yield each check's result as it comes; leaving early (`aclosing`) ends what still runs.

    Checks of state run side by side; those that send traffic one at a time: each reads counters
    that the other's requests would move. `say` gets the check's id with its words of progress.
    """
    traffic = asyncio.Lock()
    tasks: dict[str, asyncio.Task[CheckResult]] = {}
    for spec in in_order(specs):
        needed = {need: tasks[need] for need in spec.needs}
        own = replace(context, say=partial(say, spec.id))
        tasks[spec.id] = asyncio.create_task(_run(spec, own, needed, traffic))
    try:
        for done in asyncio.as_completed(tasks.values()):
            yield await done
    finally:
        for task in tasks.values():
            task.cancel()
        await asyncio.gather(*tasks.values(), return_exceptions=True)


async def _run(
    spec: CheckSpec,
    context: Context,
    needed: Mapping[str, asyncio.Task[CheckResult]],
    traffic: asyncio.Lock,
) -> CheckResult:
    missing = [r.title for r in await asyncio.gather(*needed.values()) if r.passed is not True]
    if missing:
        text = f"Not tried: “{missing[0]}” had not passed. Once it has, check again."
        return CheckResult(spec.id, spec.title, skipped("needs", text), 0.0)
    if KINDS[spec.kind].is_cheap:
        return await _timed(spec, context, CHEAP_LIMIT_S)
    async with traffic:
        return await _timed(spec, context, TRAFFIC_LIMIT_S)


async def _timed(spec: CheckSpec, context: Context, limit_s: float) -> CheckResult:
    start = time.monotonic()
    try:
        async with asyncio.timeout(limit_s):
            finding = await _bind(spec)(context)
    except TimeoutError:
        finding = skipped("too-slow", f"Given up: no verdict within {limit_s:g} s.")
    except ClusterUnavailable as error:
        finding = skipped("unreachable", f"The cluster does not answer: {error}")
    except NotAllowed as error:
        finding = skipped("forbidden", f"This account may not read what the check needs: {error}")
    except ToolMissing as error:
        finding = skipped("no-tool", str(error))
    return CheckResult(spec.id, spec.title, _presentable(finding), time.monotonic() - start)


def _presentable(finding: Finding) -> Finding:
    """Return the finding without secrets, its evidence cut to what a page can hold."""
    evidence = tuple(Evidence(each.title, _cut(_redacted(each.text))) for each in finding.evidence)
    return replace(finding, message=_redacted(finding.message), evidence=evidence)


def _redacted(text: str) -> str:
    redactor = Redactor()
    return "\n".join(redactor.line(line) for line in text.split("\n"))


def _cut(text: str) -> str:
    data = text.encode()
    if len(data) <= EVIDENCE_BYTES:
        return text
    return data[:EVIDENCE_BYTES].decode(errors="ignore") + "\n..."
