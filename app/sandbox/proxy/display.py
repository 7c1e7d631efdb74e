"""Answers of Envoy's admin interface as a learner shall see them: addresses in place of sockets.

What is a socket for each port here is one listener with `0.0.0.0:15006` in Istio; what leads to a
known socket is a cluster of type ORIGINAL_DST. Only what is shown is changed.
"""

import json
import re
from collections.abc import Callable
from urllib.parse import urlsplit

from app.sandbox.objects import Json, Obj, at, items, table, text

Resolve = Callable[[str], tuple[str, int] | None]
"""A socket's path → the address that it stands for, None of any other path."""
_PATH = re.compile(r"/[\w./-]+/[\w-]+")
_ORIGINAL = ("inbound|", "PassthroughCluster", "InboundPassthroughCluster")
_TELLING = "envoy.transport_sockets.upstream_proxy_protocol"
TOLD = "told"  # the mark of what is told the address of a caller
RENAMED = {"source_ip": "direct_remote_ip"}  # whose address the PROXY protocol changes
_DISCOVERY = "./etc/istio/proxy/XDS"
INBOUND = "virtualInbound"
BIND: Obj = {"source_address": {"address": "127.0.0.6", "port_value": 0}}


def shown(path: str, body: bytes, resolve: Resolve) -> bytes:
    """Return the body of an answer to `path`, with addresses in place of sockets."""
    said = body.decode(errors="replace")
    where = urlsplit(path).path
    if where in ("/config_dump", "/clusters", "/listeners") and said.lstrip().startswith("{"):
        try:
            page = json.loads(said)
        except ValueError:
            return body
        return (json.dumps(_page(page, resolve), indent=1) + "\n").encode()
    if where == "/clusters":
        kept = [line for line in said.splitlines() if not _is_own(line)]
        said = "".join(f"{line}\n" for line in kept)
    return line(said, resolve).encode()


def line(said: str, resolve: Resolve) -> str:
    """Return a text with addresses in place of sockets."""

    def address(found: re.Match[str]) -> str:
        known = resolve(found.group())
        return f"{known[0]}:{known[1]}" if known else found.group()

    return _PATH.sub(address, said) if "/" in said else said


def _is_own(said: str) -> bool:
    """Whether a line of /clusters is about an endpoint that ORIGINAL_DST would not have."""
    cluster, _, rest = said.partition("::")
    return cluster.startswith(_ORIGINAL) and rest.startswith("/")


def _page(page: Json, resolve: Resolve) -> Json:
    changed = _addresses(page, resolve)
    for config in items(changed, "configs"):
        _clusters(config)
        _listeners(config)
        _secrets(config)
        _endpoints(config)
    if isinstance(changed, dict) and isinstance(changed.get("configs"), list):
        configs = changed["configs"]
        assert isinstance(configs, list)
        rest = [each for each in configs if not _is_part(each)]
        changed["configs"] = rest + _joined([each for each in configs if _is_part(each)])
    for status in items(changed, "cluster_statuses"):
        if text(status, "name").startswith(_ORIGINAL):
            status["host_statuses"] = []
    return changed


def _addresses(value: Json, resolve: Resolve) -> Json:
    if isinstance(value, list):
        return [_addresses(each, resolve) for each in value if not _is_ours(each)]
    if not isinstance(value, dict):
        return value
    if value.get("name") == _TELLING:
        return _addresses(table(value, "typed_config.transport_socket"), resolve)
    pipe = value.get("pipe")
    if isinstance(pipe, dict) and isinstance(pipe.get("path"), str):
        path = text(pipe, "path")
        known = resolve(path)
        rest: Obj = {key: each for key, each in value.items() if key != "pipe"}
        if known is not None:
            return {"socket_address": {"address": known[0], "port_value": known[1]}, **rest}
        if path.endswith("/ads"):
            return {"pipe": {"path": _DISCOVERY}, **rest}
    here: Obj = {
        RENAMED.get(key, key): _addresses(each, resolve)
        for key, each in value.items()
        if (key, each) != (TOLD, "yes")
    }
    if here.get("listener_filters") == []:
        del here["listener_filters"]
    return here


def _is_ours(value: Json) -> bool:
    """Whether this is the sandbox's own: the logger of its records, how callers are told of."""
    if text(value, "typed_config.path").endswith("/requests"):
        return True
    is_optional = at(value, "typed_config.allow_requests_without_proxy_protocol") is True
    return is_optional or text(value, f"match.{TOLD}") == "yes"


def _secrets(config: Obj) -> None:
    """Show secrets as if they had come by SDS; change `config` in place."""
    found = items(config, "static_secrets")
    if found:
        del config["static_secrets"]
        own = [{**each, "version_info": "1"} for each in found]
        config["dynamic_active_secrets"] = [*items(config, "dynamic_active_secrets"), *own]


def _endpoints(config: Obj) -> None:
    """Leave out endpoints that ORIGINAL_DST would not have; change `config` in place."""
    for field in ("static_endpoint_configs", "dynamic_endpoint_configs"):
        found = items(config, field)
        if found:
            config[field] = [
                each
                for each in found
                if not text(each, "endpoint_config.cluster_name").startswith(_ORIGINAL)
            ]


def _clusters(config: Obj) -> None:
    """Give the clusters of known sockets the type that Istio's have; change `config` in place."""
    for held in (config, *items(config, "dynamic_active_clusters")):
        cluster = table(held, "cluster")
        if not text(cluster, "name").startswith(_ORIGINAL):
            continue
        cluster["type"] = "ORIGINAL_DST"
        cluster["lb_policy"] = "CLUSTER_PROVIDED"
        cluster.pop("load_assignment", None)
        cluster.pop("transport_socket", None)
        if text(cluster, "name").startswith("inbound|"):
            cluster["upstream_bind_config"] = BIND
            cluster["cleanup_interval"] = "9223372035s"


def _is_part(held: Json) -> bool:
    return text(held, "name").startswith(f"{INBOUND}|")


def _listeners(config: Obj) -> None:
    """Join the inbound listeners of all ports to Istio's one; change `config` in place."""
    found = items(config, "dynamic_listeners")
    if not found:
        return
    rest = [each for each in found if not _is_part(each)]
    for each in rest:
        listener = table(each, "active_state.listener")
        if text(listener, "name") == "virtualOutbound":
            listener.pop("listener_filters", None)
    config["dynamic_listeners"] = list[Json](rest) + _joined([e for e in found if _is_part(e)])


def _joined(parts: list[Json]) -> list[Json]:
    chains: list[Json] = []
    filters: dict[str, Json] = {}
    for part in sorted(parts, key=_port):
        listener = table(part, "active_state.listener")
        for chain in items(listener, "filter_chains"):
            match: Obj = {"destination_port": _port(part)} if _port(part) else {}
            match |= table(chain, "filter_chain_match")
            chains.append({**chain, "filter_chain_match": match})
        for each in items(listener, "listener_filters"):
            filters[text(each, "name")] = each
    if not parts:
        return []
    first = parts[-1]
    assert isinstance(first, dict)
    state = table(first, "active_state")
    joined: Obj = {
        **table(state, "listener"),
        "name": INBOUND,
        "address": {"socket_address": {"address": "0.0.0.0", "port_value": 15006}},
        "filter_chains": chains,
        "listener_filters": [*filters.values()],
    }
    return [{**first, "name": INBOUND, "active_state": {**state, "listener": joined}}]


def _port(part: Json) -> int:
    number = text(part, "name").partition("|")[2]
    return int(number) if number.isdigit() else 0
