"""One container's life: its image, its runs one after the other, and the waits between them."""

import asyncio
import logging
from collections.abc import Callable, Sequence

from app.sandbox.kubelet.backoff import BackOff, spoken
from app.sandbox.kubelet.bedside import RELIST_S, SYNC_S, Bedside, Home
from app.sandbox.kubelet.commands import run_quietly
from app.sandbox.kubelet.farewells import farewell
from app.sandbox.kubelet.hooks import HookFailed, run_hook
from app.sandbox.kubelet.images import Pulled
from app.sandbox.kubelet.logs import Log
from app.sandbox.kubelet.preparing import prepare, pull
from app.sandbox.kubelet.probes import Target
from app.sandbox.kubelet.states import EPOCH, Ended, Running, Standing, ended, new_id
from app.sandbox.kubelet.watchman import Ears, Watchman
from app.sandbox.objects import Obj, name_of, namespace_of, number, stamp, table, text
from app.sandbox.shell.container import Container
from app.sandbox.shell.execute import NotStarted

log = logging.getLogger(__name__)
SURVIVED_S = 0.05  # what ends sooner has never been seen running, or ready without a probe
STEADY_S = 600.0  # a run of this length makes the next back-off a short one again
LONGEST_HOOK_S = 3600.0  # after a start; a real kubelet waits for ever
KILLED = 137


