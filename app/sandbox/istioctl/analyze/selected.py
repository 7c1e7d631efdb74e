"""Which Services select a pod, found without asking each of them."""

from collections.abc import Iterator, Mapping

from app.sandbox.istioctl.analyze.labels import matches
from app.sandbox.istioctl.analyze.resource import Resource
from app.sandbox.istioctl.analyze.snapshot import Snapshot
from app.sandbox.objects import strings


class Selecting:
    """The Services of a snapshot by namespace and by the first pair of their selector."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._by_pair: dict[tuple[str, str, str], list[tuple[dict[str, str], Resource]]] = {}
        self._of_all: dict[str, list[Resource]] = {}
        for service in snapshot.all("Service"):
            selector = strings(service.spec, "selector")
            if selector:
                key = (service.namespace, *min(selector.items()))
                self._by_pair.setdefault(key, []).append((selector, service))
            else:
                self._of_all.setdefault(service.namespace, []).append(service)

    def find(self, namespace: str, labels: Mapping[str, str]) -> list[Resource]:
        """Return the Services that select a pod's labels, by name."""
        return sorted(self._found(namespace, labels), key=lambda service: service.name)

    def without_selector(self, namespace: str) -> list[Resource]:
        """Return the Services of a namespace that select no pod by themselves."""
        return self._of_all.get(namespace, [])

    def _found(self, namespace: str, labels: Mapping[str, str]) -> Iterator[Resource]:
        for pair in labels.items():
            for selector, service in self._by_pair.get((namespace, *pair), ()):
                if matches(selector, labels):
                    yield service
