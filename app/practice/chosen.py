"""The cluster that is chosen: which context, whether it may be touched, opened once and kept."""

import asyncio
import hashlib
import os
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from app.clusters import sandbox
from app.clusters.cluster import Cluster
from app.clusters.installed import InstalledPrograms
from app.clusters.kubeconfig import Context, minified
from app.clusters.live import LiveView
from app.clusters.probes import ProbePods, Probes
from app.clusters.provider import ClusterState, KubeconfigProvider
from app.clusters.reader import KubeCluster
from app.clusters.sandbox import SandboxProvider
from app.commands.model import Environment
from app.commands.runner import Runner
from app.errors import AppError, ClusterUnavailable, NotFound, Refused
from app.practice.addons import addon_manifests
from app.practice.alarms import Alarms, refusal
from app.practice.contexts import Contexts
from app.practice.workplace import Bench
from app.preflight.surroundings import Machine, Surroundings
from app.progress.queries import Progress
from app.settings import Settings

Wrap = Callable[[Cluster], Cluster]

CHOICE = "context"  # the name under which the chosen context is kept
READY_S = 3.0  # a page waits for the answer


@dataclass(frozen=True)
class ContextChoice:
    """A context of the kubeconfig.

    `alarm` says why it looks like production, empty where it does not or was confirmed.
    """

    name: str
    server: str
    is_chosen: bool
    alarm: str = ""
    is_sandbox: bool = False


@dataclass(frozen=True)
class _Opened:
    mark: str  # digest of what the context says: minikube gives a restarted cluster a new port
    context: Context
    cluster: KubeCluster
    bench: Bench


@dataclass(frozen=True)
class _Failure:
    mark: str
    at: float  # monotonic
    error: AppError