class Keeper:
    """Keeps one container running as its pod asks, until it is over or the pod ends."""

    def __init__(self, home: Home, standing: Standing) -> None:
        self.home = home
        self.standing = standing
        self._side = Bedside(home, standing)
        self.log = Log()
        self.previous: Log | None = None
        self.container: Container | None = None
        self.started = asyncio.Event()
        self._program: asyncio.Task[int] | None = None
        self._halting: asyncio.Task[None] | None = None
        self._backoff = BackOff()
        self._failures = 0
        self._complaint = ""  # of a hook that failed
        self._was_killed = False  # by the kubelet itself, which then waits one time less
        self._is_stopping = False

    @property
    def is_running(self) -> bool:
        """Whether a program runs in it now."""
        return self._program is not None and not self._program.done()

    @property
    def _is_probed(self) -> bool:
        kinds = ("startup", "readiness", "liveness")
        return any(self.standing.spec.get(f"{kind}Probe") for kind in kinds)

    async def keep(self, again: Callable[[int], bool]) -> int:
        """Return the last exit code, when `again` no more wants another run after one."""
        while True:
            pulled = await pull(self._side)
            began = asyncio.get_running_loop().time()
            code = await self._run(pulled)
            if self._is_stopping or not again(code):
                return code
            if asyncio.get_running_loop().time() - began > STEADY_S:
                self._backoff.reset()
                self._failures = 0
            await self._wait_again()

    async def stop(self, grace_s: float) -> None:
        """End the program, at the latest after its grace; there is no other run after this."""
        self._is_stopping = True
        await self._halt(grace_s)

    def kill(self, message: str) -> None:
        """Have this run end and another begin; the message says why."""
        program = self._program
        if program is not None and not program.done():
            self._was_killed = True
            self._side.tell("Normal", "Killing", message)
            grace_s = float(number(self.home.pod, "spec.terminationGracePeriodSeconds", 30))
            self._halting = asyncio.create_task(self._halt_politely(grace_s))

    def abort(self) -> None:
        """Cut the program off, as a kill does."""
        self._is_stopping = True
        if self._program is not None:
            self._program.cancel()

    async def gone(self) -> None:
        """Wait until no program runs any more."""
        for task in (self._program, self._halting):
            if task is not None:
                await asyncio.wait({task})

    def tell_of_stop(self) -> None:
        """Record that the container is about to be stopped."""
        self._side.tell("Normal", "Killing", f"Stopping container {self.standing.name}")

    async def _halt_politely(self, grace_s: float) -> None:
        loop = asyncio.get_running_loop()
        end = loop.time() + grace_s
        await self.before_stop(grace_s)
        await self._halt(max(end - loop.time(), 0.0))

    async def _halt(self, grace_s: float) -> None:
        program, container = self._program, self.container
        if program is None or container is None or program.done():
            return
        container.stopping.set()
        await asyncio.wait({program}, timeout=grace_s)
        if not program.done():
            program.cancel()
            await asyncio.wait({program})

    async def _run(self, pulled: Pulled) -> int:
        """Return the exit code of one run."""
        container = await prepare(self._side, pulled, self._write)
        self._renew()
        standing = self.standing
        running = Running(stamp(), new_id())
        standing.image, standing.image_id = pulled.name, pulled.image_id
        standing.has_been_created = True
        self.container = container
        self._side.tell("Normal", "Created", "Container created")
        program = self._program = asyncio.create_task(self._code_of(pulled, container))
        try:
            await asyncio.sleep(0)
            if program.done() and isinstance(program.exception(), NotStarted):
                return self._not_started(running, container)
            self._side.tell("Normal", "Started", "Container started")
            if standing.role != "init" and not self._is_probed:
                await asyncio.wait({program}, timeout=SURVIVED_S)
            standing.state = running
            if not program.done():
                self.home.publish()
                await self._attend(program)
        except asyncio.CancelledError:
            program.cancel()
            raise
        return self._ended(running)

    async def _attend(self, program: "asyncio.Task[int]") -> None:
        """Ask the probes and run the hooks until the program ends."""
        watching = self._watch()
        try:
            await asyncio.wait({program})
        finally:
            for task in watching:
                task.cancel()
            for fault in await asyncio.gather(*watching, return_exceptions=True):
                if isinstance(fault, Exception):
                    log.error("a probe of %s broke", self.standing.name, exc_info=fault)

    def _renew(self) -> None:
        """Begin a run: what was before it becomes the last state and the previous log."""
        standing = self.standing
        if isinstance(standing.state, Ended):
            standing.last = standing.state
        if standing.has_been_created:
            standing.restarts += 1
            self.previous, self.log = self.log, Log()

    def _write(self, line: str, end: str = "\n") -> None:
        self.log.write(line, end)

    async def _code_of(self, pulled: Pulled, container: Container) -> int:
        """Return a program's exit code; a fault of its own is one, too."""
        try:
            return await pulled.image.program(container)
        except NotStarted:
            raise
        except Exception:
            # A program stands for a process of its own: its fault must end its container alone.
            log.exception("the program of %s failed", pulled.name)
            return 1

    def _not_started(self, running: Running, container: Container) -> int:
        name = container.argv[0] if container.argv else ""
        told = (
            "failed to create containerd task: failed to create shim task: OCI runtime create "
            "failed: runc create failed: unable to start container process: "
            f'exec: "{name}": executable file not found in $PATH: unknown'
        )
        self._side.tell("Warning", "Failed", f"Error: {told}")
        end = Ended(128, "StartError", EPOCH, stamp(), running.container_id, told)
        self.standing.last = end
        self._side.wait_for("RunContainerError", told)
        self._program = None
        return end.exit_code

    def _watch(self) -> list[asyncio.Task[None]]:
        """Begin to ask the container's probes, and run what it wants after its start."""
        standing = self.standing
        if not self._is_probed:
            standing.is_started = True
            standing.is_ready = standing.role != "init"
            self.started.set()
            return self._after_start()
        watchman = Watchman(standing, self._target, Ears(self._changed, self._failed, self._kill))
        return [asyncio.create_task(watchman.watch()), *self._after_start()]

    def _after_start(self) -> list[asyncio.Task[None]]:
        hook = table(self.standing.spec, "lifecycle.postStart")
        return [asyncio.create_task(self._begin(hook))] if hook else []

    async def _begin(self, hook: Obj) -> None:
        """Do what the container wants after its start; a failure ends this run."""
        try:
            await run_hook(hook, self._target, LONGEST_HOOK_S)
        except HookFailed as failed:
            self._complaint = str(failed)
            self._side.tell("Warning", "FailedPostStartHook", "PostStartHook failed")
            self.kill("FailedPostStartHook")

    async def before_stop(self, grace_s: float) -> None:
        """Do what the container wants before it is stopped, within its grace."""
        try:
            await run_hook(table(self.standing.spec, "lifecycle.preStop"), self._target, grace_s)
        except (HookFailed, TimeoutError):
            self._side.tell("Warning", "FailedPreStopHook", "PreStopHook failed")

    @property
    def _target(self) -> Target:
        return Target(self.home.pod, self.standing.spec, self.home.place, self._command)

    async def _command(self, argv: Sequence[str], timeout_s: float) -> tuple[int, str]:
        if self.container is None:
            return 1, "container not running"
        return await run_quietly(self.home.parts.execute, self.container, argv, timeout_s)

    def _changed(self) -> None:
        if self.standing.is_started:
            self.started.set()
        self.home.publish()

    def _failed(self, probe: str, why: str) -> None:
        self._side.tell("Warning", "Unhealthy", f"{probe} probe failed: {why}")

    def _kill(self, probe: str) -> None:
        self.kill(f"Container {self.standing.name} failed {probe} probe, will be restarted")

    def _ended(self, running: Running) -> int:
        """Note the end of a run; return its exit code."""
        program, self._program = self._program, None
        cancelled = program is None or program.cancelled()
        code = KILLED if cancelled or program is None else program.result()
        code = 128 - code if code < 0 else code & 0xFF
        standing = self.standing
        message = farewell(self.home.pod, standing.spec, self.container, self.log, code)
        standing.state = ended(running, code, message)
        standing.is_started = False
        standing.is_ready = standing.role == "init" and code == 0
        self.started.clear()
        self.log.close()
        if self._complaint:
            standing.last = ended(running, code, message)
            self._side.wait_for("PostStartHookError", self._complaint)
            self._complaint = ""
        self.home.publish()
        return code

    async def _wait_again(self) -> None:
        """Wait before the next run: hardly after the first, longer after each other."""
        pace = self.home.parts.pace
        self._failures += 1
        await asyncio.sleep(RELIST_S * pace)
        if self._failures <= (2 if self._was_killed else 1):
            return
        wait_s = self._backoff.next_s()
        pod = self.home.pod
        name, whose = self.standing.name, f"{name_of(pod)}_{namespace_of(pod)}"
        uid = text(pod, "metadata.uid")
        if isinstance(self.standing.state, Ended):
            self.standing.last = self.standing.state
        self._side.wait_for(
            "CrashLoopBackOff",
            f"back-off {spoken(wait_s)} restarting failed container={name} pod={whose}({uid})",
        )
        told = f"Back-off restarting failed container {name} in pod {whose}({uid})"
        left_s = wait_s * pace
        while left_s > 0:
            self._side.tell("Warning", "BackOff", told)
            step_s = min(left_s, SYNC_S * pace)
            await asyncio.sleep(step_s)
            left_s -= step_s
