"""The cluster that is chosen: which context, whether it may be touched, opened once and kept."""

import asyncio
import hashlib
import os
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from app.clusters.cluster import Cluster
from app.clusters.installed import InstalledPrograms
from app.clusters.kubeconfig import (
    Context,
    Kubeconfig,
    kubeconfig_paths,
    minified,
    read_kubeconfig,
    service_account,
    write_minified,
)
from app.clusters.live import LiveView
from app.clusters.probes import ProbePods, Probes
from app.clusters.production import reasons_by_address, reasons_by_content
from app.clusters.provider import KubeconfigProvider
from app.clusters.reader import KubeCluster
from app.commands.environment import find_programs
from app.commands.model import Environment
from app.commands.runner import Runner
from app.errors import AppError, ClusterUnavailable, NotAllowed, NotFound, Refused
from app.practice.addons import addon_manifests
from app.practice.workplace import Bench
from app.preflight.surroundings import Machine, Surroundings
from app.progress.queries import Progress
from app.settings import Settings

Wrap = Callable[[Cluster], Cluster]

CHOICE = "context"  # the name under which the chosen context is kept
CONFIRMED = "confirmed"  # ... and those that were confirmed although they look like production
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


@dataclass(frozen=True)
class _Opened:
    mark: str  # digest of what the context says: minikube gives a restarted cluster a new port
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
    ) -> None:
        self._settings = settings
        self._progress = progress
        self._runner = runner
        self._owner = owner
        self._wrap = wrap
        self._opened: _Opened | None = None
        self._failure: _Failure | None = None
        self._alarms: dict[str, str] = {}  # contexts that were refused, and why
        self._turn = asyncio.Lock()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._close()

    def kubeconfig(self) -> Kubeconfig:
        """Return what the learner's kubeconfig says now. Raises: ClusterUnavailable."""
        paths = kubeconfig_paths(self._settings.kubeconfig, os.environ)
        own = service_account(os.environ)
        if own and not any(path.exists() for path in paths):
            return own
        return read_kubeconfig(paths)

    async def context(self) -> Context:
        """Return the context that is worked in. Raises: ClusterUnavailable."""
        chosen = self._settings.context or await self._progress.choice(self._owner, CHOICE)
        return self.kubeconfig().choose(chosen)

    async def all(self) -> list[ContextChoice]:
        """Return the contexts of the kubeconfig, by name. Raises: ClusterUnavailable."""
        config = self.kubeconfig()
        chosen = self._settings.context or await self._progress.choice(self._owner, CHOICE)
        current = chosen or config.current
        return [
            ContextChoice(
                each.name, each.server, each.name == current, await self._standing_alarm(each)
            )
            for each in sorted(config.contexts, key=lambda context: context.name)
        ]

    async def choose(self, name: str, confirmation: str) -> None:
        """Work in this context from now on.

        Raises: NotFound; Refused where it looks like production and `confirmation` is not its name.
        """
        known = {context.name: context for context in self.kubeconfig().contexts}
        if name not in known:
            raise NotFound(f"The kubeconfig has no context “{name}”.")
        if confirmation == name:
            await self._progress.choose(self._owner, _confirmed(name), "yes")
        elif alarm := await self._standing_alarm(known[name]):
            raise _looks_like_production(name, alarm)
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
            config, context = self.kubeconfig(), await self.context()
            mark = _digest(minified(config, context))
            if self._opened and self._opened.mark == mark:
                return self._opened.bench
            failure = self._failure
            if failure and failure.mark == mark and failure.at > asked_at:
                raise failure.error
            await self._close()
            try:
                self._opened = await self._open(config, context, mark)
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

    def _environment(self, kubeconfig: Path, namespace: str = "default") -> Environment:
        """Return what commands get: the programs that are installed now, and this kubeconfig."""
        own = kubeconfig_paths(self._settings.kubeconfig, os.environ)
        programs = find_programs(self._settings.istio_release_dir)
        return Environment(kubeconfig, programs, namespace, Path.home(), own[0])

    @asynccontextmanager
    async def around(self) -> AsyncIterator[Surroundings]:
        """Give what preflight looks at; without a cluster it says why."""
        try:
            config, context = self.kubeconfig(), await self.context()
            file = write_minified(config, context, self._settings.data_dir / "contexts")
        except ClusterUnavailable as trouble:
            programs = InstalledPrograms(self._runner, self.bare())
            yield Surroundings(Machine.this(), programs, trouble=trouble)
            return
        programs = InstalledPrograms(self._runner, self._environment(file, context.namespace))
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
        return self._environment(Path(os.devnull))

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

    async def _open(self, config: Kubeconfig, context: Context, mark: str) -> _Opened:
        file = write_minified(config, context, self._settings.data_dir / "contexts")
        environment = self._environment(file, context.namespace)
        programs = InstalledPrograms(self._runner, environment)
        cluster = KubeCluster(file, programs)
        try:
            await self._refuse_production(context, cluster)
        except BaseException:  # also where whoever asked has left
            await cluster.close()
            raise
        pods = ProbePods(cluster)
        bench = Bench(
            context=context.name,
            cluster=self._wrap(cluster) if self._wrap else cluster,
            provider=KubeconfigProvider(cluster, environment),
            programs=programs,
            live=LiveView(cluster),
            probes=pods.ensure,
            sweep=pods.sweep,
            addons=addon_manifests(
                self._settings.istio_release_dir, environment.programs.get("istioctl")
            ),
        )
        return _Opened(mark, cluster, bench)

    async def _refuse_production(self, context: Context, cluster: KubeCluster) -> None:
        try:
            nodes, namespaces = await asyncio.gather(
                cluster.list("Node"), cluster.list("Namespace")
            )
            seen = reasons_by_content(nodes, namespaces)
        except NotAllowed:
            seen = ["this account may not see its nodes, as where a cluster is shared"]
        alarm = _alarm(context, seen)
        if alarm and not await self._progress.choice(self._owner, _confirmed(context.name)):
            self._alarms[context.name] = alarm
            raise _looks_like_production(context.name, alarm)

    async def _standing_alarm(self, context: Context) -> str:
        if await self._progress.choice(self._owner, _confirmed(context.name)):
            return ""
        return self._alarms.get(context.name) or _alarm(context, ())

    async def _close(self) -> None:
        opened, self._opened = self._opened, None
        if opened:
            await opened.cluster.close()


def _confirmed(name: str) -> str:
    """Names of managed clusters are long and alike, and a choice's name is short."""
    return f"{CONFIRMED}:{hashlib.sha256(name.encode()).hexdigest()[:32]}"


def _alarm(context: Context, by_content: Sequence[str]) -> str:
    return "; ".join([*reasons_by_address(context), *by_content])


def _looks_like_production(name: str, alarm: str) -> Refused:
    return Refused(
        f"The context “{name}” looks like production: {alarm}.",
        hint="The course creates and deletes namespaces. If this cluster is yours to play with, "
        "type the context's name in the settings.",
    )


def _digest(document: Mapping[str, object]) -> str:
    return hashlib.sha256(repr(document).encode()).hexdigest()
