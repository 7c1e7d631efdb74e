"""The parts of an AuthorizationPolicy's rule: from whom, to what, when."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from re import escape

from app.sandbox.istiod.identities import TRUST_DOMAIN
from app.sandbox.objects import Json, Obj, items, table, text, words

ANY: Obj = {"any": True}
HEADER = "request.headers["
# What no proxy of the sandbox can know: who is behind a token, and addresses of callers
UNKNOWABLE = ("requestPrincipals", "ipBlocks", "remoteIpBlocks")


@dataclass(frozen=True)
class Question:
    """What is asked about: connections to a port, with requests in them or not."""

    port: int
    is_http: bool


class Never(Exception):
    """This condition cannot come true here."""


def principals(rule: Obj, question: Question, *, is_denial: bool) -> list[Obj]:
    """Return the callers that a rule is about, each with its conditions; none: it is about nobody.

    Conditions on requests are ignored by a denial of connections: it denies more, not less.
    """
    sources = [table(each, "source") for each in items(rule, "from")] or [{}]
    conditions = items(rule, "when")
    found = []
    for source in sources:
        try:
            parts = [*_source(source), *_when(conditions, question, is_denial=is_denial)]
        except Never:
            continue
        together: Obj = {"and_ids": {"ids": list[Json](parts)}}
        found.append(together if parts else ANY)
    return found


def targets(rule: Obj, question: Question, *, is_denial: bool) -> list[Obj]:
    """Return the requests that a rule is about; none: it is about nothing on this port."""
    operations = [table(each, "operation") for each in items(rule, "to")] or [{}]
    found = []
    for operation in operations:
        try:
            parts = [*_operation(operation, question, is_denial=is_denial)]
            for condition in items(rule, "when"):
                if text(condition, "key") == "destination.port":
                    _port(words(condition, "values"), words(condition, "notValues"), question)
        except Never:
            continue
        together: Obj = {"and_rules": {"rules": list[Json](parts)}}
        found.append(together if parts else ANY)
    return found


def _source(source: Obj) -> list[Obj]:
    found = _pair(source, "principals", "notPrincipals", _principal)
    found += _pair(source, "namespaces", "notNamespaces", _namespace)
    found += _pair(source, "serviceAccounts", "notServiceAccounts", _account)
    for name in UNKNOWABLE:
        if words(source, name):
            raise Never
    return found


def _operation(operation: Obj, question: Question, *, is_denial: bool) -> list[Obj]:
    _port(words(operation, "ports"), words(operation, "notPorts"), question)
    asks_http = any(
        operation.get(key)
        for key in ("hosts", "notHosts", "methods", "notMethods", "paths", "notPaths")
    )
    if not question.is_http:
        if asks_http and not is_denial:
            raise Never
        return []
    found = _pair(operation, "hosts", "notHosts", _header(":authority", is_any_case=True), "rule")
    found += _pair(operation, "methods", "notMethods", _header(":method"), "rule")
    return found + _pair(operation, "paths", "notPaths", _path, "rule")


def _port(wanted: Sequence[str], unwanted: Sequence[str], question: Question) -> None:
    """Raise Never where the port is another: each port has a listener, so it is known already."""
    if (wanted and str(question.port) not in wanted) or str(question.port) in unwanted:
        raise Never


def _when(conditions: Sequence[Obj], question: Question, *, is_denial: bool) -> list[Obj]:
    found: list[Obj] = []
    for condition in conditions:
        key = text(condition, "key")
        if key == "destination.port":
            continue
        if key.startswith("request."):
            if not question.is_http and is_denial:
                continue
            if not question.is_http or not key.startswith(HEADER):
                raise Never
            match: Callable[[str], Obj] = _header(key.removeprefix(HEADER).removesuffix("]"))
        elif key == "source.principal":
            match = _principal
        elif key == "source.namespace":
            match = _namespace
        elif key == "source.serviceAccount":
            match = _account
        else:
            raise Never
        found += _pair(condition, "values", "notValues", match)
    return found


def _pair(
    said: Obj, wanted: str, unwanted: str, match: Callable[[str], Obj], kind: str = "id"
) -> list[Obj]:
    """Return that one of the wanted values holds, and none of the unwanted ones."""
    either, negated = f"or_{kind}s", f"not_{kind}"
    found: list[Obj] = []
    if words(said, wanted):
        found.append({either: {f"{kind}s": [match(value) for value in words(said, wanted)]}})
    if words(said, unwanted):
        any_of: Obj = {either: {f"{kind}s": [match(value) for value in words(said, unwanted)]}}
        found.append({negated: any_of})
    return found


def _principal(value: str) -> Obj:
    if value == "*":
        return _authenticated({"safe_regex": {"regex": ".+"}})
    if value.startswith("*"):
        return _authenticated({"suffix": value[1:]})
    prefixed = f"spiffe://{value}"
    if value.endswith("*"):
        return _authenticated({"prefix": prefixed[:-1]})
    return _authenticated({"exact": prefixed})


def _namespace(value: str) -> Obj:
    pattern = ".*".join(escape(part) for part in value.split("*"))
    return _authenticated({"safe_regex": {"regex": f".*/ns/{pattern}/.*"}})


def _account(value: str) -> Obj:
    namespace, slash, name = value.partition("/")
    if not slash:
        return _authenticated({"safe_regex": {"regex": f".*/sa/{escape(value)}"}})
    return _authenticated({"exact": f"spiffe://{TRUST_DOMAIN}/ns/{namespace}/sa/{name}"})


def _authenticated(matcher: Obj) -> Obj:
    return {"authenticated": {"principal_name": matcher}}


def _header(name: str, *, is_any_case: bool = False) -> Callable[[str], Obj]:
    def match(value: str) -> Obj:
        if value == "*":
            return {"header": {"name": name, "present_match": True}}
        matcher = _string(value)
        if is_any_case:
            matcher["ignore_case"] = True
        return {"header": {"name": name, "string_match": matcher}}

    return match


def _path(value: str) -> Obj:
    matcher: Obj = {"safe_regex": {"regex": ".+"}} if value == "*" else _string(value)
    return {"url_path": {"path": matcher}}


def _string(value: str) -> Obj:
    if value.endswith("*"):
        return {"prefix": value[:-1]}
    if value.startswith("*"):
        return {"suffix": value[1:]}
    return {"exact": value}
