"""What a condition of an AuthorizationPolicy may say."""

import re
from ipaddress import ip_address, ip_network

from app.sandbox.istiod.admission.findings import Findings
from app.sandbox.objects import Obj, at, text, words

ATTRIBUTES = ("source.ip", "source.namespace", "source.principal", "source.serviceAccount",
              "source.trustDomain", "remote.ip", "request.auth.principal",
              "request.auth.audiences", "request.auth.presenter", "destination.ip",
              "destination.port", "connection.sni")  # fmt: skip
PREFIXES = ("request.headers", "request.auth.claims", "experimental.envoy.filters.")
KEYED = re.compile(r"[^\[]+\[.+\]")


def condition(when: Obj, where: str, found: Findings) -> None:
    """Check one entry of `when`; `where` names the policy."""
    key = text(when, "key")
    if not key:
        return found.error(f"{where}`key` must not be empty")
    if not at(when, "values") and not at(when, "notValues"):
        return found.error(
            f"{where}at least one of `values` or `notValues` must be set for key {key}"
        )
    for field, name in (("values", "value"), ("notValues", "notValue")):
        why = _wrong(key, words(when, field))
        if why:
            found.error(f"{where}invalid `{name}` for `key` {key}: {why}")
    return None


def _wrong(key: str, values: list[str]) -> str:
    """Return why an attribute with such values is refused: empty where it is not."""
    if "" in values:
        return f"empty value not allowed, found in {key}"
    if key.startswith(PREFIXES):
        return "" if KEYED.fullmatch(key) else f"bad key ({key}): should have format a[b]"
    if key in ("source.ip", "remote.ip", "destination.ip"):
        return _listed([said for value in values if (said := wrong_address(value))])
    if key == "destination.port":
        return _listed([said for value in values if (said := wrong_port(value))])
    if key == "source.serviceAccount":
        return wrong_account(key, values)
    if key == "source.trustDomain":
        return wrong_trust_domain(key, values)
    if key == "destination.namespace":
        return f"attribute {key} is replaced by the metadata.namespace"
    if key.startswith("destination.labels"):
        return f"attribute {key} is replaced by the workload selector"
    if key in ("destination.name", "destination.user"):
        return f"deprecated attribute {key}: only supported in v1alpha1"
    return "" if key in ATTRIBUTES else f"unknown attribute: {key}"


def _listed(errors: list[str]) -> str:
    if not errors:
        return ""
    count = f"{len(errors)} error{'s' if len(errors) > 1 else ''} occurred:"
    return f"{count}\n" + "".join(f"\t* {error}\n" for error in errors) + "\n"


def wrong_account(where: str, names: list[str]) -> str:
    """Return why one of some service accounts is none; empty where all are."""
    for name in names:
        if not name:
            return f"empty value not allowed, found in {where}"
        if "*" in name:
            return f"wildcard not allowed, found in {where}"
        if name.count("/") > 1:
            form = "expected format 'serviceAccount' or 'namespace/serviceAccount'"
            return f'{form}, found "{name}" in {where}'
    return ""


def wrong_trust_domain(where: str, names: list[str]) -> str:
    """Return why one of some trust domains is none; empty where all are."""
    if "" in names:
        return f"empty value not allowed, found in {where}"
    for name in names:
        if name.count("*") > 1:
            return f'at most one wildcard is allowed, found in {where}: "{name}"'
        if "*" in name[1:-1]:
            return f'wildcard is only allowed at the start or end, found in {where}: "{name}"'
    return ""


def wrong_address(block: str) -> str:
    """Return why something is no address and no range: empty where it is one."""
    try:
        if "/" in block:
            ip_network(block, strict=False)
        else:
            ip_address(block)
    except ValueError:
        if "/" not in block:
            return f"bad IP address ({block})"
        return f"bad CIDR range ({block}): {_as_go(block)}"
    return ""


def _as_go(block: str) -> str:
    """Return what Go says of a range that is none, as far as it is told apart here."""
    address, _, length = block.rpartition("/")
    try:
        ip_address(address)
    except ValueError:
        why = f'ParseAddr("{address}"): unable to parse IP'
    else:
        why = (
            "prefix length out of range"
            if length.isdigit()
            else f'bad bits after slash: "{length}"'
        )
    return f'netip.ParsePrefix("{block}"): {why}'


def wrong_port(port: str) -> str:
    """Return why something is no port: empty where it is one."""
    if not port.isdigit():
        return f'bad port ({port}): strconv.ParseUint: parsing "{port}": invalid syntax'
    return f"bad port ({port}): <nil>" if int(port) > 65535 else ""
