"""What a VirtualService may say."""

import re

from app.sandbox.istiod.admission.destinations import destinations, mirrored
from app.sandbox.istiod.admission.findings import HEADER, SMALL_LABEL, Findings
from app.sandbox.istiod.admission.unreached import unreached
from app.sandbox.istiod.envoy.routes import STATUSES
from app.sandbox.istiod.hosts import covers
from app.sandbox.objects import (
    Json,
    Obj,
    at,
    items,
    namespace_of,
    number,
    strings,
    table,
    text,
    words,
)

RETRY_ON = frozenset(
    {"5xx", "gateway-error", "reset", "reset-before-request", "connect-failure",
     "retriable-4xx", "refused-stream", "retriable-status-codes", "retriable-headers",
     "envoy-ratelimited", "http3-post-connect-failure", "cancelled", "deadline-exceeded",
     "internal", "resource-exhausted", "unavailable"}
)  # fmt: skip
CLAIM = re.compile(r"@request\.auth\.claims(?:\..+|\[.+\])", re.IGNORECASE)
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE",
                     "PATCH", "*"})  # fmt: skip
RE2 = "Istio uses RE2 style regex-based match (https://github.com/google/re2/wiki/Syntax)"


def virtual_service(obj: Obj, found: Findings) -> None:
    """Check a VirtualService."""
    spec = table(obj, "spec")
    gateways = words(spec, "gateways")
    _gateways(gateways, found)
    if not gateways or "mesh" in gateways:
        _claims(items(spec, "http"), gateways, found)
    hosts = words(spec, "hosts")
    for place, host in enumerate(hosts):
        found.domain(host)
        if host == "*" and (not gateways or "mesh" in gateways):
            found.error(
                "wildcard host * is not allowed for virtual services bound to the mesh gateway"
            )
        for other in hosts[:place]:
            if host == other:
                found.error(f"duplicate hosts in virtual service: {other} & {host}")
    kinds = [kind for kind in ("http", "tcp", "tls") if items(spec, kind)]
    if not kinds:
        found.error("http, tcp or tls must be provided in virtual service")
    if not hosts:
        _delegated(spec, found)
    for rule in items(spec, "http"):
        if hosts and isinstance(rule.get("delegate"), dict):
            for part in ("route", "redirect"):
                if rule.get(part):
                    found.error(f"root HTTP route  must not specify {part}")
        else:
            _http(rule, found)
    for rule in items(spec, "tcp"):
        if not items(rule, "route"):
            found.error("TCP route is required")
        destinations(items(rule, "route"), found)
    for rule in items(spec, "tls"):
        _server_names(rule, hosts, found)
        if not items(rule, "route"):
            found.error("TLS route is required")
        destinations(items(rule, "route"), found)
    found.exported(words(spec, "exportTo"), namespace_of(obj))
    unreached(items(spec, "http"), found)


def _claims(rules: list[Obj], gateways: list[str], found: Findings) -> None:
    """Refuse matches of a token's claims where sidecars would have to look at them."""
    for match in (match for rule in rules for match in items(rule, "match")):
        for name in (*table(match, "headers"), *table(match, "withoutHeaders")):
            if CLAIM.fullmatch(name):
                found.error(
                    f"JWT claim based routing (key: {name}) is only supported for gateway, "
                    f"found no gateways: [{' '.join(gateways)}]"
                )


def _delegated(spec: Obj, found: Findings) -> None:
    """Check a VirtualService without hosts, to which another delegates."""
    if words(spec, "gateways"):
        found.error("delegate virtual service must have no gateways specified")
    for kind in ("tls", "tcp"):
        if items(spec, kind):
            found.error(f"delegate virtual service must have no {kind} route specified")
    if any("delegate" in rule for rule in items(spec, "http")):
        found.error("delegate HTTP route cannot contain delegate")


def _server_names(rule: Obj, hosts: list[str], found: Findings) -> None:
    for match in items(rule, "match"):
        for name in words(match, "sniHosts"):
            if not any(covers(host, name) for host in hosts):
                found.error(
                    f'SNI host "{name}" is not a compatible subset of any of the virtual service '
                    f"hosts: [{' '.join(hosts)}]"
                )


def _gateways(names: list[str], found: Findings) -> None:
    """Check gateways' names, up to the first without a namespace: Istio looks no further."""
    for name in names:
        namespace, slash, own = name.partition("/")
        if not slash:
            found.domain(name)
            parts = name.split(".")
            if len(parts) > 1:
                found.warning(
                    f'using legacy gatewayName format "{name}"; '
                    f'prefer the <namespace>/<name> format: "{parts[1]}/{parts[0]}"'
                )
            return
        if not SMALL_LABEL.fullmatch(namespace):
            found.error(f'invalid value for namespace: "{namespace}"')
        if not SMALL_LABEL.fullmatch(own):
            found.error(f'invalid value for gateway name: "{own}"')


