"""A control plane without a kubelet: tests play the node, and wait for what becomes true."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from app.sandbox.control.controllers import Controllers
from app.sandbox.objects import Json, Obj, labels_of, name_of, namespace_of, table
from app.sandbox.registry.ask import Ask
from app.sandbox.registry.registry import Registry
from app.sandbox.store.kinds import Kinds
from app.sandbox.store.store import Store

LEARNER = Ask(user="minikube-user")
NOW = "2026-11-23T12:00:00Z"


class Plane:
    """A store with its controllers, and the node `minikube`."""

    def __init__(self) -> None:
        self.store = Store(Kinds())
        self.registry = Registry(self.store)
        self.controllers = Controllers(self.registry, certificate="PEM", pace=0.01)

    def apply(self, obj: Obj) -> Obj:
        """Create an object as a learner does, or put it in place of the one that is there."""
        kind = self.store.kinds.of(obj)
        assert kind
        before = self.store.get(kind.resource, name_of(obj), namespace_of(obj))
        if before is None:
            return self.registry.create(obj, LEARNER)
        return self.registry.update({**before, **obj, "status": before.get("status")}, LEARNER)

    def delete(self, resource: str, name: str, propagation: str = "Background") -> None:
        self.registry.delete(resource, name, "default", LEARNER, propagation=propagation)

    def pods(self, app: str = "web") -> list[Obj]:
        return [
            pod for pod in self.store.list("pods", "default") if labels_of(pod).get("app") == app
        ]

    def names(self, resource: str, namespace: str = "default") -> list[str]:
        return [name_of(obj) for obj in self.store.list(resource, namespace)]

    def told(self, reason: str) -> list[str]:
        """Return the messages of the Events with a reason."""
        found = self.store.list("events", "default")
        return [str(event["message"]) for event in found if event["reason"] == reason]

    def set_pod(
        self, pod: Obj, *, phase: str = "Running", ready: bool = True, code: int = 0
    ) -> None:
        """Play the kubelet: the pod runs, is ready or not, or has ended."""
        condition: Obj = {"type": "Ready", "status": str(ready), "lastTransitionTime": NOW}
        terminated: Obj = {"exitCode": code, "finishedAt": NOW}
        state: Obj = {"running": {}} if phase == "Running" else {"terminated": terminated}
        conditions: list[Json] = [condition]
        status: Obj = {
            "phase": phase,
            "podIP": f"10.244.0.{int(str(table(pod, 'metadata')['resourceVersion'])) % 250}",
            "conditions": conditions,
            "containerStatuses": [{"name": "web", "restartCount": 0, "state": state}],
        }
        self.store.edit(
            "pods", name_of(pod), namespace_of(pod), lambda now: {**now, "status": status}
        )

    def remove_ending(self) -> None:
        """Play the kubelet: what is to end has ended."""
        for pod in self.store.list("pods"):
            if "deletionTimestamp" in table(pod, "metadata"):
                self.store.remove("pods", name_of(pod), namespace_of(pod))

    async def until(self, is_true: Callable[[], object]) -> None:
        """Wait for a change after which something is true."""
        watching = self.store.watch([kind.resource for kind in self.store.kinds])
        try:
            async with asyncio.timeout(2):
                while not is_true():
                    await watching.next()
        finally:
            watching.close()

    async def settle(self) -> None:
        """Let every controller look at what has changed until none changes anything more."""
        version = -1
        for _ in range(200):
            if version == self.store.version:
                return
            version = self.store.version
            for _ in range(4):
                await asyncio.sleep(0)
        raise AssertionError("the controllers never come to rest")


@contextmanager
def plane() -> Iterator[Plane]:
    made = Plane()
    made.controllers.start()
    node: Obj = {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": "minikube", "labels": {"disk": "fast"}},
        "status": {"allocatable": {"cpu": "2", "memory": "2Gi", "pods": "20"}},
    }
    made.store.create(node)
    try:
        yield made
    finally:
        made.controllers.stop()


def container(**fields: Json) -> Obj:
    return {"name": "web", "image": "nginx", **fields}


def deployment(replicas: int = 2, image: str = "nginx", **spec: Json) -> Obj:
    template: Obj = {
        "metadata": {"labels": {"app": "web"}},
        "spec": {"containers": [container(image=image)]},
    }
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web", "namespace": "default"},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": {"app": "web"}},
            "template": template,
            **spec,
        },
    }


def pod(name: str, **spec: Json) -> Obj:
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": "default", "labels": {"app": "web"}},
        "spec": {"containers": [container()], **spec},
    }


def service(**spec: Json) -> Obj:
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "web", "namespace": "default"},
        "spec": {"selector": {"app": "web"}, "ports": [{"name": "http", "port": 80}], **spec},
    }
