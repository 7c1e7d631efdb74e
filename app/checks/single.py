"""One host has exactly one VirtualService, or one DestinationRule, so that none is ignored."""

from collections.abc import Sequence
from typing import Final, Literal

from app.checks.inforce import full_name, oldest_first, virtual_services
from app.checks.kind import Context, Kind, Params
from app.checks.result import Evidence, Finding, failed, passed
from app.clusters.objects import Object


class SingleParams(Params):
    """`host` as callers in `namespace` say it; `name` is the name the one must have, if any."""

    kind: Literal["VirtualService", "DestinationRule"]
    namespace: str
    host: str
    name: str = ""


async def check(context: Context, params: SingleParams) -> Finding:
    """Return whether one object alone speaks for the host to the proxies of the mesh."""
    found = _for_host(await context.cluster.list(params.kind), params)
    look = f"kubectl get {params.kind.lower()}s -n {params.namespace}"
    seen = Evidence(look, "\n".join(_row(one) for one in found) or "none")
    if not found:
        text = f"One {params.kind} for host {params.host} is expected, and there is none."
        return failed("none", text, seen, look=look)
    if len(found) > 1:
        names = ", ".join(_named(one, params) for one in found)
        text = (
            f"One {params.kind} for host {params.host} is expected; there are {len(found)}, the"
            f" oldest first: {names}. {_WHY_ONE[params.kind]}"
        )
        return failed("two", text, seen, look=look)
    if params.name and found[0].name != params.name:
        text = (
            f"The {params.kind} for host {params.host} should be called {params.name};"
            f" it is {_named(found[0], params)}."
        )
        return failed("other-name", text, seen, look=look)
    return passed(f"{found[0].name} is the one {params.kind} for host {params.host}.", seen)


_WHY_ONE: Final = {
    "VirtualService": "Sidecars do not merge them: one is followed and the others are ignored.",
    "DestinationRule": "Their subsets are merged, but only one traffic policy is followed.",
}


def _for_host(candidates: Sequence[Object], params: SingleParams) -> list[Object]:
    host = full_name(params.host, params.namespace)
    if params.kind == "VirtualService":
        return virtual_services(host, candidates, params.namespace)
    return [
        one
        for one in oldest_first(candidates)
        if full_name(one.text("spec.host"), one.namespace) == host and not one.is_terminating
    ]


def _named(one: Object, params: SingleParams) -> str:
    elsewhere = f" in namespace {one.namespace}" if one.namespace != params.namespace else ""
    return one.name + elsewhere


def _row(one: Object) -> str:
    return f"{one.namespace}/{one.name}   created {one.text('metadata.creationTimestamp')}"


KIND: Final = Kind(
    name="single",
    params=SingleParams,
    check=check,
    reads=(),
    is_cheap=True,
    reasons=("none", "two", "other-name"),
)
