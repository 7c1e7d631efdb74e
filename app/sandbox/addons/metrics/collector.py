"""Asks every proxy of the mesh for what it has recorded, again and again."""

import asyncio
import re
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace

from app.sandbox.addons.metrics.database import Database, Series
from app.sandbox.addons.metrics.log import Record, Tail
from app.sandbox.addons.metrics.meter import Meter, key
from app.sandbox.addons.metrics.peers import NOBODY, Destination, Peer, destinations
from app.sandbox.istiod.envoy.logs import RECORDS
from app.sandbox.network.network import Network
from app.sandbox.network.place import Place
from app.sandbox.objects import Obj, is_ending, labels_of, name_of, namespace_of

INTERVAL_S = 15.0
READ_S = 3.0  # oftener than istiod empties files that nobody reads
MOST_PIECES = 40  # of one proxy's file in one round, 256 KiB each: what is more comes in the next
MOST_CALLERS = 50_000  # requests of which it is known who sent them
PATIENCE_S = 2.0  # how long the other side of a request may be late
NO_LABEL = re.compile(r"[^a-zA-Z0-9_]")
PORT = 15020  # where a real sidecar's numbers are fetched


@dataclass
class Target:
    """One proxy that is asked."""

    place: Place
    pod: Obj
    peer: Peer
    tail: Tail
    meter: Meter
    up: Series | None
    last_at: float = 0.0

    @property
    def url(self) -> str:
        """Return where a real Prometheus would ask."""
        return f"http://{self.place.ip}:{PORT}/stats/prometheus"


class Collector:
    """Fills a database from the records of every proxy on the network."""

    def __init__(
        self, network: Network, database: Database, clock: Callable[[], float] = time.time
    ) -> None:
        self.targets: dict[str, Target] = {}
        self.lasted_s = 0.0  # the last round
        self._network = network
        self._database = database
        self._clock = clock
        self._callers: OrderedDict[tuple[str, str], Peer] = OrderedDict()
        self._late: list[tuple[Target, Record]] = []
        self._kept: dict[str, Series | None] = {}

    async def run(self, stopping: asyncio.Event) -> None:
        """Read what is recorded, and take a sample every 15 seconds, until `stopping` is set."""
        due = self._clock()
        while not stopping.is_set():
            if self._clock() >= due:
                due = self._clock() + INTERVAL_S
                await self.scrape()
            else:
                await self.read()
            with suppress(TimeoutError):
                async with asyncio.timeout(READ_S):
                    await stopping.wait()

    async def scrape(self) -> None:
        """Read what is new of every proxy, and take a sample of all numbers."""
        began = time.perf_counter()
        await self.read()
        at = self._clock()
        for target in self.targets.values():
            target.meter.flush()
            target.last_at = at
            if target.up is not None:
                target.up.value = 1.0
        self.lasted_s = time.perf_counter() - began
        self._note("prometheus_tsdb_head_series", len(self._database))
        self._note("scrape_duration_seconds", self.lasted_s)
        self._note("up", 1.0)
        self._database.scrape(at)

    async def read(self) -> None:
        """Count what every proxy has recorded since the last time."""
        self._find()
        heard: list[tuple[Target, Record]] = []
        for target in list(self.targets.values()):
            for _ in range(MOST_PIECES):
                records = target.tail.next()
                if not records:
                    break
                self._send(target, [each for each in records if each.is_outbound])
                heard += [(target, each) for each in records if not each.is_outbound]
                await asyncio.sleep(0)  # the rest of the sandbox goes on meanwhile
        self._receive(heard)

    def _note(self, name: str, value: float) -> None:
        if name not in self._kept:
            own = {"job": "prometheus", "instance": "localhost:9090"}
            self._kept[name] = self._database.series(name, own)
        series = self._kept[name]
        if series is not None:
            series.value = value

    def _find(self) -> None:
        """See which proxies there are now; the numbers of those that went end here."""
        store, seen = self._network.store, set()
        for place in self._network.places.all():
            pod = store.get("pods", place.pod, place.namespace)
            if not (place.folder / RECORDS).exists() or pod is None or is_ending(pod):
                continue
            seen.add(place.uid)
            if place.uid not in self.targets:
                about = target_labels(pod, place.ip)
                self.targets[place.uid] = Target(
                    place,
                    pod,
                    Peer.of_pod(pod),
                    Tail(place.folder),
                    Meter(self._database, about),
                    self._database.series("up", about),
                )
        for uid in [uid for uid in self.targets if uid not in seen]:
            self._end(self.targets.pop(uid))

    def _end(self, target: Target) -> None:
        gone = {"namespace": target.place.namespace, "pod": target.place.pod}.items()
        for series in self._database.select("", lambda each: gone <= set(each.labels)):
            series.ended = self._clock()

    def _send(self, target: Target, records: list[Record]) -> None:
        """Count what a proxy's own program sent, and remember who it was."""
        for record in records:
            far = Peer.of_metadata(record.workload, record.server)
            service = Destination.of_cluster(record.cluster, record.host)
            source = target.peer if record.server else _unproved(target.peer)
            target.meter.count(key(record, "source", source, far, service), record)
            if record.id:
                self._callers[record.id, far.workload] = source
        while len(self._callers) > MOST_CALLERS:
            self._callers.popitem(last=False)

    def _receive(self, heard: list[tuple[Target, Record]]) -> None:
        """Count what came to programs; who sent it is known from the other side's record."""
        now = self._clock()
        ports: dict[str, Mapping[int, Destination]] = {}
        late, self._late = self._late, []
        for target, record in (*late, *heard):
            source = self._callers.get((record.id, target.peer.workload))
            if source is None and record.client and now - record.at < PATIENCE_S:
                self._late.append((target, record))
                continue
            uid = target.place.uid
            if uid not in ports:
                ports[uid] = destinations(self._network.store, target.pod)
            number = record.cluster.split("|")[1] if record.cluster.count("|") == 3 else ""
            service = ports[uid].get(int(number) if number.isdigit() else 0, Destination())
            near = target.peer if record.client else _unproved(target.peer)
            labels = key(record, "destination", _caller(source, record), near, service)
            target.meter.count(labels, record)


def _unproved(peer: Peer) -> Peer:
    """Return a workload that showed no certificate."""
    return replace(peer, principal=NOBODY)


def _caller(known: Peer | None, record: Record) -> Peer:
    """Return who sent a request: as its own proxy says, else as its certificate says."""
    if not record.client:
        return Peer()
    if known is not None:
        return replace(known, principal=record.client)
    parts = record.client.split("/")
    namespace = parts[parts.index("ns") + 1] if "ns" in parts[:-1] else NOBODY
    return Peer(namespace=namespace, principal=record.client)


def target_labels(pod: Obj, ip: str) -> dict[str, str]:
    """Return the labels that Prometheus gives to all that it fetches from a pod."""
    own = {NO_LABEL.sub("_", name): value for name, value in labels_of(pod).items()}
    return {
        **own,
        "job": "kubernetes-pods",
        "instance": f"{ip}:{PORT}",
        "namespace": namespace_of(pod),
        "pod": name_of(pod),
    }
