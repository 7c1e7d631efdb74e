"""istiod's own pod: its ports, its authority, and what it publishes in every namespace."""

import asyncio
import json
from typing import Final

from app.sandbox.istiod import debug
from app.sandbox.istiod.identities import Authority, Identity
from app.sandbox.istiod.installation.marks import NAMESPACE
from app.sandbox.network.place import Place
from app.sandbox.objects import Obj, is_ending, name_of, stamp
from app.sandbox.proxy import http1
from app.sandbox.store.store import Store

PORTS = (8080, 15010, 15014, 15017)  # by HTTP
DISCOVERY = 15012
ELECTIONS: Final = (
    "istio-ip-autoallocate",
    "istio-leader",
    "istio-namespace-controller-election",
)
SECRET = "istio-ca-secret"
IGNORED = ("kube-system", "kube-public", "kube-node-lease", "local-path-storage")


class Ports:
    """istiod's ports, as long as its pod runs."""

    def __init__(self, place: Place, connected: debug.Connected) -> None:
        self._place = place
        self._connected = connected
        self._servers: list[asyncio.Server] = []
        self._service = debug.DebugService(place.pod, connected)

    async def open(self, identity: Identity) -> None:
        """Listen on all of them. Raises: OSError."""
        for port in PORTS:
            self._servers.append(await http1.serve(self._place.program(port), self._answer))
        await self._service.start(self._place.program(DISCOVERY), identity)

    async def close(self) -> None:
        """Close them."""
        for server in self._servers:
            server.close()
        await asyncio.gather(*(server.wait_closed() for server in self._servers))
        await self._service.close()

    async def _answer(self, method: str, target: str) -> tuple[int, str, bytes]:
        return debug.answer(target, self._connected)


def authority(store: Store) -> Authority:
    """Return the mesh's authority: the one in its secret, else a new one, which is put there."""
    kept = store.get("secrets", SECRET, NAMESPACE)
    if kept is not None:
        try:
            return Authority.of(kept)
        except ValueError:
            store.remove("secrets", SECRET, NAMESPACE)
    made = Authority.new()
    if store.get("namespaces", NAMESPACE) is not None:
        store.create(made.secret(NAMESPACE))
    return made


def elect(store: Store, holder: str) -> None:
    """Put down who leads each of istiod's controllers, as the real one's elections do."""
    if store.get("namespaces", NAMESPACE) is None:
        return
    for name in ELECTIONS:
        if store.get("configmaps", name, NAMESPACE) is None:
            now = stamp()
            record = {
                "holderIdentity": holder,
                "holderKey": "default",
                "leaseDurationSeconds": 30,
                "acquireTime": now,
                "renewTime": now,
                "leaderTransitions": 0,
            }
            notes: Obj = {"control-plane.alpha.kubernetes.io/leader": json.dumps(record)}
            meta: Obj = {"name": name, "namespace": NAMESPACE, "annotations": notes}
            store.create({"apiVersion": "v1", "kind": "ConfigMap", "metadata": meta})


def publish(store: Store, by: Authority) -> None:
    """Put the root's certificate into every namespace, as a config map that sidecars mount."""
    for namespace in store.list("namespaces"):
        name = name_of(namespace)
        if is_ending(namespace) or name in IGNORED:
            continue
        for wanted in (
            _config_map("istio-ca-root-cert", name, {"root-cert.pem": by.root}),
            _config_map("istio-ca-crl", name, {"ca-crl.pem": ""}),
        ):
            found = store.get("configmaps", name_of(wanted), name)
            if found is None:
                store.create(wanted)
            elif found.get("data") != wanted["data"]:
                store.update({**found, "data": wanted["data"]})


def _config_map(name: str, namespace: str, data: Obj) -> Obj:
    labels: Obj = {"istio.io/config": "true"}
    meta: Obj = {"name": name, "namespace": namespace, "labels": labels}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": meta, "data": data}
