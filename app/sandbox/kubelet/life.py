"""One pod's life on the node: its place, its containers in their order, and its end."""

import asyncio
import logging

from app.sandbox.kubelet.container import Keeper
from app.sandbox.kubelet.members import is_proxied, specs, standings
from app.sandbox.kubelet.parts import NODE_IP, SOURCE, Parts
from app.sandbox.kubelet.podstatus import pod_status
from app.sandbox.kubelet.volumes import Content, MountError, contents, renew
from app.sandbox.network.place import Place
from app.sandbox.objects import (
    Json,
    Obj,
    annotations_of,
    at,
    labels_of,
    name_of,
    namespace_of,
    number,
    table,
    text,
    words,
)

log = logging.getLogger(__name__)
MOUNT_AGAIN_S = 2.0
RENEW_S = 5.0  # from a ConfigMap's change to its files; a real kubelet's is up to 90 s
OVERDUE = "Pod was active on the node longer than the specified deadline"


class Life:
    """Runs one pod from its assignment to the node until it has been removed."""

    def __init__(self, parts: Parts, pod: Obj) -> None:
        self.parts = parts
        self.pod = pod
        self.volumes: dict[str, Content] = {}
        self.keepers = [Keeper(self, standing) for standing in standings(pod)]
        self.place: Place = parts.network.join(
            namespace_of(pod), name_of(pod), text(pod, "metadata.uid"), is_proxied=is_proxied(pod)
        )
        self.addresses = _addresses(pod, self.place)
        self._on_network = False
        self._is_over = False
        self._news: asyncio.Event = asyncio.Event()
        self._writing: asyncio.Handle | None = None
        self._renewing: asyncio.TimerHandle | None = None
        self._tasks: dict[str, asyncio.Task[int]] = {}
        self._ending: asyncio.Task[None] | None = None
        self._overdue: asyncio.Task[None] | None = None
        self._failure: Obj = {}
        self._deadline = float("inf")
        self._main = asyncio.create_task(self._run())
        self._main.add_done_callback(_report)

    @property
    def uid(self) -> str:
        """Return the pod's uid."""
        return text(self.pod, "metadata.uid")

    def keeper(self, name: str) -> Keeper | None:
        """Return who keeps a container."""
        return next((one for one in self.keepers if one.standing.name == name), None)

    def change(self, pod: Obj) -> None:
        """Take the pod as it is now: an image may have changed, or a label."""
        before, self.pod = self.pod, pod
        if (labels_of(before), annotations_of(before)) != (labels_of(pod), annotations_of(pod)):
            self._renew()  # at once, as a kubelet does
        named = {text(one, "name"): one for one in specs(pod)}
        for keeper in self.keepers:
            spec = named.get(keeper.standing.name, keeper.standing.spec)
            if text(spec, "image") != text(keeper.standing.spec, "image"):
                keeper.standing.spec = spec
                keeper.kill(
                    f"Container {keeper.standing.name} definition changed, will be restarted"
                )
                self.tell_news()

    def tell_news(self) -> None:
        """Have what waits for a change look again, and the volumes follow it after a while."""
        self._news.set()
        if self._renewing is None and self.volumes and not self._is_over:
            loop = asyncio.get_running_loop()
            self._renewing = loop.call_later(RENEW_S * self.parts.pace, self._renew)

    def _renew(self) -> None:
        self._renewing = None
        for told in renew(self.parts.store, self.pod, self.addresses, self.volumes):
            self.parts.events.record(self.pod, "Warning", "FailedMount", told, SOURCE)

    async def news(self, timeout_s: float) -> None:
        """Wait until the pod or something that it may use has changed, or the time is over."""
        self._news.clear()
        try:
            async with asyncio.timeout(timeout_s):  # wait_for may swallow what ends the pod
                await self._news.wait()
        except TimeoutError:
            return

    def publish(self) -> None:
        """Write the pod's status soon: once for all that happens at this moment."""
        if self._writing is None:
            self._writing = asyncio.get_running_loop().call_soon(self._write)

    def end(self, grace_s: float) -> "asyncio.Task[None]":
        """Stop the pod within its grace and take it out of the store; a shorter one counts.

        Returns the task that does it.
        """
        loop = asyncio.get_running_loop()
        sooner = loop.time() + grace_s < self._deadline
        self._deadline = min(self._deadline, loop.time() + grace_s)
        if self._ending is None:
            self._ending = asyncio.create_task(self._end())
        elif sooner:
            for keeper in self.keepers:
                loop.call_later(grace_s, keeper.abort)
        return self._ending

    async def stop(self) -> None:
        """End everything at once and leave the network; the object stays as it is."""
        for keeper in self.keepers:
            keeper.abort()
        tasks: list[asyncio.Task[int] | asyncio.Task[None]] = [self._main, *self._tasks.values()]
        tasks += [task for task in (self._ending, self._overdue) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.gather(*(keeper.gone() for keeper in self.keepers))
        if self._writing is not None:
            self._writing.cancel()
        self._leave()

    def _leave(self) -> None:
        """Be over: nothing runs any more, and the network knows the pod no longer."""
        self._is_over = True
        self._on_network = False
        if self._renewing is not None:
            self._renewing.cancel()
        self.volumes = {}
        self.parts.network.leave(self.uid)

    async def _run(self) -> None:
        if (deadline_s := number(self.pod, "spec.activeDeadlineSeconds")) > 0:
            self._overdue = asyncio.create_task(self._expire(deadline_s))
            self._overdue.add_done_callback(_report)
        self.publish()
        await self._mount()
        self._on_network = True
        self.publish()
        for keeper in self.keepers:
            if keeper.standing.role == "sidecar":
                self._keep(keeper)
                await keeper.started.wait()
            elif keeper.standing.role == "init":
                code = await self._keep(keeper)
                if code != 0:
                    await self._finish()
                    return
        apps = [self._keep(one) for one in self.keepers if one.standing.role == "app"]
        await asyncio.wait(apps)
        await self._finish()

    def _keep(self, keeper: Keeper) -> "asyncio.Task[int]":
        policy = text(self.pod, "spec.restartPolicy", "Always")
        role = keeper.standing.role

        def again(code: int) -> bool:
            if role == "sidecar":
                return True
            if role == "init":
                return code != 0 and policy != "Never"
            return policy == "Always" or (policy == "OnFailure" and code != 0)

        task = asyncio.create_task(keeper.keep(again))
        task.add_done_callback(_report)
        self._tasks[keeper.standing.name] = task
        return task

    async def _mount(self) -> None:
        """Set the volumes up, as soon as all that they name is there."""
        wait_s = MOUNT_AGAIN_S
        while True:
            try:
                self.volumes = contents(self.parts.store, self.pod, self.addresses)
            except MountError as missing:
                told = str(missing)
                self.parts.events.record(self.pod, "Warning", "FailedMount", told, SOURCE)
                await self.news(wait_s * self.parts.pace)
                wait_s = min(wait_s * 2, 120.0)
            else:
                return

    async def _finish(self) -> None:
        """End a pod whose containers are over: its sidecars, then its place on the network."""
        await self._stop_sidecars()
        self._leave()
        self.publish()

    async def _stop_sidecars(self) -> None:
        for keeper in reversed([one for one in self.keepers if one.standing.role == "sidecar"]):
            if keeper.is_running:
                keeper.tell_of_stop()
            await keeper.stop(float(number(self.pod, "spec.terminationGracePeriodSeconds", 30)))

    async def _expire(self, deadline_s: float) -> None:
        """End the containers of a pod whose time is over; the pod stays, as one that failed."""
        await asyncio.sleep(deadline_s)
        if self._is_over or self._ending is not None:
            return
        self.parts.events.record(self.pod, "Normal", "DeadlineExceeded", OVERDUE, SOURCE)
        self._failure = {"reason": "DeadlineExceeded", "message": OVERDUE}
        grace_s = number(self.pod, "spec.terminationGracePeriodSeconds", 30)
        self._deadline = asyncio.get_running_loop().time() + grace_s
        await self._halt()
        self.publish()

    async def _end(self) -> None:
        if self._overdue is not None:
            self._overdue.cancel()
            await asyncio.gather(self._overdue, return_exceptions=True)
        await self._halt()
        self._write()
        self._remove()

    async def _halt(self) -> None:
        """Stop all containers within the grace, and leave the network."""
        self._main.cancel()
        running = [one for one in self.keepers if one.is_running]
        for name, task in self._tasks.items():
            if all(one.standing.name != name for one in running):
                task.cancel()  # it waits for its next run, which is not to come
        for keeper in running:
            keeper.tell_of_stop()
        apps = [one for one in running if one.standing.role != "sidecar"]
        await asyncio.gather(*(self._stop(one) for one in apps))
        for keeper in reversed(running):
            if keeper not in apps:
                await self._stop(keeper)
        await asyncio.gather(self._main, *self._tasks.values(), return_exceptions=True)
        await asyncio.gather(*(keeper.gone() for keeper in self.keepers))
        self._leave()

    async def _stop(self, keeper: Keeper) -> None:
        await keeper.before_stop(self._left_s())
        await keeper.stop(self._left_s())

    def _left_s(self) -> float:
        return max(0.0, self._deadline - asyncio.get_running_loop().time())

    def _write(self) -> None:
        self._writing = None
        found = self._mine()
        if found is None:
            return
        kept = [keeper.standing for keeper in self.keepers]
        status = pod_status(
            found,
            kept,
            addresses=self.addresses if self._on_network or self._is_over else _host(),
            on_network=self._on_network,
            is_over=self._is_over,
        )
        if self._failure:
            status = {**status, "phase": "Failed", **self._failure}
        self.pod = self.parts.store.update({**found, "status": status})

    def _remove(self) -> None:
        found = self._mine()
        if found is None:
            return
        if words(found, "metadata.finalizers"):
            meta: Obj = {**table(found, "metadata"), "deletionGracePeriodSeconds": 0}
            self.parts.store.update({**found, "metadata": meta})
        else:
            self.parts.store.remove("pods", name_of(found), namespace_of(found))

    def _mine(self) -> Obj | None:
        found = self.parts.store.get("pods", name_of(self.pod), namespace_of(self.pod))
        return found if found is not None and text(found, "metadata.uid") == self.uid else None


def _report(task: "asyncio.Task[None] | asyncio.Task[int]") -> None:
    """Log what broke a pod's life: nobody waits for it."""
    if not task.cancelled() and (fault := task.exception()) is not None:
        log.error("the kubelet broke", exc_info=fault)


def _addresses(pod: Obj, place: Place) -> Obj:
    ip = NODE_IP if at(pod, "spec.hostNetwork") is True else place.ip
    ips: list[Json] = [{"ip": ip}]
    return {**_host(), "podIP": ip, "podIPs": ips}


def _host() -> Obj:
    ips: list[Json] = [{"ip": NODE_IP}]
    return {"hostIP": NODE_IP, "hostIPs": ips}
