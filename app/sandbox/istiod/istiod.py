"""The control plane: an admission, and what keeps every proxy's configuration up to date."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.sandbox.network.network import Network
from app.sandbox.objects import Obj
from app.sandbox.registry.ask import Ask
from app.sandbox.registry.registry import Registry
from app.sandbox.shell.container import Container


@dataclass(frozen=True)
class Proxy:
    """One connected proxy. `types` (CDS, LDS, EDS, RDS) → SYNCED, STALE, NACKED or NOT SENT."""

    pod: str
    namespace: str
    istiod: str
    types: Mapping[str, str]
    cluster: str = "Kubernetes"
    version: str = "1.31.0"


class NoProxy(Exception):
    """A pod without a running proxy; its text says why."""


class Istiod:
    """Append it to the registry's admission, and give its programs to the kubelet.

    It works while a pod of istiod runs: `run_pilot` is that pod's program. `run_proxy` is the
    program of every container of proxyv2.
    """

    def __init__(self, registry: Registry, network: Network) -> None:
        self.registry = registry
        self.network = network

    def mutate(self, obj: Obj, before: Obj | None, ask: Ask) -> Obj:
        """Return a pod with its sidecar where one is to be injected; anything else as it is."""
        return obj

    def validate(self, obj: Obj | None, before: Obj | None, ask: Ask) -> None:
        """Raise the StatusError with which Istio's webhook refuses an object."""

    async def run_pilot(self, container: Container) -> int:
        """Run istiod's own container: its ports answer, and the control plane works meanwhile."""
        raise NotImplementedError

    async def run_proxy(self, container: Container) -> int:
        """Run a sidecar or gateway: starts Envoy, and ends with it. `istio-init` ends at once."""
        raise NotImplementedError

    async def connected(self) -> Sequence[Proxy]:
        """Return the proxies whose Envoy runs and is configured by this control plane."""
        raise NotImplementedError

    async def admin(self, namespace: str, pod: str, path: str, method: str = "GET") -> bytes:
        """Return what a proxy's admin interface says, socket paths translated to addresses.

        Raises: NoProxy where the pod has none, or it does not run.
        """
        raise NotImplementedError

    async def close(self) -> None:
        """End every Envoy and close every socket."""