def _http(rule: Obj, found: Findings) -> None:
    has_route = bool(items(rule, "route"))
    has_redirect, has_direct = "redirect" in rule, "directResponse" in rule
    if has_route and has_redirect:
        found.error("HTTP route cannot contain both route and redirect")
    elif has_redirect:
        if "fault" in rule:
            found.error("HTTP route cannot contain both fault and redirect")
        if "rewrite" in rule:
            found.error("HTTP route rule cannot contain both rewrite and redirect")
        _redirect(table(rule, "redirect"), found)
    elif has_direct:
        for part in ("route", "fault", "rewrite"):
            if rule.get(part) is not None:
                noun = "HTTP route rule" if part == "rewrite" else "HTTP route"
                found.error(f"{noun} cannot contain both {part} and direct_response")
        _status(number(rule, "directResponse.status"), found)
    elif not has_route:
        found.error("HTTP route, redirect or direct_response is required")
    for match in items(rule, "match"):
        _match(match, found)
    if "fault" in rule:
        _fault(table(rule, "fault"), found)
    mirrored(rule, found)
    if "corsPolicy" in rule:
        _cors(table(rule, "corsPolicy"), found)
    if "rewrite" in rule and not has_redirect:
        _rewrite(table(rule, "rewrite"), found)
    for headers in (rule, *items(rule, "route")):
        for path in ("request.set", "request.add", "response.set", "response.add"):
            named = [*strings(headers, f"headers.{path}")]
            if path.endswith("add"):
                named += words(headers, f"headers.{path.removesuffix('add')}remove")
            if "" in named:
                found.error("header name cannot be empty")
    destinations(items(rule, "route"), found)
    if isinstance(rule.get("retries"), dict):
        _retries(table(rule, "retries"), found)


def _redirect(redirect: Obj, found: Findings) -> None:
    if not any(redirect.get(key) for key in ("uri", "authority", "scheme", "port", "derivePort")):
        found.error("redirect must specify URI, authority, scheme, or port")
    code = number(redirect, "redirectCode")
    if code and not 300 <= code <= 399:
        found.error(f"{code} is not a valid redirect code, must be 3xx")


def _rewrite(rewrite: Obj, found: Findings) -> None:
    has_both = "uri" in rewrite and "uriRegexRewrite" in rewrite
    if has_both or not any(rewrite.get(key) for key in ("uri", "uriRegexRewrite", "authority")):
        found.error(
            "rewrite must specify at least one of URI, UriRegexRewrite, or authority. "
            "Only one of URI or UriRegexRewrite may be specified"
        )


def _match(match: Obj, found: Findings) -> None:
    for name in [*table(match, "headers"), *table(match, "withoutHeaders")]:
        if not name:
            found.error("header name cannot be empty")
        elif not HEADER.fullmatch(name) and not CLAIM.fullmatch(name):
            found.error(f"header name {name} is not a valid header name")
    for field in ("uri", "scheme", "method", "authority"):
        _regex(field, match.get(field), found)
    for field in ("headers", "withoutHeaders", "queryParams"):
        where = {"queryParams": "query params"}.get(field, "headers")
        for value in table(match, field).values():
            _regex(where, value, found)
    _gateways(words(match, "gateways"), found)
    if number(match, "port"):
        found.port(number(match, "port"))
    found.labels(strings(match, "sourceLabels"))


def _regex(where: str, value: Json, found: Findings) -> None:
    said = text(value, "regex")
    if not said:
        return
    try:
        re.compile(said)
    except re.error as error:
        found.error(f'"{where}": error parsing regexp: {_as_go(said, error)}; {RE2}')


def _as_go(said: str, error: re.error) -> str:
    """Return what Go's regular expressions say of a mistake, as far as Python finds the same."""
    rest = said[error.pos or 0 :]
    if error.msg.startswith("missing )"):
        return f"missing closing ): `{said}`"
    if error.msg == "unterminated character set":
        return f"missing closing ]: `{rest}`"
    if error.msg in ("nothing to repeat", "multiple repeat"):
        return f"missing argument to repetition operator: `{rest[:1]}`"
    if error.msg == "unbalanced parenthesis":
        return f"unexpected ): `{said}`"
    return f"{error.msg}: `{said}`"


def _fault(fault: Obj, found: Findings) -> None:
    if fault.get("abort") is None and fault.get("delay") is None:
        found.error("HTTP fault injection must have an abort and/or a delay", listed=True)
    for part in ("abort", "delay"):
        share = at(fault, f"{part}.percentage.value")
        if isinstance(share, int | float):
            found.share(share)
    status = at(fault, "abort.httpStatus")
    if isinstance(status, int):
        _status(status, found)


def _status(status: int, found: Findings) -> None:
    if not 200 <= status <= 599:
        found.error(f"HTTP status {status} is not in range 200-599")


def _cors(cors: Obj, found: Findings) -> None:
    for method in words(cors, "allowMethods"):
        if method not in METHODS:
            found.error(f'"{method}" is not a supported HTTP method')
    for origin in items(cors, "allowOrigins"):
        if not any(origin.get(how) for how in ("exact", "prefix", "regex")):
            found.error("'' is not a valid match type for CORS allow origins")
    age = text(cors, "maxAge")
    if age and "." in age.removesuffix("s").rstrip("0").rstrip("."):
        found.error("max_age duration is accurate only to seconds precision", listed=True)


def _retries(retries: Obj, found: Findings) -> None:
    attempts = number(retries, "attempts")
    if attempts < 0:
        found.error("attempts cannot be negative", listed=True)
    elif attempts == 0 and (retries.get("retryOn") or retries.get("perTryTimeout")):
        found.error("http retry policy configured when attempts are set to 0 (disabled)")
    for word in filter(None, text(retries, "retryOn").split(",")):
        said = word.strip()
        is_status = said.isdigit() and int(said) in STATUSES
        if said not in RETRY_ON and not is_status:
            found.error(f'"{said}" is not a valid retryOn policy')