class ChosenCluster:
    """Knows which context is worked in. `owner` is whose choice counts: one person's own site."""

    def __init__(
        self,
        settings: Settings,
        progress: Progress,
        runner: Runner,
        owner: str,
        *,
        wrap: Wrap | None = None,
        embedded: SandboxProvider | None = None,
    ) -> None:
        self._settings = settings
        self._contexts = Contexts(settings, embedded)
        self._alarms = Alarms(progress, owner)
        self._progress = progress
        self._runner = runner
        self._owner = owner
        self._wrap = wrap
        self._opened: _Opened | None = None
        self._failure: _Failure | None = None
        self._turn = asyncio.Lock()
        self._renewing: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        if self._contexts.embedded:
            self._renewing = asyncio.create_task(_renew(self._contexts.embedded))
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._renewing:
            self._renewing.cancel()
            await asyncio.wait([self._renewing])
        if self._contexts.embedded:
            await self._contexts.embedded.close()
        await self._close()

    async def end_sandbox(self) -> None:
        """End the sandbox that this lab keeps alive; one that somebody started by hand goes on."""
        running = self._contexts.embedded.running() if self._contexts.embedded else None
        if self._contexts.embedded and running and running.lease_s:
            await self._contexts.embedded.stop()

    async def sandbox(self) -> ClusterState | None:
        """Return how the sandbox is now, None where this lab has none."""
        return await self._contexts.embedded.state() if self._contexts.embedded else None

    async def reset_sandbox(self) -> None:
        """Forget everything in the sandbox; the next act starts an empty one. Raises: Refused."""
        if self._contexts.embedded is None:
            raise Refused("This lab has no sandbox.")
        async with self._turn:
            await self._close()
            await self._contexts.embedded.reset()

    async def context(self) -> Context:
        """Return the context that is worked in. Raises: ClusterUnavailable."""
        chosen = self._settings.context or await self._progress.choice(self._owner, CHOICE)
        return self._contexts.kubeconfig(chosen).choose(chosen)

    async def all(self) -> list[ContextChoice]:
        """Return the contexts of the kubeconfig, by name. Raises: ClusterUnavailable."""
        chosen = self._settings.context or await self._progress.choice(self._owner, CHOICE)
        config = self._contexts.kubeconfig(chosen)
        current = chosen or config.current
        return [
            ContextChoice(
                each.name,
                each.server,
                each.name == current,
                await self._alarms.standing(each),
                is_sandbox=each.name == sandbox.NAME,
            )
            for each in sorted(config.contexts, key=lambda context: context.name)
        ]

    async def choose(self, name: str, confirmation: str) -> None:
        """Work in this context from now on.

        Raises: NotFound; Refused where it looks like production and `confirmation` is not its name.
        """
        known = {context.name: context for context in self._contexts.kubeconfig(name).contexts}
        if name not in known:
            raise NotFound(f"The kubeconfig has no context “{name}”.")
        if confirmation == name:
            await self._alarms.confirm(name)
        elif alarm := await self._alarms.standing(known[name]):
            raise refusal(name, alarm)
        await self._progress.choose(self._owner, CHOICE, name)
        await self._close()

    async def bench(self) -> Bench:
        """Return the chosen cluster's bench, opened where it is not.

        Who waits for another's turn shares what came of it: a frozen cluster takes seconds to fail,
        and every open page asks. Raises: ClusterUnavailable; NotAllowed; Refused where it looks
        like production and was not confirmed.
        """
        asked_at = time.monotonic()
        async with self._turn:
            context = await self._contexts.prepare(await self.context())
            mark = _digest(minified(self._contexts.kubeconfig(context.name), context))
            if self._opened and self._opened.mark == mark:
                return self._opened.bench
            failure = self._failure
            if failure and failure.mark == mark and failure.at > asked_at:
                raise failure.error
            await self._close()
            try:
                self._opened = await self._open(context, mark)
            except AppError as error:
                self._failure = _Failure(mark, time.monotonic(), error)
                raise
            return self._opened.bench

    async def is_ready(self) -> bool:
        """Return whether the chosen cluster answers within READY_S, and may be worked in."""
        try:
            async with asyncio.timeout(READY_S):
                return (await (await self.bench()).provider.state()).word == "up"
        except (AppError, TimeoutError):
            return False

    @asynccontextmanager
    async def around(self) -> AsyncIterator[Surroundings]:
        """Give what preflight looks at; without a cluster it says why."""
        try:
            context = await self._contexts.prepare(await self.context())
            file = self._contexts.write(context)
        except ClusterUnavailable as trouble:
            programs = InstalledPrograms(self._runner, self.bare())
            yield Surroundings(Machine.this(), programs, trouble=trouble)
            return
        programs = InstalledPrograms(self._runner, self._contexts.environment(file, context))
        journey = await self._progress.journey(self._owner)
        cluster = KubeCluster(file, programs)
        try:
            yield Surroundings(
                Machine.this(),
                programs,
                context=context,
                cluster=cluster,
                probes=self._probes,
                is_under_way=any(state.passed for state in journey.steps.values()),
            )
        finally:
            await cluster.close()

    def bare(self) -> Environment:
        """Return what a command gets that needs no cluster, such as one that makes one."""
        context = self._opened.context if self._opened else None
        return self._contexts.environment(Path(os.devnull), context)

    async def tidy_probes(self) -> None:
        """Take over what an earlier lab left in the cluster: fit probes stay, others are made anew.

        Raises: ClusterUnavailable, NotAllowed, Refused, Unavailable.
        """
        await self.bench()
        if self._opened:
            pods = ProbePods(self._opened.cluster)
            if await pods.are_there():
                await pods.ensure()

    async def _probes(self) -> Probes:
        return await (await self.bench()).probes()

    async def _open(self, context: Context, mark: str) -> _Opened:
        file = self._contexts.write(context)
        environment = self._contexts.environment(file, context)
        programs = InstalledPrograms(self._runner, environment)
        cluster = KubeCluster(file, programs)
        try:
            await self._alarms.look(context, cluster)
        except BaseException:  # also where whoever asked has left
            await cluster.close()
            raise
        pods = ProbePods(cluster)
        bench = Bench(
            context=context.name,
            cluster=self._wrap(cluster) if self._wrap else cluster,
            provider=self._contexts.provider(context, KubeconfigProvider(cluster, environment)),
            programs=programs,
            live=LiveView(cluster),
            probes=pods.ensure,
            sweep=pods.sweep,
            addons=addon_manifests(
                self._contexts.release(context), environment.programs.get("istioctl")
            ),
            is_sandbox=context.name == sandbox.NAME,
        )
        return _Opened(mark, context, cluster, bench)

    async def _close(self) -> None:
        opened, self._opened = self._opened, None
        if opened:
            await opened.cluster.close()


async def _renew(embedded: SandboxProvider) -> None:
    while True:
        await asyncio.to_thread(embedded.renew)
        await asyncio.sleep(sandbox.RENEW_S)


def _digest(document: Mapping[str, object]) -> str:
    return hashlib.sha256(repr(document).encode()).hexdigest()
