"""answers: one request from a probe is answered as asked."""

from collections.abc import Mapping
from typing import Literal

from pydantic import Field

from app.checks.asking import Reply, ask_once
from app.checks.kind import Context, Kind, Params
from app.checks.result import Evidence, Finding, failed, passed
from app.checks.synced import no_probe

_SAID: Mapping[str, str] = {
    "dns": "its name is unknown to the cluster's DNS",
    "refused": "nothing listens there: the connection was refused",
    "reset": "the connection was closed without an answer",
    "tls": "TLS could not be agreed on",
    "timeout": "no answer came in time",
}
BODY_SHOWN = 400  # characters: enough to recognise who answered


class AnswersParams(Params):
    """What is asked, from where, and what must come back. `body` must be contained."""

    url: str
    status: int = 200
    body: str = ""
    headers: dict[str, str] = Field(default_factory=dict)
    asker: Literal["inside", "outside"] = Field("inside", alias="from")


async def check(context: Context, params: AnswersParams) -> Finding:
    """Ask once and compare status, body and headers."""
    pod = context.inside if params.asker == "inside" else context.outside
    if pod is None:
        return no_probe()
    reply = await ask_once(context.cluster, pod, params.url)
    look = f"kubectl exec -n {pod.namespace} {pod.pod} -c {pod.container} -- curl -si {params.url}"
    problem = _problem(reply, params)
    evidence = Evidence(f"Answer of {params.url}", _shown(reply))
    if problem is not None:
        return failed(problem[0], problem[1], evidence, look=look)
    return passed(f"{params.url} answered {reply.status}, asked from {_place(params)}.", evidence)


def _place(params: AnswersParams) -> str:
    return f"{params.asker} the mesh"


def _problem(reply: Reply, params: AnswersParams) -> tuple[str, str] | None:
    if reply.trouble:
        return reply.trouble, (
            f"Expected was status {params.status} of {params.url}, asked from {_place(params)}; "
            f"{_SAID[reply.trouble]} (curl exit status {reply.exit})."
        )
    if reply.status != params.status:
        return "status", (
            f"Expected was status {params.status} of {params.url}, asked from {_place(params)}; "
            f"seen: {reply.status}."
        )
    if params.body and params.body not in reply.body:
        return "body", (
            f"{params.url} answers {reply.status}, but “{params.body}” is not in what it says."
        )
    for name, value in params.headers.items():
        if reply.headers.get(name.lower()) != value:
            seen = reply.headers.get(name.lower())
            return "headers", (
                f"Expected was the header {name}: {value}; seen: {seen or 'no such header'}."
            )
    return None


def _shown(reply: Reply) -> str:
    if reply.trouble:
        return reply.told()
    lines = [f"{name}: {value}" for name, value in reply.headers.items()]
    return "\n".join([f"status {reply.status}", *lines, "", reply.body[:BODY_SHOWN]])


KIND = Kind(
    name="answers",
    params=AnswersParams,
    check=check,
    reads=("Service", "Pod", "VirtualService", "DestinationRule", "PeerAuthentication"),
    is_cheap=False,
    reasons=("dns", "refused", "reset", "tls", "status", "body", "headers", "timeout"),
)
