"""All controllers, started and stopped together."""

from app.sandbox.registry.registry import Registry


class Controllers:
    """What a control plane does by itself; `start` also makes what a fresh cluster shows.

    `certificate` is the cluster's CA in PEM, for the ConfigMap kube-root-ca.crt.
    """

    def __init__(self, registry: Registry, *, certificate: str = "") -> None:
        self.registry = registry
        self.certificate = certificate

    def start(self) -> None:
        """Begin to act on changes; needs a running event loop."""
        raise NotImplementedError

    def stop(self) -> None:
        """Cease to act, and drop every timer."""
        raise NotImplementedError
