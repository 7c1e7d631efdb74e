"""The control plane: an admission, and what keeps every proxy's configuration up to date."""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

from app.sandbox.istiod import pilot
from app.sandbox.istiod.admission import limit, refuse
from app.sandbox.istiod.credentials import is_credential
from app.sandbox.istiod.debug import Proxy
from app.sandbox.istiod.envoy.proxies import Proxy as Translated
from app.sandbox.istiod.envoy.proxies import Translator
from app.sandbox.istiod.identities import Authority, secrets
from app.sandbox.istiod.injection import injected
from app.sandbox.istiod.installation.marks import NAMESPACE
from app.sandbox.istiod.mesh import RELEVANT, Mesh, authorizers
from app.sandbox.istiod.running import Running
from app.sandbox.network.network import Network
from app.sandbox.objects import Obj, labels_of, text
from app.sandbox.registry.ask import Ask
from app.sandbox.registry.registry import Registry
from app.sandbox.shell.container import Container
from app.sandbox.store.store import Change

LOG = logging.getLogger(__name__)
GATHER_S = 0.003  # changes that come together are pushed together


class NoProxy(Exception):
    """A pod without a running proxy; its text says why."""


class Istiod:
    """Append it to the registry's admission, and give its programs to the kubelet.

    It works while a pod of istiod runs: `run_pilot` is that pod's program. `run_proxy` is the
    program of every container of proxyv2. `binary` is Envoy's; without one, proxies
    do nothing.
    """

    def __init__(self, registry: Registry, network: Network, binary: Path | None) -> None:
        self.registry = registry
        self.network = network
        self._binary = binary
        self._translator = Translator()
        self._running: dict[str, Running] = {}
        self._pilots: dict[str, str] = {}  # uid → name of the pods of istiod that work
        self._authority: Authority | None = None
        self.works = asyncio.Event()  # set while an istiod runs
        self._pending: asyncio.TimerHandle | None = None
        self._failed: dict[str, str] = {}  # what could not be pushed → why
        self._say: Callable[[str], None] = lambda said: None  # istiod's log, while it runs
        registry.store.listen(self._changed)

    @property
    def is_working(self) -> bool:
        """Whether an istiod runs."""
        return self.works.is_set()

    def mutate(self, obj: Obj, before: Obj | None, ask: Ask) -> Obj:
        """Return a pod with its sidecar where one is to be injected; anything else as it is."""
        if before is None and obj.get("kind") == "Pod" and obj.get("apiVersion") == "v1":
            return injected(obj, self.registry.store, is_working=self.is_working)
        return obj

    def validate(self, obj: Obj | None, before: Obj | None, ask: Ask) -> None:
        """Raise the StatusError with which Istio's webhook refuses an object."""
        if obj is not None:
            refuse(obj, self.registry.store, ask, is_working=self.is_working)
            limit(obj, ask, lambda: authorizers(self.registry.store))

    async def run_pilot(self, container: Container) -> int:
        """Run istiod's own container: its ports answer, and the control plane works meanwhile."""
        place = container.place
        self._authority = pilot.authority(self.registry.store)
        ports = pilot.Ports(place, self._connected)
        await ports.open(self._authority.issue(NAMESPACE, "istiod"))
        pilot.elect(self.registry.store, place.pod)
        pilot.publish(self.registry.store, self._authority)
        self._pilots[place.uid] = place.pod
        self._say = container.log
        self.works.set()
        self._push()
        container.log("info\tistiod is ready")
        try:
            await container.stopping.wait()
            return 0
        finally:
            self._pilots.pop(place.uid, None)
            if not self._pilots:
                self.works.clear()
            await ports.close()

    async def run_proxy(self, container: Container) -> int:
        """Run a sidecar or gateway: starts Envoy, and ends with it. `istio-init` ends at once."""
        if container.argv and not {"sidecar", "router"} & set(container.argv):
            container.log("info\tIptables rules of the sandbox: the network captures by itself")
            return 0
        if self._binary is None:
            container.log("warning\tthis sandbox has no Envoy: traffic goes past the proxy")
        if not await self._until_working(container):
            return 0
        place = container.place
        pod = self.registry.store.get("pods", place.pod, place.namespace)
        if pod is None or self._authority is None:
            return 1
        account = text(pod, "spec.serviceAccountName", "default")
        identity = self._authority.issue(place.namespace, account)
        proxy = Translated(pod, place, "router" in container.argv)
        running = Running(proxy, container, self._binary, secrets(identity, self._authority.root))
        self._running[place.uid] = running
        self._push()
        try:
            return await running.run()
        except OSError as error:
            container.log(f"error\tEnvoy cannot be started: {error}")
            return 1
        finally:
            if self._running.get(place.uid) is running:
                del self._running[place.uid]
                self._translator.forget(place.uid)

    async def connected(self) -> Sequence[Proxy]:
        """Return the proxies whose Envoy runs and is configured by this control plane."""
        return self._connected()

    def _connected(self) -> Sequence[Proxy]:
        if not self._pilots:
            return []
        istiod = next(iter(self._pilots.values()))
        return [
            Proxy(
                each.place.pod,
                each.place.namespace,
                istiod,
                _subscribed(status),
                kind="router" if each.proxy.is_gateway else "sidecar",
                pushed=each.pushed,
            )
            for each in self._running.values()
            if (status := each.status()) is not None
        ]

    def agent(self, uid: str) -> Running | None:
        """Return the running proxy of a pod, by the pod's uid."""
        return self._running.get(uid)

    async def admin(self, namespace: str, pod: str, path: str, method: str = "GET") -> bytes:
        """Return what a proxy's admin interface says, socket paths translated to addresses.

        Raises: NoProxy where the pod has none, or it does not run.
        """
        for each in self._running.values():
            if (each.place.namespace, each.place.pod) == (namespace, pod):
                try:
                    return (await each.admin(path, method))[1]
                except (OSError, TimeoutError) as error:
                    raise NoProxy(f"the proxy of {pod}.{namespace} does not answer") from error
        raise NoProxy(f"{pod}.{namespace} has no running proxy")

    async def close(self) -> None:
        """End every Envoy and close every socket."""
        if self._pending is not None:
            self._pending.cancel()
        await asyncio.gather(*(each.close() for each in tuple(self._running.values())))

    async def _until_working(self, container: Container) -> bool:
        """Wait for an istiod, whose certificate a proxy needs. False: the container shall stop."""
        if self.is_working:
            return True
        container.log("warn\tno istiod answers; waiting for it")
        waits = [
            asyncio.ensure_future(self.works.wait()),
            asyncio.ensure_future(container.stopping.wait()),
        ]
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        for wait in waits:
            wait.cancel()
        return self.is_working

    def _changed(self, change: Change) -> None:
        if change.resource == "namespaces" and change.type == "ADDED" and self._authority:
            asyncio.get_running_loop().call_soon(self._publish)
        if change.resource not in RELEVANT or not self._running or self._pending is not None:
            return
        if change.resource == "pods" and not _is_relabelled(change):
            return
        if change.resource == "secrets" and not is_credential(change.object):
            return
        loop = asyncio.get_running_loop()
        self._pending = loop.call_later(GATHER_S, self._push)

    def _publish(self) -> None:
        if self._authority is not None and self.is_working:
            pilot.publish(self.registry.store, self._authority)

    def _push(self) -> None:
        """Give each proxy what it should have now; nothing goes out while no istiod works."""
        if self._pending is not None:
            self._pending.cancel()
            self._pending = None
        if not self.is_working:
            return
        looked = self._attempt("the mesh", self._look)
        for running in self._running.values():
            if looked:
                named = f"{running.place.pod}.{running.place.namespace}"
                running.is_stale = not self._attempt(named, partial(self._feed, running))
            else:
                running.is_stale = True

    def _look(self) -> None:
        self._translator.look(Mesh.look(self.registry.store, self._door))

    def _feed(self, running: Running) -> None:
        running.want(self._translator.resources(running.proxy))

    def _attempt(self, named: str, step: Callable[[], None]) -> bool:
        """Do a step of a push, and return whether it was done.

        What goes wrong for one proxy is told in istiod's log, once, and keeps no other waiting.
        """
        try:
            step()
        except Exception as error:
            told = f"{type(error).__name__}: {error}"
            if self._failed.get(named) != told:
                self._failed[named] = told
                self._say(f"error\tads\tpush of {named} failed, it keeps what it has: {told}")
                LOG.exception("push of %s failed", named)
            return False
        self._failed.pop(named, None)
        return True

    def _door(self, ip: str, port: int) -> str:
        place = self.network.places.find(ip)
        return str(place.door(port)) if place else ""


def _subscribed(status: Mapping[str, str]) -> Mapping[str, str]:
    return {kind: state for kind, state in status.items() if state != "NOT SENT"}


def _is_relabelled(change: Change) -> bool:
    """Whether a pod's labels have changed; its endpoints tell the rest."""
    return change.before is not None and labels_of(change.object) != labels_of(change.before)
