"""timeout: a slow answer is cut off after the time that is asked."""

from app.checks.asking import Reply, ask_once
from app.checks.durations import shown
from app.checks.kind import Context, Kind, Params
from app.checks.result import Evidence, Finding, failed, passed
from app.checks.synced import no_probe

CUT_OFF = 504  # what a proxy answers where its time for the whole request ran out


class TimeoutParams(Params):
    """`url` must take longer than `seconds`. Units: seconds."""

    url: str
    seconds: float
    tolerance_s: float = 0.5


async def check(context: Context, params: TimeoutParams) -> Finding:
    """Measure one request, and a second where the first was off: a machine may stutter."""
    if context.inside is None:
        return no_probe()
    patience_s = params.seconds * 2 + params.tolerance_s
    replies: list[Reply] = []
    for _try in range(2):
        await context.say(f"Asking {params.url}; expected to be cut off after {params.seconds:g} s")
        reply = await ask_once(context.cluster, context.inside, params.url, max_time_s=patience_s)
        replies.append(reply)
        problem = _problem(reply, params, patience_s)
        if problem is None or problem[0] == "status":
            break
    evidence = Evidence(
        "Measured", "\n".join(f"{r.told()} after {r.seconds:.2f} s" for r in replies)
    )
    if problem is not None:
        return failed(*problem, evidence, look="kubectl get virtualservices -A -o yaml")
    return passed(
        f"{params.url} was cut off with {CUT_OFF} after {replies[-1].seconds:.2f} s.", evidence
    )


def _problem(reply: Reply, params: TimeoutParams, patience_s: float) -> tuple[str, str] | None:
    wanted = f"Expected was {CUT_OFF} after {shown(params.seconds)}"
    if reply.trouble == "timeout":
        return "no-timeout", f"{wanted}; after {shown(patience_s)} there was still no answer."
    if reply.trouble or reply.status not in (CUT_OFF, 200):
        return "status", f"{wanted}; seen: {reply.told()} after {reply.seconds:.2f} s."
    if reply.status == 200:
        return "no-timeout", (
            f"{wanted}; the slow answer came through with 200 after {reply.seconds:.2f} s."
        )
    late = reply.seconds - params.seconds
    if abs(late) <= params.tolerance_s:
        return None
    if late > 0:
        return "too-late", f"{wanted}; it was cut off only after {reply.seconds:.2f} s."
    return "too-early", (
        f"{wanted}; it was cut off after {reply.seconds:.2f} s already. Tries that each run out "
        "of time may use up all retries before the time for the whole request ends."
    )


KIND = Kind(
    name="timeout",
    params=TimeoutParams,
    check=check,
    reads=("VirtualService",),
    is_cheap=False,
    reasons=("no-timeout", "too-early", "too-late", "status"),
)
