"""What an AuthorizationPolicy may say."""

import re

from app.sandbox.istiod.admission.condition import (
    condition,
    wrong_account,
    wrong_address,
    wrong_port,
    wrong_trust_domain,
)
from app.sandbox.istiod.admission.findings import Findings
from app.sandbox.istiod.admission.targets import attached
from app.sandbox.objects import Json, Obj, items, name_of, namespace_of, table, text, words

SOURCES = ("principals", "requestPrincipals", "namespaces", "ipBlocks", "remoteIpBlocks",
           "notPrincipals", "notRequestPrincipals", "notNamespaces", "notIpBlocks",
           "notRemoteIpBlocks")  # fmt: skip
OPERATIONS = ("ports", "methods", "paths", "hosts", "notPorts", "notMethods", "notPaths",
              "notHosts")  # fmt: skip
BLOCKS = ("ipBlocks", "notIpBlocks", "remoteIpBlocks", "notRemoteIpBlocks")
OF_TCP = frozenset({"principals", "notPrincipals", "namespaces", "notNamespaces",
                    "serviceAccounts", "notServiceAccounts", *BLOCKS})  # fmt: skip
NOT_CUSTOM = ("namespaces", "notNamespaces", "serviceAccounts", "notServiceAccounts",
              "trustDomains", "notTrustDomains", "principals", "notPrincipals",
              "requestPrincipals", "notRequestPrincipals")  # fmt: skip
KEYS_NOT_CUSTOM = ("source.namespace", "source.serviceAccount", "source.trustDomain",
                   "source.principal")  # fmt: skip
FORMS = {"serviceAccounts": wrong_account, "trustDomains": wrong_trust_domain}
SEGMENT = re.compile(r"[a-zA-Z0-9\-._~%!$&'()+,;:@=]+")
MEANINGLESS = ("{} action without `rules` is meaningless as it will never be triggered, add an "
               "empty rule `{{}}` if you want it be triggered for every request")  # fmt: skip
ALL_TCP = ("configured AuthorizationPolicy will deny all traffic to TCP ports under its scope due "
           "to the use of only HTTP attributes in a DENY rule; it is recommended to explicitly "
           "specify the port")  # fmt: skip


def authorization_policy(obj: Obj, found: Findings) -> None:
    """Check an AuthorizationPolicy."""
    where = f"invalid policy {name_of(obj)}.{namespace_of(obj)}: "
    spec = table(obj, "spec")
    attached(spec, found, where)
    action, rules = text(spec, "action") or "ALLOW", items(spec, "rules")
    if action == "CUSTOM":
        _custom(spec, where, found)
    elif "provider" in spec:
        found.error(f"{where}`provider` must not be with non CUSTOM action, found {action}")
    if action == "DENY" and not rules:
        found.error(where + MEANINGLESS.format(action))
    for place, rule in enumerate(rules):
        _rule(rule, place, where, found)
        if action == "DENY" and _is_of_http_alone(rule):
            found.warning(ALL_TCP)


def _custom(spec: Obj, where: str, found: Findings) -> None:
    if not items(spec, "rules"):
        found.error(where + MEANINGLESS.format("CUSTOM"))
    elif not text(spec, "provider.name"):
        found.error(f"{where}`provider.name` must not be empty")
    for rule in items(spec, "rules"):
        named = [
            f"From.{_capital(field)}"
            for each in items(rule, "from")
            for field in NOT_CUSTOM
            if words(each, f"source.{field}")
        ]
        keys = (text(when, "key") for when in items(rule, "when"))
        named += [k for k in keys if k in KEYS_NOT_CUSTOM or k.startswith("request.auth.")]
        for name in named:
            found.error(f"{where}{name} is currently not supported with CUSTOM action")


def _capital(field: str) -> str:
    return field[0].upper() + field[1:]


def _is_of_http_alone(rule: Obj) -> bool:
    """Return whether nothing in a rule could be matched on a plain TCP connection."""
    sources = [table(each, "source") for each in items(rule, "from")]
    operations = [table(each, "operation") for each in items(rule, "to")]
    if operations:
        return not any("ports" in one or "notPorts" in one for one in operations)
    return bool(sources) and not any(OF_TCP & one.keys() for one in sources)


def _rule(rule: Obj, place: int, where: str, found: Findings) -> None:
    at_rule = f", found at rule {place}"
    for each in items(rule, "from"):
        source = each.get("source")
        _is_filled("from.source", source, where, at_rule, found)
        if isinstance(source, dict):
            _listed(where, [wrong_address(b) for f in BLOCKS for b in words(source, f)], found)
            _none_empty(SOURCES, source, where, found)
            for field, wrong in FORMS.items():
                for key in (field, f"not{_capital(field)}"):
                    if why := wrong(_capital(key), words(source, key)):
                        found.error(where + why)
    for each in items(rule, "to"):
        operation = each.get("operation")
        _is_filled("to.operation", operation, where, at_rule, found)
        if isinstance(operation, dict):
            ports = (*words(operation, "ports"), *words(operation, "notPorts"))
            _listed(where, [wrong_port(port) for port in ports], found)
            _none_empty(OPERATIONS, operation, where, found)
            for field in ("paths", "notPaths"):
                _templates(field, words(operation, field), where, found)
    for when in items(rule, "when"):
        condition(when, where, found)


def _is_filled(name: str, part: Json, where: str, at_rule: str, found: Findings) -> None:
    if not isinstance(part, dict):
        found.error(f"{where}`{name}` must not be nil{at_rule}")
    elif not any(part.values()):
        found.error(f"{where}`{name}` must not be empty{at_rule}")


def _listed(where: str, errors: list[str], found: Findings) -> None:
    for error in filter(None, errors):
        found.error(where + error, listed=True)


def _none_empty(fields: tuple[str, ...], part: Obj, where: str, found: Findings) -> None:
    for field in fields:
        if "" in words(part, field):
            found.error(f"{where}empty value not allowed, found in {_capital(field)}")


def _templates(field: str, paths: list[str], where: str, found: Findings) -> None:
    """Refuse the first path whose `{*}` and `{**}` are not where they may be."""
    for path in paths:
        own = path.strip("/")
        has_any = False
        for segment in own.split("/"):
            why = ""
            if segment in ("{*}", "{**}"):
                why = "{**} is not the last operator" if has_any else ""
                has_any = has_any or segment == "{**}"
            elif "{" in segment or "}" in segment:
                why = "Contains '{' or '}' beyond a supported path template"
            elif ("{*}" in path or "{**}" in path) and not SEGMENT.fullmatch(segment):
                why = f"Contains segment {segment} with invalid string literal"
            if why:
                said = f"invalid or unsupported path {own}, found in {_capital(field)}. {why}"
                return found.error(where + said)
    return None
