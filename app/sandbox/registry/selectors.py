"""Which objects a selector means: the written one of a query, and the one inside an object.

Source: k8s.io/apimachinery, package labels; its parser's words are kept.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import TypeAlias

from app.sandbox.objects import Json, Obj, at, items, strings, text, words
from app.sandbox.registry.names import key_faults, value_faults
from app.sandbox.status import StatusError, bad_request
from app.sandbox.store.kinds import Kind

Matcher: TypeAlias = Callable[[Mapping[str, str]], bool]
ObjMatcher: TypeAlias = Callable[[Obj], bool]

TOKEN = re.compile(r"\s*(?:(!=|==|=|!|\(|\)|,|<|>)|([^\s=!(),<>]+))")
OPERATORS = "in, notin, =, ==, !=, gt, lt"


def matcher_of(selector: Obj) -> Matcher:
    """Return whether labels match a `matchLabels`/`matchExpressions` object; empty matches all."""
    tests: list[Matcher] = [_equals(*pair) for pair in strings(selector, "matchLabels").items()]
    for part in items(selector, "matchExpressions"):
        key, values = text(part, "key"), frozenset(words(part, "values"))
        tests.append(_test(key, text(part, "operator").lower(), values))
    return lambda labels: all(test(labels) for test in tests)


def parse(written: str) -> Matcher:
    """Return whether labels match `app=web,tier in (a, b),!old`. Raises: StatusError 400."""
    tests = list(_requirements(_Tokens(written)))
    return lambda labels: all(test(labels) for test in tests)


def parse_fields(written: str, kind: Kind) -> ObjMatcher:
    """Return whether an object matches `metadata.name=a,status.phase!=Running`.

    Raises: StatusError 400 for a field that this kind cannot be selected by.
    """
    tests: list[ObjMatcher] = []
    for part in written.split(","):
        found = re.fullmatch(r"([^=!]+)(!=|==|=)(.*)", part)
        if part and found is None:
            raise bad_request(
                f"invalid selector: '{part}'; can't understand '{part}'"
                if part != written
                else f"invalid selector: '{written}'; can't understand '{part}'"
            )
        if found:
            field, operator, value = found.groups()
            if field not in FIELDS and field not in FIELDS_OF.get(kind.kind, ()):
                raise bad_request(_unsupported(field, kind))
            tests.append(_field_test(field, value, operator != "!="))
    return lambda obj: all(test(obj) for test in tests)


FIELDS = ("metadata.name", "metadata.namespace")
FIELDS_OF = {
    "Pod": (
        "spec.nodeName",
        "spec.restartPolicy",
        "spec.schedulerName",
        "spec.serviceAccountName",
        "spec.hostNetwork",
        "status.phase",
        "status.podIP",
        "status.nominatedNodeName",
    ),
    "Event": (
        "involvedObject.kind",
        "involvedObject.namespace",
        "involvedObject.name",
        "involvedObject.uid",
        "involvedObject.apiVersion",
        "involvedObject.resourceVersion",
        "involvedObject.fieldPath",
        "reason",
        "reportingComponent",
        "source",
        "type",
    ),
    "Namespace": ("status.phase",),
    "Node": ("spec.unschedulable",),
    "Secret": ("type",),
    "Service": ("spec.clusterIP", "spec.type"),
    "ReplicaSet": ("status.replicas",),
    "Job": ("status.successful",),
}


def _unsupported(field: str, kind: Kind) -> str:
    if kind.crd is None and kind.kind not in ("Pod", "Namespace", "Event"):
        known = 'only "metadata.name", "metadata.namespace"'
        return f'"{field}" is not a known field selector: {known}'
    return f"field label not supported: {field}"


def _field_test(field: str, value: str, wanted: bool) -> ObjMatcher:
    field = "source.component" if field == "source" else field
    return lambda obj: (_shown(at(obj, field)) == value) == wanted


def _shown(value: Json) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


class _Tokens:
    """The words of a written selector, one ahead."""

    def __init__(self, written: str) -> None:
        self._written = written.strip()
        self._place = 0
        self.now = ""
        self.step()

    def step(self) -> str:
        """Return the word that was next, and go on; empty at the end."""
        word = self.now
        found = TOKEN.match(self._written, self._place)
        self.now = (found[1] or found[2]) if found else ""
        self._place = found.end() if found else len(self._written)
        return word


def _requirements(tokens: _Tokens) -> Iterator[Matcher]:
    while tokens.now:
        yield _requirement(tokens)
        if tokens.now and tokens.now != ",":
            raise bad_request(f"found '{tokens.now}', expected: ',' or 'end of string'")
        if tokens.step() == "," and not re.match(r"[^=()<>,]", tokens.now):
            raise bad_request(f"found '{tokens.now}', expected: identifier after ','")


def _requirement(tokens: _Tokens) -> Matcher:
    absent = tokens.now == "!"
    if absent:
        tokens.step()
    key = tokens.step()
    if not re.match(r"[^=!(),<>]", key):
        raise bad_request(f"found '{key}', expected: !, identifier, or 'end of string'")
    for fault in key_faults(key):
        raise _refused(f'key: Invalid value: "{key}": {fault}')
    if absent:
        return lambda labels: key not in labels
    if tokens.now in ("", ","):
        return lambda labels: key in labels
    operator = tokens.step()
    if operator in ("in", "notin"):
        return _test(key, operator, frozenset(_checked(key, value) for value in _listed(tokens)))
    if operator in ("=", "==", "!="):
        value = "" if tokens.now in ("", ",") else tokens.step()
        return _equals(key, _checked(key, value), operator != "!=")
    if operator in ("<", ">"):
        return _compared(key, operator, tokens.step())
    raise _refused(f"found '{operator}', expected: {OPERATORS}")


def _listed(tokens: _Tokens) -> Iterator[str]:
    if tokens.now != "(":
        raise _refused(f"found '{tokens.now}' expected: '('")
    tokens.step()
    if not tokens.now:
        raise _refused("found '', expected: ',', ')' or identifier")
    if tokens.now == ")":
        yield ""
    while tokens.now != ")":
        if not tokens.now:
            raise _refused("found '', expected: ',', or identifier")
        if tokens.now == ",":
            tokens.step()
            if tokens.now in (",", ")"):
                yield ""
        else:
            yield tokens.step()
            if tokens.now not in (",", ")"):
                raise _refused(f"found '{tokens.now}', expected: ',' or ')'")
    tokens.step()


def _checked(key: str, value: str) -> str:
    for fault in value_faults(value):
        raise _refused(f'values[0][{key}]: Invalid value: "{value}": {fault}')
    return value


def _refused(why: str) -> StatusError:
    return bad_request(f"unable to parse requirement: {why}")


def _equals(key: str, value: str, wanted: bool = True) -> Matcher:
    return lambda labels: (labels.get(key) == value) == wanted


def _compared(key: str, operator: str, written: str) -> Matcher:
    if not re.fullmatch(r"-?\d+", written):
        said = "for 'Gt', 'Lt' operators, the value must be an integer"
        raise _refused(f'values[0]: Invalid value: "{written}": {said}')
    bound = int(written)

    def test(labels: Mapping[str, str]) -> bool:
        value = labels.get(key, "")
        if not re.fullmatch(r"-?\d+", value):
            return False
        return int(value) > bound if operator == ">" else int(value) < bound

    return test


def _test(key: str, operator: str, values: frozenset[str]) -> Matcher:
    if operator == "in":
        return lambda labels: labels.get(key) in values
    if operator == "notin":
        return lambda labels: labels.get(key) not in values
    if operator == "exists":
        return lambda labels: key in labels
    return lambda labels: key not in labels
