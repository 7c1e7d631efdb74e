"""A container's probes while it runs: when they are asked, and what their answers mean."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from app.sandbox.kubelet.probes import AGENT_PORTS, Target, Unhealthy, Unlistened, ask, port_of
from app.sandbox.kubelet.states import Standing
from app.sandbox.objects import Obj, at, number, table, text
from app.sandbox.programs.reference import parse

EAGER_S = (0.0, 0.004, 0.008, *(0.015,) * 4, *(0.025,) * 8, *(0.05,) * 4, 0.1, 0.1, 0.2)
ISTIOS = ("istio/proxyv2", "istio/pilot")
CALM_AFTER = 3  # answers in a row after which a sidecar's own readiness is asked less often
CALM = 4  # how many times less often: no lesson waits for it, and 30 sandboxes share a core


@dataclass(frozen=True)
class Ears:
    """Whom a watchman tells: `changed` that the standing has, `failed` a failure (its probe and
    words), `kill` that the container is to be restarted, and by which probe."""

    changed: Callable[[], None]
    failed: Callable[[str, str], None]
    kill: Callable[[str], None]


class Watchman:
    """Asks one run of a container's probes until it is cancelled."""

    def __init__(self, standing: Standing, target: Target, ears: Ears) -> None:
        self._standing = standing
        self._target = target
        self._ears = ears

    async def watch(self) -> None:
        """Ask until cancelled; the standing's is_started and is_ready follow the answers."""
        spec = self._standing.spec
        startup = table(spec, "startupProbe")
        if startup and not await self._start(startup):
            return
        readiness, liveness = table(spec, "readinessProbe"), table(spec, "livenessProbe")
        self._standing.is_started = True
        self._standing.is_ready = not readiness
        self._ears.changed()
        async with asyncio.TaskGroup() as group:
            if readiness:
                group.create_task(self._ready(readiness))
            if liveness:
                group.create_task(self._live(liveness))

    async def _start(self, probe: Obj) -> bool:
        """Return whether the container has started; else it is to be killed."""
        failures = 0
        await asyncio.sleep(self._delay_s(probe))
        why = await self._eagerly(probe)
        while why is not None:
            failures += 1
            self._ears.failed("Startup", why)
            if failures >= number(probe, "failureThreshold", 3):
                self._ears.kill("startup")
                return False
            await asyncio.sleep(_period_s(probe))
            why = await self._once(probe)
        return True

    async def _ready(self, probe: Obj) -> None:
        good, bad = 0, 0
        await asyncio.sleep(self._delay_s(probe))
        why = await self._eagerly(probe)
        while True:
            good, bad = (good + 1, 0) if why is None else (0, bad + 1)
            if why is not None:
                self._ears.failed("Readiness", why)
            if good >= number(probe, "successThreshold", 1):
                self._set_ready(True)
            elif bad >= number(probe, "failureThreshold", 3):
                self._set_ready(False)
            calm = good > CALM_AFTER and self._is_sidecars(probe)
            await asyncio.sleep(_period_s(probe) * (CALM if calm else 1))
            why = await self._once(probe)

    async def _live(self, probe: Obj) -> None:
        failures = 0
        await asyncio.sleep(self._delay_s(probe))
        why = await self._eagerly(probe)
        while True:
            failures = 0 if why is None else failures + 1
            if why is not None:
                self._ears.failed("Liveness", why)
            if failures >= number(probe, "failureThreshold", 3):
                self._ears.kill("liveness")
                return
            await asyncio.sleep(_period_s(probe))
            why = await self._once(probe)

    def _set_ready(self, is_ready: bool) -> None:
        if self._standing.is_ready != is_ready:
            self._standing.is_ready = is_ready
            self._ears.changed()

    async def _eagerly(self, probe: Obj) -> str | None:
        """Return what the first asking says.

        While nothing listens yet it is asked again at once, so that a pod is ready as soon as its
        program is; all of that counts as one failure.
        """
        why: str | None = None
        for wait_s in EAGER_S:
            if wait_s >= _period_s(probe):
                break
            await asyncio.sleep(wait_s)
            try:
                await ask(probe, self._target)
            except Unlistened as nobody:
                why = str(nobody)
            except Unhealthy as sick:
                why = str(sick)
                if not self._is_sidecars(probe):
                    return why
            else:
                return None
        return why

    async def _once(self, probe: Obj) -> str | None:
        """Return why a probe failed, None where it did not."""
        try:
            await ask(probe, self._target)
        except (Unlistened, Unhealthy) as why:
            return str(why)
        return None

    def _delay_s(self, probe: Obj) -> int:
        """Return how long a probe waits for its program to start.

        What is Istio's own has a second in its manifests for a start that takes none here; an
        installation would wait for nothing else.
        """
        named = parse(text(self._target.container, "image"))
        is_istios = named is not None and named.repository.endswith(ISTIOS)
        return 0 if is_istios else number(probe, "initialDelaySeconds")

    def _is_sidecars(self, probe: Obj) -> bool:
        wanted = at(probe, "httpGet.port")
        return port_of(wanted, self._target.container) in AGENT_PORTS


def _period_s(probe: Obj) -> float:
    return float(max(number(probe, "periodSeconds", 10), 1))
