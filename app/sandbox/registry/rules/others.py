"""Rules of what is neither pod, workload nor Service."""

import re
from collections.abc import Iterator

from app.sandbox.objects import Obj, at, items, table, text
from app.sandbox.registry.causes import barred, required, twice, unsupported, wrong
from app.sandbox.registry.rules.workloads import IMMUTABLE
from app.sandbox.status import Cause

DATA_KEY = "[-._a-zA-Z0-9]+"
DATA_RULE = (
    "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. "
    f"'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '{DATA_KEY}')"
)
# What a Secret of a type must hold.
NEEDED = {
    "kubernetes.io/tls": ("tls.crt", "tls.key"),
    "kubernetes.io/dockerconfigjson": (".dockerconfigjson",),
    "kubernetes.io/ssh-auth": ("ssh-privatekey",),
}
GO_NAMES = {"APIGroup": "apiGroup", "Kind": "kind", "Name": "name"}  # it is quoted as Go has it
LOCKED = "field is immutable when `immutable` is set"


def data_causes(obj: Obj, before: Obj | None) -> Iterator[Cause]:
    """Yield what is wrong in a ConfigMap or a Secret."""
    for field in ("data", "binaryData"):
        for key in table(obj, field):
            if not re.fullmatch(DATA_KEY, key):
                yield wrong(f"{field}[{key}]", key, DATA_RULE)
            elif key in (".", ".."):
                yield wrong(f"{field}[{key}]", key, f"must not be '{key}'")
            elif field == "data" and key in table(obj, "binaryData"):
                yield wrong(f"data[{key}]", key, "duplicate of key present in binaryData")
    for key in NEEDED.get(text(obj, "type"), ()) if obj.get("kind") == "Secret" else ():
        if key not in table(obj, "data"):
            yield required(f"data[{key}]")
    if before is None:
        return
    if before.get("immutable") is True:
        if obj.get("immutable") is not True:
            yield barred("immutable", LOCKED)
        for field in ("data", "binaryData"):
            if table(obj, field) != table(before, field):
                yield barred(field, LOCKED)
    if text(before, "type") != text(obj, "type"):
        yield wrong("type", obj.get("type"), IMMUTABLE)


def binding_causes(obj: Obj, before: Obj | None) -> Iterator[Cause]:
    """Yield what is wrong in a RoleBinding or ClusterRoleBinding."""
    kinds = ("ClusterRole",) if obj.get("kind") == "ClusterRoleBinding" else ("Role", "ClusterRole")
    if text(obj, "roleRef.kind") not in kinds:
        yield unsupported("roleRef.kind", text(obj, "roleRef.kind"), kinds)
    if not text(obj, "roleRef.name"):
        yield required("roleRef.name")
    for place, subject in enumerate(items(obj, "subjects")):
        if not text(subject, "name"):
            yield required(f"subjects[{place}].name")
        is_account = text(subject, "kind") == "ServiceAccount"
        if is_account and not text(subject, "namespace"):
            yield required(f"subjects[{place}].namespace")
    if before is not None and table(before, "roleRef") != table(obj, "roleRef"):
        role = table(obj, "roleRef")
        told = {name: role.get(key) for name, key in GO_NAMES.items()}
        yield wrong("roleRef", {**told}, "cannot change roleRef")


def role_causes(obj: Obj, before: Obj | None) -> Iterator[Cause]:
    """Yield what is wrong in a Role or ClusterRole."""
    for place, rule in enumerate(items(obj, "rules")):
        if not rule.get("verbs"):
            yield required(f"rules[{place}].verbs", "verbs must contain at least one value")
        if rule.get("nonResourceURLs"):
            continue
        for field in ("apiGroups", "resources"):
            if not rule.get(field):
                said = f"resource rules must supply at least one {_singular(field)}"
                yield required(f"rules[{place}].{field}", said)


def _singular(field: str) -> str:
    return "api group" if field == "apiGroups" else "resource"


def crd_causes(obj: Obj, before: Obj | None) -> Iterator[Cause]:
    """Yield what is wrong in a CustomResourceDefinition."""
    plural, group = text(obj, "spec.names.plural"), text(obj, "spec.group")
    name = text(obj, "metadata.name")
    if name != f"{plural}.{group}":
        yield wrong("metadata.name", name, 'must be spec.names.plural+"."+spec.group')
    for field in ("spec.group", "spec.names.plural", "spec.names.kind"):
        if not text(obj, field):
            yield required(field)
    if text(obj, "spec.scope") not in ("Cluster", "Namespaced"):
        yield unsupported("spec.scope", text(obj, "spec.scope"), ("Cluster", "Namespaced"))
    versions = items(obj, "spec.versions")
    stored = [one for one in versions if one.get("storage") is True]
    if len(stored) != 1:
        said = "must have exactly one version marked as storage version"
        yield wrong("spec.versions", at(obj, "spec.versions"), said)
    for place, version in enumerate(versions):
        if not isinstance(at(version, "schema.openAPIV3Schema"), dict):
            yield required(f"spec.versions[{place}].schema.openAPIV3Schema")


def webhook_causes(obj: Obj, before: Obj | None) -> Iterator[Cause]:
    """Yield what is wrong in a webhook configuration."""
    names: set[str] = set()
    for place, hook in enumerate(items(obj, "webhooks")):
        name = text(hook, "name")
        if name.count(".") < 2:
            said = "should be a domain with at least three segments separated by dots"
            yield wrong(f"webhooks[{place}].name", name, said)
        if name in names:
            yield twice(f"webhooks[{place}].name", name)
        names.add(name)
        if not hook.get("sideEffects"):
            yield required(
                f"webhooks[{place}].sideEffects", "must specify one of None, NoneOnDryRun"
            )
