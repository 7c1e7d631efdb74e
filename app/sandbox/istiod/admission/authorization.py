"""What an AuthorizationPolicy may say."""

from ipaddress import ip_network

from app.sandbox.istiod.admission.findings import Findings
from app.sandbox.objects import Obj, at, items, name_of, namespace_of, table, text, words

ATTRIBUTES = ("source.ip", "source.namespace", "source.principal", "source.serviceAccount",
              "remote.ip", "request.auth.principal", "request.auth.audiences",
              "request.auth.presenter", "destination.ip", "destination.port",
              "connection.sni")  # fmt: skip
SOURCES = ("principals", "notPrincipals", "requestPrincipals", "namespaces", "notNamespaces")
PREFIXES = ("request.headers[", "request.auth.claims[", "experimental.envoy.filters.")


def authorization_policy(obj: Obj, found: Findings) -> None:
    """Check an AuthorizationPolicy."""
    where = f"invalid policy {name_of(obj)}.{namespace_of(obj)}: "
    spec = table(obj, "spec")
    found.selector(spec.get("selector"))
    action, rules = text(spec, "action"), items(spec, "rules")
    if action == "CUSTOM" and not text(spec, "provider.name"):
        return found.error(f"{where}`provider.name` must not be empty")
    if action == "DENY" and not rules:
        return found.error(
            f"{where}DENY action without `rules` is meaningless as it will never be triggered, "
            "add an empty rule `{}` if you want it be triggered for every request"
        )
    for place, rule in enumerate(rules):
        _rule(rule, place, where, found)
    return None


def _rule(rule: Obj, place: int, where: str, found: Findings) -> None:
    at_rule = f", found at rule {place}"
    for each in items(rule, "from"):
        source = each.get("source")
        if not isinstance(source, dict):
            found.error(f"{where}`from.source` must not be nil{at_rule}")
        elif not any(source.values()):
            found.error(f"{where}`from.source` must not be empty{at_rule}")
        for field in SOURCES:
            if "" in words(source if isinstance(source, dict) else {}, field):
                said = field[0].upper() + field[1:]
                found.error(f"{where}empty value not allowed, found in {said}")
        for field in ("ipBlocks", "notIpBlocks", "remoteIpBlocks", "notRemoteIpBlocks"):
            for block in words(source if isinstance(source, dict) else {}, field):
                _address(block, where, found)
    for each in items(rule, "to"):
        operation = each.get("operation")
        if not isinstance(operation, dict):
            found.error(f"{where}`to.operation` must not be nil{at_rule}")
            continue
        if not any(operation.values()):
            found.error(f"{where}`to.operation` must not be empty{at_rule}")
        for port in (*words(operation, "ports"), *words(operation, "notPorts")):
            _port(port, where, found)
        for field in ("methods", "paths", "hosts", "ports"):
            if "" in words(operation, field):
                said = field.capitalize()
                found.error(f"{where}empty value not allowed, found in {said}")
    for when in items(rule, "when"):
        _condition(when, where, found)


def _address(block: str, where: str, found: Findings) -> None:
    try:
        ip_network(block, strict=False)
    except ValueError:
        found.error(f"{where}bad IP address ({block})", listed=True)


def _port(port: str, where: str, found: Findings) -> None:
    if not port.isdigit():
        said = f'strconv.ParseUint: parsing "{port}": invalid syntax'
        found.error(f"{where}bad port ({port}): {said}", listed=True)
    elif int(port) > 65535:
        found.error(f"{where}bad port ({port}): <nil>", listed=True)


def _condition(when: Obj, where: str, found: Findings) -> None:
    key = text(when, "key")
    if not at(when, "values") and not at(when, "notValues"):
        found.error(f"{where}at least one of `values` or `notValues` must be set for key {key}")
        return
    if key not in ATTRIBUTES and not key.startswith(PREFIXES):
        for field in ("value", "notValue"):
            found.error(f"{where}invalid `{field}` for `key` {key}: unknown attribute: {key}")
        return
    for field, name in (("values", "value"), ("notValues", "notValue")):
        if "" in words(when, field):
            why = f"empty value not allowed, found in {key}"
            found.error(f"{where}invalid `{name}` for `key` {key}: {why}")
