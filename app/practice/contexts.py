"""The clusters that can be worked in: the contexts of the learner's kubeconfig, and the sandbox."""

import os
from pathlib import Path

from app.clusters import sandbox
from app.clusters.kubeconfig import (
    Context,
    Kubeconfig,
    kubeconfig_paths,
    read_kubeconfig,
    service_account,
    write_minified,
)
from app.clusters.provider import ClusterProvider
from app.clusters.sandbox import SandboxProvider
from app.commands.environment import find_programs
from app.commands.model import Environment
from app.errors import ClusterUnavailable
from app.settings import Settings


class Contexts:
    """Knows them by name. Without `embedded` there is no sandbox."""

    def __init__(self, settings: Settings, embedded: SandboxProvider | None) -> None:
        self._settings = settings
        self.embedded = embedded

    def kubeconfig(self, chosen: str = "") -> Kubeconfig:
        """Return what the learner's kubeconfig says now, with the sandbox added.

        The sandbox is the current context where there is no kubeconfig, or it names none. A file
        that cannot be read is no hindrance where the sandbox is chosen.
        Raises: ClusterUnavailable.
        """
        try:
            own = self._own()
        except ClusterUnavailable:
            if self.embedded is None or (self._has_own() and chosen != sandbox.NAME):
                raise
            own = Kubeconfig({}, {}, (), "")
        return own if self.embedded is None else _beside(own, self.embedded)

    async def prepare(self, context: Context) -> Context:
        """Return the context as it is once its cluster was started, where that is ours to do.

        Raises: ClusterUnavailable.
        """
        embedded = self._embedded_of(context)
        if embedded is None:
            return context
        await embedded.start()
        return self.kubeconfig(sandbox.NAME).choose(sandbox.NAME)

    def provider(self, context: Context, otherwise: ClusterProvider) -> ClusterProvider:
        """Return what starts and stops the context's cluster."""
        return self._embedded_of(context) or otherwise

    def write(self, context: Context) -> Path:
        """Write a kubeconfig that holds this context alone. Raises: ClusterUnavailable."""
        folder = self._settings.data_dir / "contexts"
        return write_minified(self.kubeconfig(context.name), context, folder)

    def environment(self, kubeconfig: Path, context: Context | None = None) -> Environment:
        """Return what commands get: the programs that are installed now, and this kubeconfig.

        The sandbox brings its own kubectl and istioctl.
        """
        programs = find_programs(self._settings.istio_release_dir)
        embedded = self._embedded_of(context) if context else None
        if embedded is not None:
            programs |= embedded.environment().programs
        namespace = context.namespace if context else "default"
        return Environment(kubeconfig, programs, namespace, Path.home(), self._paths()[0])

    def release(self, context: Context) -> Path | None:
        """Return the unpacked Istio release whose samples the course applies, where it is known."""
        embedded = self._embedded_of(context)
        if embedded is None:
            return self._settings.istio_release_dir
        running = embedded.running()
        return running.release if running else None

    def _embedded_of(self, context: Context) -> SandboxProvider | None:
        return self.embedded if context.name == sandbox.NAME else None

    def _paths(self) -> tuple[Path, ...]:
        return kubeconfig_paths(self._settings.kubeconfig, os.environ)

    def _own(self) -> Kubeconfig:
        paths = self._paths()
        pod = service_account(os.environ)
        if pod and not any(path.exists() for path in paths):
            return pod
        return read_kubeconfig(paths)

    def _has_own(self) -> bool:
        return any(path.expanduser().exists() for path in self._paths())


def _beside(own: Kubeconfig, embedded: SandboxProvider) -> Kubeconfig:
    running = embedded.running()
    current = own.current or sandbox.NAME
    if running is None:
        asleep = Context(sandbox.NAME, sandbox.NAME, sandbox.NAME, "default", "")
        return Kubeconfig(own.clusters, own.users, (*own.contexts, asleep), current)
    its = read_kubeconfig([running.kubeconfig])
    return Kubeconfig(
        {**own.clusters, **its.clusters},
        {**own.users, **its.users},
        (*own.contexts, *its.contexts),
        current,
    )
