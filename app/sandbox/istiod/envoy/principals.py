"""From whom: the part of an AuthorizationPolicy's rule about callers, as Envoy's principals."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network, ip_network
from re import escape

from app.sandbox.istiod.envoy import claims
from app.sandbox.objects import Json, Obj, words

HEADER, CLAIMS = "request.headers", "request.auth.claims"
# The attributes of a rule's `from`, in the order in which Istio writes them, as those of `when`
SOURCES = (
    ("principals", "source.principal"),
    ("requestPrincipals", "request.auth.principal"),
    ("serviceAccounts", "source.serviceAccount"),
    ("trustDomains", "source.trustDomain"),
    ("namespaces", "source.namespace"),
    ("remoteIpBlocks", "remote.ip"),
    ("ipBlocks", "source.ip"),
)

# A connection's address as the PROXY protocol tells it. Istio's is direct_remote_ip, which is that
# of the socket itself: it is shown in the place of this one
DIRECT = "source_ip"


@dataclass(frozen=True)
class Asked:
    """For whom a rule becomes Envoy's: a port of a workload, with requests on it or not.

    `gateways` are addresses and identities of gateways: a gateway's own address is known to a
    sidecar by its certificate alone.
    """

    port: int
    is_http: bool
    ip: str = ""
    namespace: str = ""  # the policy's
    gateways: Sequence[tuple[str, str]] = field(default_factory=tuple)


class Never(Exception):
    """This condition cannot come true here."""


class Unasked(Exception):
    """This condition is about requests, and only connections are seen."""


def of_source(source: Obj, asked: Asked, *, is_denial: bool) -> list[Obj]:
    """Return the conditions of one `from`. Raises: Unasked."""
    found: list[Obj] = []
    for name, key in SOURCES:
        unwanted = f"not{name[0].upper()}{name[1:]}"
        found += of(key, words(source, name), words(source, unwanted), asked, is_denial=is_denial)
    return found


def of(
    key: str, wanted: Sequence[str], unwanted: Sequence[str], asked: Asked, *, is_denial: bool
) -> list[Obj]:
    """Return the conditions on one attribute of the caller.

    What only requests have is ignored by a denial of connections: it denies more, not less.
    Raises: Unasked, where connections are allowed.
    """
    if not wanted and not unwanted:
        return []
    if key.startswith("request.") and not asked.is_http:
        if is_denial:
            return []
        raise Unasked
    either = _together(key, asked)
    found: list[Obj] = []
    if wanted:
        found.append(either(wanted))
    if unwanted:
        found.append({"not_id": either(unwanted)})
    return found


def _together(key: str, asked: Asked) -> Callable[[Sequence[str]], Obj]:
    """Return what makes one condition of several values."""
    if key == "request.auth.principal":
        return claims.requesters
    if key in ("request.auth.audiences", "request.auth.presenter"):
        name = {"request.auth.audiences": "aud"}.get(key, "azp")
        return lambda values: claims.claims([name], values)
    if key.startswith(CLAIMS):
        return lambda values: claims.claims(claims.names_of(key.removeprefix(CLAIMS)), values)
    match = _matches(key, asked)

    def either(values: Sequence[str]) -> Obj:
        return {"or_ids": {"ids": [each for value in values for each in match(value)]}}

    return either


def _matches(key: str, asked: Asked) -> Callable[[str], list[Json]]:
    if key == "source.ip":
        return lambda value: _direct(value, asked)
    if key == "remote.ip":
        return lambda value: [{"remote_ip": _range(value)}]
    if key == "source.serviceAccount":
        return lambda value: [_authenticated(_account(value, asked.namespace))]
    if key.startswith(HEADER):
        name = key.removeprefix(HEADER).strip("[]")
        return lambda value: [header(name, value)]
    simple = {"source.principal": _principal, "source.namespace": _namespace,
              "source.trustDomain": _trust_domain}  # fmt: skip
    if key not in simple:
        raise Unasked
    return lambda value: [_authenticated(simple[key](value))]


def header(name: str, value: str, *, is_any_case: bool = False) -> Obj:
    """Return the match of a header; `*` asks that it is there."""
    if value == "*":
        return {"header": {"name": name, "present_match": True}}
    matcher = claims.string(value)
    if is_any_case:
        matcher["ignore_case"] = True
    return {"header": {"name": name, "string_match": matcher}}


def network(value: str) -> IPv4Network | None:
    """Return the range that is written, None where it is none of IPv4."""
    found = ip_network(value, strict=False)
    return found if isinstance(found, IPv4Network) else None


def _direct(value: str, asked: Asked) -> list[Json]:
    block = network(value)
    proved = {
        identity
        for ip, identity in asked.gateways
        if block is not None and IPv4Address(ip) in block
    }
    known: list[Json] = [_authenticated({"exact": identity}) for identity in sorted(proved)]
    return [{DIRECT: _range(value)}, *known]


def _range(value: str) -> Obj:
    found = ip_network(value, strict=False)
    return {"address_prefix": str(found.network_address), "prefix_len": found.prefixlen}


def _principal(value: str) -> Obj:
    if value == "*" or value.startswith("*"):
        return claims.string(value)
    return claims.string(f"spiffe://{value}")


def _namespace(value: str) -> Obj:
    pattern = ".*".join(escape(part) for part in value.split("*"))
    return {"safe_regex": {"regex": f".*/ns/{pattern}/.*"}}


def _account(value: str, namespace: str) -> Obj:
    """Return the match of a service account; without a namespace it is of the policy's."""
    there, slash, name = value.partition("/")
    if not slash:
        there, name = namespace, value
    return {
        "safe_regex": {"regex": f"spiffe://.+/ns/{escape(there)}/(.+/|)sa/{escape(name)}(/.+)?"}
    }


def _trust_domain(value: str) -> Obj:
    if value == "*":
        return {"prefix": "spiffe://"}
    if "*" not in value:
        return {"prefix": f"spiffe://{value}/"}
    before, _, after = value.partition("*")
    return {"safe_regex": {"regex": f"spiffe://{escape(before)}[^/]*{escape(after)}/.*"}}


def _authenticated(matcher: Obj) -> Obj:
    return {"authenticated": {"principal_name": matcher}}
