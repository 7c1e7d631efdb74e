"""Names of Services and pods, as the cluster's DNS gives them."""

from app.sandbox.store.store import Store


def resolve(store: Store, name: str, namespace: str) -> list[str]:
    """Return the addresses of a name as a pod of a namespace asks for it; empty: no such host.

    Source: https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/
    """
    raise NotImplementedError
