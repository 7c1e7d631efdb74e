"""A small mesh for tests: real Envoys, tiny programs behind them, and one who asks."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest

from app.sandbox.istiod.installation.marks import NAMESPACE
from app.sandbox.istiod.istiod import Istiod
from app.sandbox.network.network import Network
from app.sandbox.network.place import Place
from app.sandbox.objects import Json, Obj, name_of
from app.sandbox.proxy.binary import EnvoyMissing, find
from app.sandbox.registry.registry import Registry
from app.sandbox.shell.container import Container
from app.sandbox.shell.files import Files
from app.sandbox.store.kinds import Kind, Kinds
from app.sandbox.store.store import Store

NETWORKING, SECURITY = "networking.istio.io", "security.istio.io"
ISTIO_KINDS = (
    Kind("VirtualService", "virtualservices", NETWORKING),
    Kind("DestinationRule", "destinationrules", NETWORKING),
    Kind("Gateway", "gateways", NETWORKING),
    Kind("ServiceEntry", "serviceentries", NETWORKING),
    Kind("Sidecar", "sidecars", NETWORKING),
    Kind("PeerAuthentication", "peerauthentications", SECURITY),
    Kind("RequestAuthentication", "requestauthentications", SECURITY),
    Kind("AuthorizationPolicy", "authorizationpolicies", SECURITY),
)
NS = "demo"


def needs_envoy() -> None:
    """Skip, loudly, where there is no Envoy."""
    try:
        find()
    except EnvoyMissing as error:
        pytest.skip(str(error))


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: str


@dataclass
class App:
    """A program that answers requests. `answer` takes method and path, gives status and body."""

    name: str
    place: Place
    labels: dict[str, str]
    log: list[str] = field(default_factory=list)
    heard: list[dict[str, str]] = field(default_factory=list)
    answer: Callable[[str, str], tuple[int, str]] | None = None
    delay_s: float = 0.0

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                method, path, headers = await read_head(reader)
                self.heard.append({":path": path, **headers})
                await asyncio.sleep(self.delay_s)
                status, body = self.answer(method, path) if self.answer else (200, self.name)
                writer.write(
                    f"HTTP/1.1 {status} X\r\ncontent-length: {len(body)}\r\n\r\n{body}".encode()
                )
                await writer.drain()
        except (OSError, ValueError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()


async def read_head(reader: asyncio.StreamReader) -> tuple[str, str, dict[str, str]]:
    lines = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
    first, second, *_ = lines[0].split(" ")
    pairs = (line.partition(":") for line in lines[1:] if ":" in line)
    return first, second, {key.lower(): value.strip() for key, _, value in pairs}


class Mesh:
    """A store, a network, a control plane, and the pods that a test adds."""

    def __init__(self) -> None:
        kinds = Kinds()
        for kind in ISTIO_KINDS:
            kinds.add(kind)
        self.store = Store(kinds)
        self.network = Network(self.store)
        self.istiod = Istiod(Registry(self.store), self.network, find())
        self._tasks: list[asyncio.Task[int]] = []
        self._stops: list[asyncio.Event] = []
        self._servers: list[asyncio.Server] = []
        self._services = 0
        self._proxies: set[str] = set()

    async def start(self) -> None:
        for name in (NAMESPACE, NS):
            self.store.create(_object("v1", "Namespace", name, ""))
        self.put("v1", "ConfigMap", "istio", NAMESPACE, data={"mesh": "accessLogFile: /dev/stdout"})
        place = self.network.join(NAMESPACE, "istiod-1", "istiod-uid", is_proxied=False)
        self._run(self.istiod.run_pilot, place, [])
        await asyncio.wait_for(self.istiod.works.wait(), 5)

    async def stop(self) -> None:
        for stop in reversed(self._stops):
            stop.set()
        await asyncio.gather(*self._tasks)
        for server in self._servers:
            server.close()
        await self.istiod.close()
        self.network.close()

    def put(self, api: str, kind: str, name: str, namespace: str = NS, **rest: Json) -> Obj:
        """Create an object, or replace it."""
        obj = _object(api, kind, name, namespace, **rest)
        kept = self.store.kinds.of(obj)
        assert kept is not None
        if self.store.get(kept.resource, name, namespace):
            return self.store.update(obj)
        return self.store.create(obj)

    def route(self, name: str, spec: Obj) -> Obj:
        return self.put(f"{NETWORKING}/v1", "VirtualService", name, spec=spec)

    def rule(self, name: str, spec: Obj, namespace: str = NS) -> Obj:
        return self.put(f"{NETWORKING}/v1", "DestinationRule", name, namespace, spec=spec)

    def peers(self, mode: str, namespace: str = NS, **spec: Json) -> Obj:
        body: Obj = {"mtls": {"mode": mode}, **spec}
        return self.put(f"{SECURITY}/v1", "PeerAuthentication", "default", namespace, spec=body)

    def service(self, name: str, port: str = "", target: int = 5678, namespace: str = NS) -> Obj:
        self._services += 1
        spec: Obj = {
            "clusterIP": f"10.96.0.{self._services + 10}",
            "selector": {"app": name},
            "ports": [{"port": 80, "targetPort": target, **({"name": port} if port else {})}],
        }
        return self.put("v1", "Service", name, namespace, spec=spec)

    async def app(
        self, name: str, labels: dict[str, str], *, is_proxied: bool = True, port: int = 5678
    ) -> App:
        """Return a running program in a pod, with a sidecar if it is proxied, as an endpoint."""
        place = self.network.join(NS, name, f"uid-{name}", is_proxied=is_proxied)
        marks = {**labels, **({"security.istio.io/tlsMode": "istio"} if is_proxied else {})}
        spec: Obj = {
            "serviceAccountName": labels["app"],
            "containers": [{"name": "c", "ports": [{"containerPort": port}]}],
        }
        pod = _object("v1", "Pod", name, NS, spec=spec)
        pod["metadata"] = {"name": name, "namespace": NS, "labels": {**marks}}
        self.store.create(pod)
        app = App(name, place, labels)
        self._servers.append(await asyncio.start_unix_server(app.talk, str(place.program(port))))
        if is_proxied:
            self._run(self.istiod.run_proxy, place, ["proxy", "sidecar"], app.log)
            await self.ready(place)
        self._listed(labels["app"], name, place.ip, port)
        return app

    async def gateway(self) -> Place:
        """Return the place of a running ingress gateway with Service port 80 → 8080."""
        labels = {"app": "istio-ingressgateway", "istio": "ingressgateway"}
        place = self.network.join(NAMESPACE, "gw", "uid-gw", is_proxied=False)
        pod = _object("v1", "Pod", "gw", NAMESPACE, spec={"containers": [{"name": "istio-proxy"}]})
        pod["metadata"] = {"name": "gw", "namespace": NAMESPACE, "labels": {**labels}}
        self.store.create(pod)
        ports: Json = [{"name": "http2", "port": 80, "targetPort": 8080}]
        spec: Obj = {"clusterIP": "10.96.0.9", "selector": {**labels}, "ports": ports}
        self.put("v1", "Service", "istio-ingressgateway", NAMESPACE, spec=spec)
        self._run(self.istiod.run_proxy, place, ["proxy", "router"])
        await self.ready(place)
        return place

    async def ready(self, place: Place) -> None:
        """Return when a proxy has its configuration."""
        async with asyncio.timeout(20):
            while True:  # Envoy has to be asked
                running = self.istiod.agent(place.uid)
                if running and (running.is_asleep or await running.envoy.is_ready()):
                    self._proxies.add(place.uid)
                    return
                await asyncio.sleep(0.005)

    async def settled(self) -> None:
        """Return when every proxy has acknowledged all that it should have."""
        async with asyncio.timeout(10):
            while True:
                await asyncio.sleep(0.005)
                proxies = await self.istiod.connected()
                states = {state for each in proxies for state in each.types.values()}
                if states <= {"SYNCED", "NOT SENT"} and len(proxies) == len(self._proxies):
                    return

    async def ask(
        self,
        source: Place | None,
        host: str,
        path: str = "/",
        *,
        port: int = 80,
        headers: dict[str, str] | None = None,
        name: str = "",
        method: str = "GET",
    ) -> Answer:
        """Return the answer to one request. Raises: OSError, IncompleteReadError, NetworkError."""
        reader, writer = await self.network.connect(source, host, port, 5)
        try:
            more = "".join(f"{key}: {value}\r\n" for key, value in (headers or {}).items())
            head = f"{method} {path} HTTP/1.1\r\nhost: {name or host}\r\n{more}\r\n"
            writer.write(head.encode())
            async with asyncio.timeout(10):
                _, status, found = await read_head(reader)
                if "content-length" in found:
                    body = await reader.readexactly(int(found["content-length"]))
                else:
                    body = b""
            return Answer(int(status), found, body.decode())
        finally:
            writer.close()

    async def dump(self, place: Place, path: str) -> Json:
        """Return a page of the admin interface, as a learner would see it."""
        running = self.istiod.agent(place.uid)
        assert running is not None
        return json.loads((await running.admin(path))[1])

    def _run(self, program, place: Place, argv: list[str], log: list[str] | None = None) -> None:  # type: ignore[no-untyped-def]
        lines = log if log is not None else []

        def log(line: str, end: str = "\n") -> None:
            lines.append(line)

        container = Container(argv, {}, Files({}), place, self.network, log)
        self._stops.append(container.stopping)
        self._tasks.append(asyncio.ensure_future(program(container)))

    def _listed(self, app: str, pod: str, ip: str, port: int) -> None:
        name = f"{app}-abc"
        found = self.store.get("endpointslices.discovery.k8s.io", name, NS)
        endpoints = list(found["endpoints"]) if found else []  # type: ignore[arg-type]
        target: Obj = {"kind": "Pod", "name": pod, "namespace": NS}
        endpoints.append({"addresses": [ip], "conditions": {"ready": True}, "targetRef": target})
        services = [s for s in self.store.list("services", NS) if name_of(s) == app]
        ports = services[0]["spec"]["ports"] if services else [{}]  # type: ignore[index,call-overload]
        said = {"name": ports[0].get("name", ""), "port": port, "protocol": "TCP"}  # type: ignore[union-attr]
        slice_ = _object("discovery.k8s.io/v1", "EndpointSlice", name, NS)
        slice_["metadata"] = {
            "name": name,
            "namespace": NS,
            "labels": {"kubernetes.io/service-name": app},
        }
        slice_ |= {"ports": [said], "endpoints": endpoints, "addressType": "IPv4"}
        (self.store.update if found else self.store.create)(slice_)


def _object(api: str, kind: str, name: str, namespace: str, **rest: Json) -> Obj:
    meta: Obj = {"name": name, **({"namespace": namespace} if namespace else {})}
    return {"apiVersion": api, "kind": kind, "metadata": meta, **rest}


@asynccontextmanager
async def meshed() -> AsyncIterator[Mesh]:
    """Yield a mesh with a control plane and no pods."""
    needs_envoy()
    mesh = Mesh()
    await mesh.start()
    try:
        yield mesh
    finally:
        await mesh.stop()
