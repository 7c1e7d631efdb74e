"""attempts: how often a failing request is tried, counted at the endpoints.

Retries hide failures from the caller, so answers say nothing about them: the proxy's counters of
each endpoint do.
"""

from app.checks.asking import Look, Reply, asking, curl, look, requests
from app.checks.backends import place_of_url
from app.checks.inforce import full_name
from app.checks.kind import Context, Kind, Params
from app.checks.proxy import Endpoint, of_host, since
from app.checks.result import Evidence, Finding, failed, passed, skipped
from app.checks.synced import no_probe

REQUESTS = 3  # all fail, so few are enough, and few do not make an outlier of every endpoint
MAX_TIME_S = 15.0


class AttemptsParams(Params):
    """`attempts`: first try and retries together. `url` must always fail with 5xx."""

    url: str
    host: str
    namespace: str
    attempts: int


async def check(context: Context, params: AttemptsParams) -> Finding:
    """Ask for what always fails and count what the endpoints saw."""
    if context.inside is None:
        return no_probe()
    host = full_name(params.host, params.namespace)
    port = place_of_url(params.url)[1]
    argv = curl(look(host), requests(params.url, REQUESTS, max_time_s=MAX_TIME_S), look(host))
    looks, replies = [], list[Reply]()
    async with asking(
        context.cluster, context.inside, argv, timeout_s=(REQUESTS + 1) * MAX_TIME_S
    ) as heard:
        async for item in heard:
            if isinstance(item, Look):
                looks.append(item.counters)
            elif isinstance(item, Reply):
                replies.append(item)
    if len(looks) < 2 or len(replies) < REQUESTS:
        return skipped("too-slow", "The requests did not end in time. Try again.")
    seen = of_host({(e.cluster, e.address): e for e in since(*looks)}, host, port)
    return _judge(params, replies, seen)


def _judge(params: AttemptsParams, replies: list[Reply], seen: list[Endpoint]) -> Finding:
    look = f"kubectl get virtualservices -n {params.namespace} -o yaml"
    tries = sum(endpoint.total for endpoint in seen)
    evidence = Evidence("Attempts", _table(replies, seen))
    odd = next((reply for reply in replies if reply.exit or reply.status < 500), None)
    if odd is not None:
        text = f"Expected was a request that always fails with 5xx; {params.url} gave {odd.told()}."
        return failed("status", text, evidence, look=look)
    if seen and all(each.is_ejected for each in seen if each.total) and tries == 0:
        return skipped(
            "ejected", f"Outlier detection keeps the endpoints of {params.host} out just now."
        )
    each = tries / REQUESTS
    said = f"Expected were {params.attempts} attempts for each failing request; seen: {each:g}"
    if each == params.attempts:
        return passed(f"Each failing request was tried {each:g} times.", evidence)
    if each <= 1:
        return failed(
            "no-retries", f"{said}: a 5xx answer is not tried again.", evidence, look=look
        )
    out = [endpoint.ip for endpoint in seen if endpoint.is_ejected]
    extra = f" Outlier detection took {', '.join(out)} out meanwhile." if out else ""
    reason = "too-few" if each < params.attempts else "too-many"
    return failed(reason, f"{said}.{extra}", evidence, look=look)


def _table(replies: list[Reply], seen: list[Endpoint]) -> str:
    lines = [f"answer: {reply.told()} after {reply.seconds:.2f} s" for reply in replies]
    counts = [f"{e.cluster} {e.address}: {e.total} attempts" for e in seen if e.total]
    return "\n".join(lines + counts)


KIND = Kind(
    name="attempts",
    params=AttemptsParams,
    check=check,
    reads=("VirtualService",),
    is_cheap=False,
    reasons=("no-retries", "too-few", "too-many", "status"),
)
