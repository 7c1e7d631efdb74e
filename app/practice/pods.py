"""The pod that `${pod:LABELS}` in a command stands for."""

from app.clusters.cluster import Cluster
from app.clusters.pods import readiness
from app.errors import NotFound


async def newest_ready(cluster: Cluster, namespace: str, labels: str) -> str:
    """Return the newest pod with these labels, ready ones first. Raises: NotFound."""
    pods = [pod for pod in await cluster.list("Pod", namespace, labels) if not pod.is_terminating]
    if not pods:
        raise NotFound(
            f"There is no pod with {labels} in namespace {namespace} yet.",
            hint=f"kubectl get pods -n {namespace} shows what is there.",
        )

    def rank(index: int) -> tuple[bool, object]:
        ready = readiness(pods[index])
        return ready.is_all, pods[index].created

    return pods[max(range(len(pods)), key=rank)].name
