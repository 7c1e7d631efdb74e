"""A container's log, as far as it is asked for."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

from app.sandbox.api.call import Call, wrong_method
from app.sandbox.api.listing import whole
from app.sandbox.api.ports import Kubelet
from app.sandbox.api.streaming import Stream
from app.sandbox.api.subresources import container_of
from app.sandbox.api.verbs import found
from app.sandbox.objects import name_of, namespace_of, parse_stamp, text
from app.sandbox.registry.registry import Registry
from app.sandbox.status import bad_request


async def log(registry: Registry, kubelet: Kubelet, call: Call) -> Stream:
    """Return the stream of a log. Raises: StatusError 400, 404, 405."""
    if call.method not in ("GET", "HEAD"):
        raise wrong_method()
    pod = found(registry, call)
    container = container_of(pod, call.query("container"))
    if not text(pod, "spec.nodeName"):
        return Stream(_nothing(), "text/plain")
    lines = kubelet.logs(
        namespace_of(pod),
        name_of(pod),
        container,
        follow=call.asks("follow"),
        tail=whole(call, "tailLines") if call.query("tailLines") else None,
        previous=call.asks("previous"),
        since_s=_since(call),
        timestamps=call.asks("timestamps"),
    )
    most = whole(call, "limitBytes")
    return Stream(_cut(lines, most) if most else lines, "text/plain")


def _since(call: Call) -> float | None:
    if call.query("sinceSeconds"):
        return float(whole(call, "sinceSeconds"))
    if written := call.query("sinceTime"):
        try:
            return (datetime.now(UTC) - parse_stamp(written)).total_seconds()
        except ValueError as error:
            raise bad_request(f"sinceTime: {error}") from error
    return None


async def _nothing() -> AsyncIterator[bytes]:
    """A pod that is nowhere yet has an empty log."""
    return
    yield


async def _cut(lines: AsyncIterator[bytes], most: int) -> AsyncIterator[bytes]:
    async for line in lines:
        yield line[:most]
        most -= len(line)
        if most <= 0:
            return
