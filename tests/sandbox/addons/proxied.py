"""A network of pods whose proxies' records a test writes itself."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

from app.sandbox.addons.metrics.collector import Collector
from app.sandbox.addons.metrics.database import Database
from app.sandbox.addons.promql.evaluate import query
from app.sandbox.istiod.envoy.logs import RECORDS
from app.sandbox.network.network import Network
from app.sandbox.network.place import Place
from app.sandbox.objects import Json, Obj
from app.sandbox.store.kinds import Kind, Kinds
from app.sandbox.store.store import Store

NS = "mesh-demo"
BACKEND = "outbound|80||backend.mesh-demo.svc.cluster.local"


def spiffe(account: str) -> str:
    return f"spiffe://cluster.local/ns/{NS}/sa/{account}"


class Pods:
    """Pods with records, and a collector that reads them; the time is what the test says."""

    def __init__(self) -> None:
        kinds = Kinds()
        kinds.add(Kind("VirtualService", "virtualservices", "networking.istio.io"))
        self.store = Store(kinds)
        self.network = Network(self.store)
        self.database = Database()
        self.now = 1_000.0
        self.collector = Collector(self.network, self.database, lambda: self.now)
        self._requests = 0
        self._create("Service", "backend", spec={
            "clusterIP": "10.96.0.5", "selector": {"app": "backend"},
            "ports": [{"port": 80, "targetPort": 5678, "name": "http"}],
        })  # fmt: skip

    def _create(self, kind: str, name: str, **rest: Json) -> Obj:
        meta: Obj = {"name": name, "namespace": NS}
        return self.store.create({"apiVersion": "v1", "kind": kind, "metadata": meta, **rest})

    def add(self, name: str, app: str, version: str = "v1", account: str = "default") -> Place:
        """Return the place of a new pod with a sidecar."""
        place = self.network.join(NS, name, f"uid-{name}", is_proxied=True)
        labels: Json = {"app": app, "version": version}
        meta: Obj = {"name": name, "namespace": NS, "labels": labels}
        spec: Obj = {"serviceAccountName": account, "containers": [{"name": "c"}]}
        self.store.create({"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": spec})
        (place.folder / RECORDS).touch()
        return place

    def write(self, place: Place, **fields: Json) -> None:
        """Write one record of a proxy."""
        said = {"at": f"{self.now:.3f}", "ms": 3, "code": 200, "flags": "-", "method": "GET",
                "path": "/", "host": "backend", "protocol": "HTTP/1.1", "received": 0, "sent": 9,
                "cluster": BACKEND, "workload": None, "client": None, "server": None, "id": None,
                **fields}  # fmt: skip
        with (place.folder / RECORDS).open("a") as file:
            file.write(json.dumps(said) + "\n")

    def call(self, source: Place, target: Place, code: int = 200, ms: int = 3) -> None:
        """Write both sides of a request by mutual TLS."""
        self._requests += 1
        pod = self.store.get("pods", target.pod, NS)
        assert pod is not None
        labels = pod["metadata"]["labels"]  # type: ignore[index,call-overload]
        answered = f"{target.pod};{NS};{labels['app']};{labels['version']};Kubernetes"  # type: ignore[index,call-overload]
        both: dict[str, Json] = {"id": f"r{self._requests}", "code": code, "ms": ms}
        proofs = {"client": spiffe("default"), "server": spiffe("default")}
        self.write(source, direction="outbound", workload=answered, **proofs, **both)
        inbound: dict[str, Json] = {"cluster": "inbound|5678||", "direction": "inbound"}
        self.write(target, **inbound, **proofs, **both)

    async def scrape(self, after_s: float = 15.0) -> None:
        """Go round once, some seconds later."""
        self.now += after_s
        await self.collector.scrape()

    def counts(
        self, *names: str, metric: str = "istio_requests_total"
    ) -> dict[tuple[str, ...], float]:
        """Return the sums of a metric by some labels."""
        value = query(self.database, f"sum by ({', '.join(names)}) ({metric})", self.now)
        assert isinstance(value, list)
        return {tuple(dict(labels).get(n, "") for n in names): each for labels, each in value}


@contextmanager
def proxied() -> Iterator[Pods]:
    """Give a network without pods."""
    pods = Pods()
    try:
        yield pods
    finally:
        pods.network.close()
