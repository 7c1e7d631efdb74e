"""Rules of a container's environment variables."""

import re
from collections.abc import Iterator

from app.sandbox.objects import Obj, items, table, text
from app.sandbox.registry.causes import required, wrong
from app.sandbox.registry.names import subdomain_faults
from app.sandbox.status import Cause

NAME = re.compile(r"[^=\x00-\x1f\x7f]+")
NAME_RULE = (
    "a valid environment variable name "
    "must consist only of printable ASCII characters other than '='"
)
SOURCES = ("fieldRef", "resourceFieldRef", "configMapKeyRef", "secretKeyRef", "fileKeyRef")
NO_SOURCE = (
    "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or "
    "`fileKeyRef`"
)
# What a variable may take from its pod.
FIELDS = frozenset(
    {
        "metadata.name",
        "metadata.namespace",
        "metadata.uid",
        "spec.nodeName",
        "spec.serviceAccountName",
        "status.hostIP",
        "status.hostIPs",
        "status.podIP",
        "status.podIPs",
    }
)
OF_MAPS = re.compile(r"metadata\.(labels|annotations)\['[^']+'\]")


def environment_causes(container: Obj, field: str) -> Iterator[Cause]:
    """Yield what is wrong in `env` and `envFrom`; `field` is the container's path."""
    for place, variable in enumerate(items(container, "env")):
        here = f"{field}.env[{place}]"
        name = text(variable, "name")
        if not name:
            yield required(f"{here}.name")
        elif not NAME.fullmatch(name):
            yield wrong(f"{here}.name", name, NAME_RULE)
        if isinstance(variable.get("valueFrom"), dict):
            yield from _source_causes(variable, f"{here}.valueFrom")
    for place, source in enumerate(items(container, "envFrom")):
        for key in ("configMapRef", "secretRef"):
            if isinstance(source.get(key), dict):
                named, at = text(source, f"{key}.name"), f"{field}.envFrom[{place}].{key}.name"
                yield from _name_causes(named, at) if named else (required(at),)


def _source_causes(variable: Obj, field: str) -> Iterator[Cause]:
    source = table(variable, "valueFrom")
    given = [key for key in SOURCES if isinstance(source.get(key), dict)]
    if not given:
        yield wrong(field, "", NO_SOURCE)
    elif text(variable, "value"):
        yield wrong(field, "", "may not be specified when `value` is not empty")
    elif len(given) > 1:
        yield wrong(field, "", "may not have more than one field specified at a time")
    for key in given:
        inner = table(source, key)
        if key in ("configMapKeyRef", "secretKeyRef"):
            yield from _name_causes(text(inner, "name"), f"{field}.{key}.name")
            if not text(inner, "key"):
                yield required(f"{field}.{key}.key")
        elif key == "fieldRef":
            yield from _field_causes(text(inner, "fieldPath"), f"{field}.fieldRef.fieldPath")


def _name_causes(name: str, field: str) -> Iterator[Cause]:
    yield from (wrong(field, name, fault) for fault in subdomain_faults(name))


def _field_causes(path: str, field: str) -> Iterator[Cause]:
    if not path:
        yield required(field)
    elif path not in FIELDS and not OF_MAPS.fullmatch(path):
        said = f"error converting fieldPath: field label not supported: {path}"
        yield wrong(field, path, said)


def twice_named(container: Obj, field: str) -> Iterator[str]:
    """Yield the warnings of variables that hide others of the same name."""
    seen: set[str] = set()
    for place, variable in enumerate(items(container, "env")):
        name = text(variable, "name")
        if name in seen:
            yield (
                f'{field}.env[{place}]: hides previous definition of "{name}", '
                "which may be dropped when using apply"
            )
        seen.add(name)
