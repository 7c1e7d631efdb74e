"""All of preflight: concurrently, each part bounded in time, findings as they are made."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Final

from app.errors import AppError
from app.preflight import minikube
from app.preflight.finding import Finding
from app.preflight.leftovers import leftovers
from app.preflight.mesh import gateway_address, installation
from app.preflight.probing import probing
from app.preflight.reach import kubernetes_version, production, reached
from app.preflight.rights import rights
from app.preflight.room import room
from app.preflight.surroundings import Cluster, Surroundings
from app.preflight.tools import istioctl, kubectl

PART_S: Final = 25.0
PROBES_S: Final = 120.0  # an image has to be pulled, on a line that may be slow

OfMachine = Callable[[Surroundings], Awaitable[list[Finding]]]
OfCluster = Callable[[Surroundings, Cluster], Awaitable[list[Finding]]]

MACHINE: Final[dict[str, OfMachine]] = {"kubectl": kubectl, "istioctl": istioctl}
CLUSTER: Final[dict[str, OfCluster]] = {
    "kubernetes": kubernetes_version,
    "production": production,
    "minikube": minikube.of_cluster,
    "rights": rights,
    "room": room,
    "istio": installation,
    "load-balancer": gateway_address,
    "leftovers": leftovers,
    "probes": probing,
}


async def run_preflight(
    around: Surroundings, *, part_s: float = PART_S, probes_s: float = PROBES_S
) -> AsyncGenerator[Finding, None]:
    """Yield findings as they are made; never raises for what it looks at.

    Where no cluster answers there is one finding that says so, and how to get one. Where the
    cluster looks like production, the probes are not made. Units: seconds for each part.
    """
    found: asyncio.Queue[list[Finding]] = asyncio.Queue()

    async def part(name: str, work: Awaitable[list[Finding]], limit_s: float = part_s) -> None:
        found.put_nowait(await _bounded(name, work, limit_s))

    async def of_the_cluster() -> None:
        reach = await _bounded("cluster", _listed(reached(around)), part_s)
        found.put_nowait(reach)
        cluster = around.cluster
        if cluster is None or reach[0].state != "ok":
            return await part("minikube", minikube.without_cluster(around))
        safe = await _bounded("production", production(around, cluster), part_s)
        found.put_nowait(safe)
        parts = [
            part(name, work(around, cluster), probes_s if name == "probes" else part_s)
            for name, work in CLUSTER.items()
            if name != "production" and (name != "probes" or safe[0].state == "ok")
        ]
        await asyncio.gather(*parts)
        return None

    async def everything() -> None:
        machine = [part(name, work(around)) for name, work in MACHINE.items()]
        await asyncio.gather(*machine, of_the_cluster())

    work = asyncio.create_task(everything())
    work.add_done_callback(lambda _: found.put_nowait([]))
    try:
        while not work.done() or not found.empty():
            for finding in await found.get():
                yield finding
        await work
    finally:
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)


async def _listed(one: Awaitable[Finding]) -> list[Finding]:
    return [await one]


async def _bounded(name: str, work: Awaitable[list[Finding]], limit_s: float) -> list[Finding]:
    try:
        async with asyncio.timeout(limit_s):
            return await work
    except TimeoutError:
        title = f"Looking at “{name}” took longer than {limit_s:g} seconds"
        mend = "Look again in a moment; if it stays so: kubectl get pods -A"
        return [Finding(name, "unknown", title, mend=mend)]
    except AppError as error:
        return [
            Finding(name, "unknown", f"“{name}” could not be looked at", str(error), "", error.hint)
        ]
