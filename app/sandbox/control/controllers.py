"""All controllers, started and stopped together."""

from app.sandbox.control import fresh
from app.sandbox.control.deployment.controller import Deployments
from app.sandbox.control.disruption import Disruptions
from app.sandbox.control.endpoints import Endpoints
from app.sandbox.control.expiry import Expiry
from app.sandbox.control.garbage import Garbage
from app.sandbox.control.job.controller import Jobs
from app.sandbox.control.namespaces import Namespaces
from app.sandbox.control.quota import Quotas
from app.sandbox.control.replicaset import ReplicaSets
from app.sandbox.control.scheduler import Scheduler
from app.sandbox.control.work import Controller, Work
from app.sandbox.objects import name_of, namespace_of
from app.sandbox.registry.events import Events
from app.sandbox.registry.registry import Registry
from app.sandbox.store.store import Change
from app.sandbox.version import KUBERNETES


class Controllers:
    """What a control plane does by itself; `start` also makes what a fresh cluster shows.

    `certificate` is the cluster's CA in PEM, for the ConfigMap kube-root-ca.crt. `pace` scales
    back-off times (1.0 as in reality).
    """

    def __init__(self, registry: Registry, *, certificate: str = "", pace: float = 1.0) -> None:
        self._registry = registry
        events = Events(registry)
        quotas = Quotas(registry)
        registry.admission.append(quotas)
        controllers: tuple[Controller, ...] = (
            Garbage(registry),
            Namespaces(registry, certificate),
            Deployments(registry, events),
            ReplicaSets(registry, events),
            Jobs(registry, events, pace),
            Scheduler(registry, events),
            Endpoints(registry),
            Expiry(registry.store),
            quotas,
            Disruptions(registry),
        )
        self._works = [(controller, Work(controller.look)) for controller in controllers]
        self._stopped = False

    def start(self) -> None:
        """Begin to act on changes; needs a running event loop."""
        store = self._registry.store
        store.listen(self._tell)
        for kind in store.kinds:
            for obj in store.list(kind.resource):
                self._tell(Change("ADDED", kind.resource, store.version, obj))
        for obj in fresh.objects(KUBERNETES):
            kind_ = store.kinds.of(obj)
            if kind_ and store.get(kind_.resource, name_of(obj), namespace_of(obj)) is None:
                self._registry.create(obj)

    def stop(self) -> None:
        """Cease to act, and drop every timer."""
        self._stopped = True
        for _, work in self._works:
            work.close()

    def _tell(self, change: Change) -> None:
        if self._stopped:
            return
        for controller, work in self._works:
            wanted = controller.resources
            if change.resource in wanted or "*" in wanted:
                for key in controller.touched(change):
                    work.add(key)
