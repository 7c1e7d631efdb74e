"""What a proxy should have, as istiod tells it: the same parts as a dump of the proxy's own Envoy.

`istioctl proxy-status POD` compares the two. Field numbers are of envoy/admin/v3/config_dump.proto.
Source: https://www.envoyproxy.io/docs/envoy/latest/api-v3/admin/v3/config_dump_shared.proto
"""

import json
from collections.abc import Iterator
from typing import Final

from app.sandbox.objects import Json, Obj, items, table, text
from app.sandbox.proxy.discovery import Discovery
from app.sandbox.proxy.display import Resolve, shown
from app.sandbox.proxy.protobuf import block, packed

ADMIN: Final = "type.googleapis.com/envoy.admin.v3."
CLUSTERS: Final = f"{ADMIN}ClustersConfigDump"
LISTENERS: Final = f"{ADMIN}ListenersConfigDump"
ROUTES: Final = f"{ADMIN}RoutesConfigDump"


def pushed(discovery: Discovery, resolve: Resolve) -> Obj:
    """Return the clusters, listeners and routes of a proxy, with addresses in place of sockets."""
    clusters: list[Json] = [{"cluster": each.body} for each in discovery.wanted("CDS")]
    listeners: list[Json] = [
        {"name": each.name, "active_state": {"listener": each.body}}
        for each in discovery.wanted("LDS")
    ]
    routes: list[Json] = [{"route_config": each.body} for each in discovery.wanted("RDS")]
    dump: Obj = {
        "configs": [
            {"@type": CLUSTERS, "dynamic_active_clusters": clusters},
            {"@type": LISTENERS, "dynamic_listeners": listeners},
            {"@type": ROUTES, "dynamic_route_configs": routes},
        ]
    }
    made: Obj = json.loads(shown("/config_dump", json.dumps(dump).encode(), resolve))
    return made


def parts(dump: Obj) -> Iterator[bytes]:
    """Yield each part of a dump as google.protobuf.Any. Raises: NotEncodable."""
    for config in items(dump, "configs"):
        kind = text(config, "@type")
        yield block(1, kind.encode()) + block(2, b"".join(_held(kind, config)))


def _held(kind: str, config: Obj) -> Iterator[bytes]:
    if kind == CLUSTERS:
        for each in items(config, "dynamic_active_clusters"):
            yield block(3, block(2, packed(table(each, "cluster"))))
    elif kind == LISTENERS:
        for each in items(config, "dynamic_listeners"):
            state = block(2, packed(table(each, "active_state.listener")))
            yield block(3, block(1, text(each, "name").encode()) + block(2, state))
    elif kind == ROUTES:
        for each in items(config, "dynamic_route_configs"):
            yield block(3, block(2, packed(table(each, "route_config"))))
