"""Whether the caller's proxy has taken over what the objects say; waits a moment for it."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from time import monotonic
from typing import TypeVar

from app.checks.inforce import full_name
from app.checks.kind import Context
from app.checks.proxy import Routed, cluster_name, endpoints, routed
from app.checks.result import Evidence, Finding, failed, skipped
from app.checks.routing import weights_of
from app.checks.scene import Scene, Wish, ordinary_route
from app.checks.written import as_yaml
from app.clusters.cluster import PodRef
from app.clusters.objects import Object

POLL_S = 0.3  # a push takes well under a second where istiod is well

T = TypeVar("T")


def no_probe() -> Finding:
    """Return the skip of a check that has nobody to ask from."""
    return skipped(
        "no-probe", "The lab's own small pod that asks is not there; the preflight page mends it."
    )


async def until(
    read: Callable[[], Awaitable[T]], agrees: Callable[[T], bool], patience_s: float
) -> tuple[T, bool]:
    """Read until it agrees or patience ends; return what was read last and whether it agrees."""
    deadline = monotonic() + patience_s
    while True:
        found = await read()
        if agrees(found) or monotonic() >= deadline:
            return found, agrees(found)
        await asyncio.sleep(POLL_S)


async def not_in_proxy(context: Context, pod: PodRef, scene: Scene, wish: Wish) -> Finding | None:
    """Return the finding where the caller's proxy does not route as the objects say."""
    virtual_service = scene.in_force()[0]
    port = next((d.port for d in wish.to if d.port), scene.backend.port)
    expected = expected_clusters(virtual_service, port)

    def agrees(found: Routed | None) -> bool:
        return found is not None and _is_as_said(found, virtual_service, expected, wish)

    found, is_same = await until(
        lambda: routed(context.cluster, pod, scene.host, port), agrees, context.patience_s
    )
    if is_same:
        return None
    seen = "no route for this host" if found is None else f"{dict(found.clusters)}"
    text = "" if found is None else as_yaml(dict(found.raw.raw))
    return failed(
        "not-in-proxy",
        f"{virtual_service.name} says what is asked, but the proxy of the lab's caller does not "
        f"have it: it has {seen}. Configuration reaches proxies within a second or two unless "
        "istiod rejects it or is unwell.",
        Evidence("The caller's route", text[:1500]),
        look="istioctl proxy-status",
    )


async def pods_not_in_proxy(
    context: Context, pod: PodRef, host: str, expected: Mapping[str, set[str]]
) -> Finding | None:
    """Return the finding where the caller's proxy knows other pods than the objects say.

    `expected`: {name of the proxy's cluster: addresses of its ready pods}.
    """

    async def read() -> dict[str, set[str]]:
        found = await endpoints(context.cluster, pod, host)
        return {
            name: {each.ip for each in found.values() if each.cluster == name} for name in expected
        }

    found, is_same = await until(read, lambda each: each == dict(expected), context.patience_s)
    if is_same:
        return None
    lines = [
        f"{name}: {', '.join(sorted(found[name])) or 'nobody'}; the objects say "
        f"{', '.join(sorted(expected[name])) or 'nobody'}"
        for name in expected
    ]
    return failed(
        "not-in-proxy",
        f"The proxy of the lab's caller knows other pods of {host} than the objects say.",
        Evidence("Pods in the caller's proxy", "\n".join(lines)),
        look="istioctl proxy-status",
    )


def expected_clusters(virtual_service: Object, port: int) -> Mapping[str, float]:
    """Return the proxy clusters, with their weights, that requests to a port are led to."""
    route = ordinary_route(virtual_service)
    if route is None:
        return {}
    targets = route.parts("route")
    ports = {
        full_name(t.text("destination.host"), virtual_service.namespace): t.number(
            "destination.port.number"
        )
        for t in targets
    }
    return {
        cluster_name(int(ports.get(host) or port), subset, host): weight
        for (host, subset), weight in weights_of(virtual_service, targets).items()
    }


def _is_as_said(
    found: Routed, virtual_service: Object, expected: Mapping[str, float], wish: Wish
) -> bool:
    owner = f"{virtual_service.namespace}/{virtual_service.name}"
    return (
        found.source in ("", owner)
        and _shares(found.clusters) == _shares(expected)
        and wish.timeout_s in (None, found.timeout_s)
        and wish.attempts in (None, found.attempts)
        and wish.per_try_timeout_s in (None, found.per_try_timeout_s)
        and set(wish.retry_on) <= found.retry_on
    )


def _shares(weights: Mapping[str, float]) -> dict[str, float]:
    whole = sum(weights.values()) or 1
    return {name: round(weight / whole, 3) for name, weight in weights.items()}
