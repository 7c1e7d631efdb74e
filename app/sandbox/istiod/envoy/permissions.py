"""To what: the part of an AuthorizationPolicy's rule about requests, as Envoy's permissions.

A workload's address and the port that is asked for are known here already, since each port has a
listener of its own: conditions on them are decided, and do not become Envoy's.
"""

from collections.abc import Callable, Sequence
from ipaddress import IPv4Address

from app.sandbox.istiod.envoy.claims import string
from app.sandbox.istiod.envoy.principals import Asked, Never, Unasked, header, network
from app.sandbox.istiod.envoy.shapes import typed
from app.sandbox.objects import Obj, words

OPERATIONS = (("hosts", "notHosts"), ("methods", "notMethods"), ("paths", "notPaths"))
ABOUT_DESTINATION = ("destination.ip", "destination.port", "connection.sni")


def of_operation(operation: Obj, asked: Asked, *, is_denial: bool) -> list[Obj]:
    """Return the conditions of one `to`. Raises: Never, Unasked."""
    found: list[Obj] = []
    for wanted, unwanted in OPERATIONS:
        values, others = words(operation, wanted), words(operation, unwanted)
        if (values or others) and not asked.is_http and not is_denial:
            raise Unasked
        if asked.is_http:
            found += _pair(values, others, MATCHES[wanted])
    found += of("destination.port", words(operation, "ports"), words(operation, "notPorts"), asked)
    return found


def of(key: str, wanted: Sequence[str], unwanted: Sequence[str], asked: Asked) -> list[Obj]:
    """Return the conditions on one attribute of the destination. Raises: Never."""
    if key == "connection.sni":
        return _pair(wanted, unwanted, lambda value: {"requested_server_name": string(value)})
    fits = _is_port if key == "destination.port" else _is_address
    if wanted and not any(fits(value, asked) for value in wanted):
        raise Never
    if any(fits(value, asked) for value in unwanted):
        raise Never
    return []


def _is_port(value: str, asked: Asked) -> bool:
    return value.isdigit() and int(value) == asked.port


def _is_address(value: str, asked: Asked) -> bool:
    block = network(value)
    return block is not None and bool(asked.ip) and IPv4Address(asked.ip) in block


def _pair(wanted: Sequence[str], unwanted: Sequence[str], match: Callable[[str], Obj]) -> list[Obj]:
    """Return that one of the wanted values holds, and none of the unwanted ones."""
    found: list[Obj] = []
    if wanted:
        found.append({"or_rules": {"rules": [match(value) for value in wanted]}})
    if unwanted:
        any_of: Obj = {"or_rules": {"rules": [match(value) for value in unwanted]}}
        found.append({"not_rule": any_of})
    return found


def _path(value: str) -> Obj:
    if "{*}" in value or "{**}" in value:
        template = value.replace("{**}", "**").replace("{*}", "*")
        config = typed("path.match.uri_template.v3.UriTemplateMatchConfig", path_template=template)
        return {"uri_template": {"name": "uri-template", "typed_config": config}}
    return {"url_path": {"path": string(value)}}


MATCHES: dict[str, Callable[[str], Obj]] = {
    "hosts": lambda value: header(":authority", value, is_any_case=True),
    "methods": lambda value: header(":method", value),
    "paths": _path,
}
