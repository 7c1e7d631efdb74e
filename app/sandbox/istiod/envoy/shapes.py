"""Small shapes of Envoy's API that many resources share."""

from app.sandbox.objects import Json, Obj

_API = "type.googleapis.com/envoy."
CONFIG, EXTENSIONS = f"{_API}config", f"{_API}extensions"
HTTP_OPTIONS = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions"
ADS: Obj = {"ads": {}, "initial_fetch_timeout": "0s", "resource_api_version": "V3"}


def typed(type_: str, **fields: Json) -> Obj:
    """Return a message of `envoy.extensions.…`, with its type."""
    return {"@type": f"{EXTENSIONS}.{type_}", **fields}


def extension(name: str, type_: str, **fields: Json) -> Obj:
    """Return a named extension with its configuration."""
    return {"name": name, "typed_config": typed(type_, **fields)}


def http_filter(name: str, type_: str, **fields: Json) -> Obj:
    """Return a filter of requests."""
    return extension(f"envoy.filters.http.{name}", f"filters.http.{name}.v3.{type_}", **fields)


def tcp_proxy(cluster: str, log: list[Json] | None = None, **more: Json) -> Obj:
    """Return the filter that hands a connection to a cluster; `more` are fields of its own."""
    logged: Obj = {"access_log": log} if log else {}
    return extension(
        "envoy.filters.network.tcp_proxy",
        "filters.network.tcp_proxy.v3.TcpProxy",
        stat_prefix=cluster,
        cluster=cluster,
        **logged,
        **more,
    )


def told(socket: Obj) -> Obj:
    """Return a transport socket that tells the other side's proxy first who connects."""
    return extension(
        "envoy.transport_sockets.upstream_proxy_protocol",
        "transport_sockets.proxy_protocol.v3.ProxyProtocolUpstreamTransport",
        config={"version": "V2"},
        transport_socket=socket,
    )


def istio(**facts: Json) -> Obj:
    """Return the metadata by which tools know what a resource comes from."""
    known: Obj = {key: value for key, value in facts.items() if value}
    return {"filter_metadata": {"istio": known}}


def pipe(path: str) -> Obj:
    """Return the address of a Unix socket."""
    return {"pipe": {"path": path}}


def at(ip: str, port: int) -> Obj:
    """Return an address that Envoy only compares."""
    return {"socket_address": {"address": ip, "port_value": port}}


def seconds(written: str) -> str:
    """Return a duration as protobuf's JSON writes it (`0.5s`) of one as Go writes it (`500ms`)."""
    units = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001, "us": 1e-6, "µs": 1e-6, "ns": 1e-9}
    total, number, unit = 0.0, "", ""
    for letter in f"{written}0":
        if letter.isdigit() or letter == ".":
            if unit:
                total += float(number or 0) * units.get(unit, 1.0)
                number, unit = "", ""
            number += letter
        else:
            unit += letter
    return f"{total:.9f}".rstrip("0").rstrip(".") + "s"
