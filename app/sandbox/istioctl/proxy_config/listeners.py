"""Listeners as rows: what each filter chain matches, and where it leads."""

import json
from dataclasses import dataclass

from app.sandbox.istioctl.line.table import tabulated
from app.sandbox.istioctl.proxy_config.routes import match as route_match
from app.sandbox.objects import Obj, items, number, table, text, words

HTTP = "envoy.filters.network.http_connection_manager"
TCP = "envoy.filters.network.tcp_proxy"
BLACK_HOLE = "BlackHoleCluster"
ISTIO = ("istio-http/1.0", "istio-http/1.1", "istio-h2")
PROTOCOLS = {
    ("http/1.0", "http/1.1", "h2c", *ISTIO): "App: HTTP TLS",
    ("istio", *ISTIO): "App: Istio HTTP Plain",
    ("istio-peer-exchange", "istio"): "App: TCP TLS",
    ("http/1.0", "http/1.1", "h2c"): "App: HTTP",
}


@dataclass(frozen=True)
class Filter:
    """What is asked for; empty and 0 mean anything."""

    address: str = ""
    port: int = 0
    type: str = ""

    def takes(self, listener: Obj) -> bool:
        """Whether a listener is asked for."""
        known = [address.lower() for address in addresses(listener)]
        return (
            (not self.address or self.address.lower() in known)
            and self.port in (0, port_of(listener))
            and self.type.lower() in ("", type_of(listener).lower())
        )


def addresses(listener: Obj) -> list[str]:
    """Return a listener's address and those beside it."""
    own = table(listener, "address")
    first = text(own, "socket_address.address") or text(own, "pipe.path")
    more = items(listener, "additional_addresses")
    return [first, *(text(each, "address.socket_address.address") for each in more)]


def port_of(listener: Obj) -> int:
    """Return a listener's port."""
    return number(listener, "address.socket_address.port_value")


def chains(listener: Obj) -> list[Obj]:
    """Return a listener's filter chains, the default one last."""
    default = listener.get("default_filter_chain")
    return items(listener, "filter_chains") + ([default] if isinstance(default, dict) else [])


def type_of(listener: Obj) -> str:
    """Return HTTP, TCP, HTTP+TCP or UNKNOWN."""
    filters = [each for chain in chains(listener) for each in items(chain, "filters")]
    has_http = any(text(each, "name") == HTTP for each in filters)
    has_tcp = any(_is_tcp(each) for each in filters)
    if has_http:
        return "HTTP+TCP" if has_tcp else "HTTP"
    return "TCP" if has_tcp else "UNKNOWN"


def _is_tcp(each: Obj) -> bool:
    return text(each, "name") == TCP and BLACK_HOLE not in json.dumps(each.get("typed_config"))


def in_order(listeners: list[Obj]) -> list[Obj]:
    """Return listeners by port, address and type."""
    return sorted(listeners, key=lambda each: (port_of(each), addresses(each)[0], type_of(each)))


def rows(listeners: list[Obj], *, is_verbose: bool = True, has_names: bool = False) -> str:
    """Return the table; not verbose: one row and the type of each."""
    head = ["ADDRESSES", "PORT", *(["MATCH", "DESTINATION"] if is_verbose else ["TYPE"])]
    shown = [["NAME", *head] if has_names else head]
    for listener in in_order(listeners):
        start = [",".join(addresses(listener)), str(port_of(listener))]
        if has_names:
            start = [f"listener/{text(listener, 'name')}", *start]
        if not is_verbose:
            shown.append([*start, type_of(listener)])
            continue
        pairs = [
            (_match(table(c, "filter_chain_match")), _destination(c)) for c in chains(listener)
        ]
        pairs.sort(key=lambda pair: pair[1], reverse=True)
        shown += [[*start, *pair] for pair in pairs]
    return tabulated(shown, padding=1)


def _match(asked: Obj) -> str:
    told = []
    if words(asked, "server_names"):
        told.append(f"SNI: {','.join(words(asked, 'server_names'))}")
    if text(asked, "transport_protocol"):
        told.append(f"Trans: {text(asked, 'transport_protocol')}")
    protocols = tuple(words(asked, "application_protocols"))
    if protocols:
        told.append(PROTOCOLS.get(protocols) or f"App: {','.join(protocols)}")
    port = f":{number(asked, 'destination_port')}" if "destination_port" in asked else ""
    ranges = [
        f"{text(each, 'address_prefix')}/{number(each, 'prefix_len')}"
        for each in items(asked, "prefix_ranges")
    ]
    if ranges or port:
        told.append(f"Addr: {','.join(ranges) or '*'}{port}")
    return "; ".join(told) or "ALL"


def _destination(chain: Obj) -> str:
    for each in items(chain, "filters"):
        config = table(each, "typed_config")
        if text(each, "name") == HTTP:
            if "route_config" in config:
                return _routes(table(config, "route_config"))
            name = text(config, "rds.route_config_name")
            return f"Route: {name}" if name else "HTTP"
        if _is_tcp(each):
            return _cluster(text(config, "cluster"))
    return "Non-HTTP/Non-TCP"


def _cluster(name: str) -> str:
    return name if "Cluster" in name else f"Cluster: {name}"


def _routes(config: Obj) -> str:
    """Return where routes that stand in the listener itself lead."""
    hosts = items(config, "virtual_hosts")
    if len(hosts) == 1 and words(hosts[0], "domains") == ["*"]:
        own = items(hosts[0], "routes")
        cluster = text(own[0], "route.cluster") if len(own) == 1 else ""
        if cluster and text(own[0], "match.prefix") == "/":
            return _cluster(cluster)
    return f"Inline Route: {'; '.join(_host(host) for host in hosts)}"


def _host(host: Obj) -> str:
    names = words(host, "domains")
    matches = ", ".join(route_match(table(each, "match")) for each in items(host, "routes"))
    return matches if names == ["*"] else f"{'/'.join(names)} {matches}"
