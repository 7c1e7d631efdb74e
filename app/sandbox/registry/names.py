"""Names, labels and annotations: how they may be written, and how they are made up.

Source: k8s.io/apimachinery, packages util/validation and api/validation.
"""

import re
import secrets

from app.sandbox.objects import Obj, strings, text, words
from app.sandbox.registry.causes import required, too_long, wrong
from app.sandbox.status import Cause
from app.sandbox.store.kinds import Kind

LETTERS = "bcdfghjklmnpqrstvwxz2456789"  # as Kubernetes': no vowels, so no words
ANNOTATIONS_BYTES = 256 * 1024
LABEL = r"[a-z0-9]([-a-z0-9]*[a-z0-9])?"
SUBDOMAIN = rf"{LABEL}(\.{LABEL})*"
OLD_LABEL = r"[a-z]([-a-z0-9]*[a-z0-9])?"
KEY = r"([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]"
VALUE = rf"({KEY})?"
LABEL_RULE = (
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and "
    "must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', "
    f"regex used for validation is '{LABEL}')"
)
SUBDOMAIN_RULE = (
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or "
    "'.', and must start and end with an alphanumeric character (e.g. 'example.com', "
    f"regex used for validation is '{SUBDOMAIN}')"
)
OLD_LABEL_RULE = (
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an "
    "alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', "
    f"regex used for validation is '{OLD_LABEL}')"
)
KEY_RULE = (
    "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end "
    "with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', "
    f"regex used for validation is '{KEY}')"
)
VALUE_RULE = (
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or "
    "'.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  "
    f"or '12345', regex used for validation is '{VALUE}')"
)
TWO_SLASHES_RULE = (
    f"a valid label key{KEY_RULE.removeprefix('name part')} "
    "with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"
)
PATH_RULE = (
    "may not contain '/'",
    "may not contain '%'",
)
FINALIZERS = ("foregroundDeletion", "orphan", "kubernetes")
FINALIZER_RULE = "name is neither a standard finalizer name nor is it fully qualified"
FREE = ("rbac.authorization.k8s.io",)  # names that may hold what fits into a path
FREE_MOST = 253


def made_up(prefix: str) -> str:
    """Return a name of a prefix and five random characters, cut to what a name may have."""
    return prefix[:58] + "".join(secrets.choice(LETTERS) for _ in range(5))


def name_faults(kind: Kind, name: str) -> list[str]:
    """Return what is wrong with a name of this kind."""
    if kind.group in FREE:
        return [said for said, mark in zip(PATH_RULE, "/%", strict=True) if mark in name]
    if kind.kind == "Namespace":
        return label_faults(name)
    if kind.kind == "Service":
        faults = ["must be no more than 63 characters"] if len(name) > 63 else []
        return faults + ([] if re.fullmatch(OLD_LABEL, name) else [OLD_LABEL_RULE])
    return subdomain_faults(name)


def subdomain_faults(name: str) -> list[str]:
    """Return what is wrong with an RFC 1123 subdomain (what most objects are called)."""
    faults = ["must be no more than 253 characters"] if len(name) > FREE_MOST else []
    return faults + ([] if re.fullmatch(SUBDOMAIN, name) else [SUBDOMAIN_RULE])


def label_faults(name: str) -> list[str]:
    """Return what is wrong with an RFC 1123 label (a container's name, a port's)."""
    faults = ["must be no more than 63 characters"] if len(name) > 63 else []
    if not re.fullmatch(LABEL, name):
        dotted = re.fullmatch(SUBDOMAIN, name) is not None
        faults.append("must not contain dots" if dotted else LABEL_RULE)
    return faults


def key_faults(key: str) -> list[str]:
    """Return what is wrong with the key of a label or an annotation."""
    prefix, slash, name = key.rpartition("/")
    if "/" in prefix:
        return [TWO_SLASHES_RULE]
    faults = []
    if len(prefix) > FREE_MOST:
        faults.append("prefix part must be no more than 253 bytes")
    if slash and not prefix:
        faults.append("prefix part must be non-empty")
    elif slash and not re.fullmatch(SUBDOMAIN, prefix):
        faults.append(f"prefix part {SUBDOMAIN_RULE}")
    if not name:
        faults.append("name part must be non-empty")
    elif len(name) > 63:
        faults.append("name part must be no more than 63 bytes")
    if not re.fullmatch(KEY, name):
        faults.append(KEY_RULE)
    return faults


def value_faults(value: str) -> list[str]:
    """Return what is wrong with the value of a label."""
    faults = ["must be no more than 63 bytes"] if len(value) > 63 else []
    return faults + ([] if re.fullmatch(VALUE, value) else [VALUE_RULE])


def label_causes(field: str, labels: dict[str, str]) -> list[Cause]:
    """Return what is wrong with a set of labels."""
    found = []
    for key, value in sorted(labels.items()):
        found += [wrong(field, key, fault) for fault in key_faults(key)]
        found += [wrong(field, value, fault) for fault in value_faults(value)]
    return found


def metadata_causes(kind: Kind, obj: Obj) -> list[Cause]:
    """Return what is wrong with an object's metadata."""
    name, prefix = text(obj, "metadata.name"), text(obj, "metadata.generateName")
    found = []
    if prefix:
        # A prefix may end with what only the middle of a name may hold.
        faults = name_faults(kind, prefix.removesuffix("-"))
        found += [wrong("metadata.generateName", prefix, fault) for fault in faults]
    if not name:
        found.append(required("metadata.name", "name or generateName is required"))
    else:
        found += [wrong("metadata.name", name, fault) for fault in name_faults(kind, name)]
    found += label_causes("metadata.labels", strings(obj, "metadata.labels"))
    annotations = strings(obj, "metadata.annotations")
    for key in sorted(annotations):
        faults = key_faults(key.lower())
        found += [wrong("metadata.annotations", key, fault) for fault in faults]
    size = sum(len(key) + len(value.encode()) for key, value in annotations.items())
    if size > ANNOTATIONS_BYTES:
        found.append(too_long("metadata.annotations", ANNOTATIONS_BYTES))
    for place, name in enumerate(words(obj, "metadata.finalizers")):
        if "/" not in name and name not in FINALIZERS:
            found.append(wrong(f"metadata.finalizers[{place}]", name, FINALIZER_RULE))
    return found
