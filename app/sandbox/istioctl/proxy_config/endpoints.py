"""Endpoints as rows: from Envoy's list of clusters, or from its dump's load assignments."""

from collections.abc import Iterator
from dataclasses import dataclass

from app.sandbox.istioctl.line.table import tabulated
from app.sandbox.istioctl.proxy_config.clusters import key_of
from app.sandbox.objects import Obj, items, number, table, text

HEALTH = "UNKNOWN"


@dataclass(frozen=True)
class Filter:
    """What is asked for; empty and 0 mean anything."""

    address: str = ""
    port: int = 0
    cluster: str = ""
    status: str = ""

    def takes(self, address: str, port: int, cluster: str, status: str) -> bool:
        """Whether an endpoint of a cluster is asked for."""
        return (
            self.address.lower() in ("", address.lower())
            and self.port in (0, port)
            and self.cluster.lower() in ("", cluster.lower())
            and self.status.lower() in ("", status.lower())
        )


def chosen(statuses: list[Obj], wanted: Filter) -> list[Obj]:
    """Return the clusters of `/clusters?format=json` that have an endpoint that is asked for."""
    return [
        cluster
        for cluster in statuses
        if any(_takes(wanted, host, cluster) for host in items(cluster, "host_statuses"))
    ]


def _takes(wanted: Filter, host: Obj, cluster: Obj) -> bool:
    address, port = _address(table(host, "address"))
    return wanted.takes(address, port, text(cluster, "name"), _status(host))


def _status(host: Obj) -> str:
    return text(host, "health_status.eds_health_status", HEALTH)


def _address(address: Obj) -> tuple[str, int]:
    if "socket_address" in address:
        socket = table(address, "socket_address")
        return text(socket, "address"), number(socket, "port_value")
    if "pipe" in address:
        return f"unix://{text(address, 'pipe.path')}", 0
    internal = table(address, "envoy_internal_address")
    if internal:
        listener = text(internal, "server_listener_name")
        return f"envoy://{listener}/{text(internal, 'endpoint_id')}", 0
    return "unknown", 0


def rows(statuses: list[Obj], wanted: Filter) -> str:
    """Return the table of the endpoints that are asked for, by address, port and cluster."""
    found = sorted(
        (*_address(table(host, "address")), text(cluster, "name"), _status(host), _check(host))
        for cluster in statuses
        for host in items(cluster, "host_statuses")
        if _takes(wanted, host, cluster)
    )
    shown = [["ENDPOINT", "STATUS", "OUTLIER CHECK", "CLUSTER"]]
    for address, port, cluster, status, check in found:
        shown.append([f"{address}:{port}" if port else address, status, check, cluster])
    return tabulated(shown)


def _check(host: Obj) -> str:
    is_failed = table(host, "health_status").get("failed_outlier_check") is True
    return "FAILED" if is_failed else "OK"


def assigned(assignments: list[Obj], port: int = 0, *, has_types: bool = False) -> str:
    """Return the table of a dump's load assignments, by cluster; of one port where it is given."""
    shown = [["NAME", "STATUS", "LOCALITY", "CLUSTER"]]
    for assignment in sorted(assignments, key=lambda each: key_of(text(each, "cluster_name"))):
        for locality in items(assignment, "endpoints"):
            where = table(locality, "locality")
            place = "/".join(
                name for key in ("region", "zone", "sub_zone") if (name := text(where, key))
            )
            for endpoint in items(locality, "lb_endpoints"):
                name = ",".join(_addresses(table(endpoint, "endpoint")))
                if port and not name.endswith(f":{port}"):
                    continue
                start = f"endpoint/{name}" if has_types else name
                status = text(endpoint, "health_status", HEALTH)
                shown.append([start, status, place, text(assignment, "cluster_name")])
    return tabulated(shown)


def _addresses(endpoint: Obj) -> Iterator[str]:
    more = items(endpoint, "additional_addresses")
    for each in (table(endpoint, "address"), *(table(a, "address") for a in more)):
        address, port = _address(each)
        yield f"{address}:{port}" if port else address.removeprefix("unix://")
