"""Reduces Kubernetes' Go types to the facts of app/sandbox/api/protobuf/fields.txt.

    python tools/reduce_kubernetes_protobuf.py PATH/TO/k8s.io/api PATH/TO/k8s.io/apimachinery

A line is a message and its fields: `NUMBER=NAME:TYPE`. Types: s string, i integer, b boolean,
d double, y bytes, or a message; `[T]` a list, `{T}` a map, `*` after it a pointer (an empty value
of which means something). A field without a name is written into the message around it.
"""

import re
import sys
from pathlib import Path

TARGET = Path(__file__).parent.parent / "app" / "sandbox" / "api" / "protobuf" / "fields.txt"
KINDS = {
    "core": (
        "Namespace Pod Service ConfigMap Secret ServiceAccount Event ResourceQuota LimitRange "
        "Binding Endpoints"
    ),
    "apps": "Deployment ReplicaSet StatefulSet DaemonSet",
    "batch": "Job CronJob",
    "authorization": (
        "SelfSubjectAccessReview SelfSubjectRulesReview SubjectAccessReview "
        "LocalSubjectAccessReview"
    ),
    "authentication": "TokenRequest SelfSubjectReview TokenReview",
    "rbac": "Role RoleBinding ClusterRole ClusterRoleBinding",
    "policy": "PodDisruptionBudget Eviction",
    "networking": "Ingress",
    "autoscaling": "HorizontalPodAutoscaler Scale",
    "scheduling": "PriorityClass",
    "coordination": "Lease",
    "discovery": "EndpointSlice",
    "meta": "DeleteOptions",
}
VERSIONS = {"autoscaling": ("v1", "v2")}
PLAIN = {"string": "s", "bool": "b", "float64": "d", "[]byte": "y"}
PLAIN |= dict.fromkeys(("int", "int32", "int64", "uint32", "uint8"), "i")
# Types of other packages, as their aliases name them.
OTHERS = {
    "resource.Quantity": "Quantity",
    "intstr.IntOrString": "IntOrString",
    "runtime.RawExtension": "RawExtension",
    "metav1.Time": "Time",
    "metav1.MicroTime": "Time",
    "types.UID": "s",
    "types.NodeName": "s",
    "Time": "Time",
    "MicroTime": "Time",
    "FieldsV1": "RawExtension",
}
STRUCT = re.compile(r"^type (\w+) struct \{\n(.*?)^\}", re.S | re.M)
FIELD = re.compile(r'^\t(?:(\w+)\s+)?(\S+)\s+`json:"([^"]*)"[^`]*protobuf:"(\w+),(\d+),', re.M)
NAMED = re.compile(r"^type (\w+) (string|int32|int64|map\[\w+\]\S+|\[\]\S+)$", re.M)


class Package:
    """One Go package: its structs and its named plain types."""

    def __init__(self, name: str, source: str) -> None:
        self.name = name
        self.structs = {found[1]: found[2] for found in STRUCT.finditer(source)}
        self.named = {found[1]: found[2] for found in NAMED.finditer(source)}


def load(api: Path, machinery: Path) -> dict[str, Package]:
    """Return the packages by the names that the facts give them."""
    packages = {}
    for group in KINDS:
        for version in VERSIONS.get(group, ("v1",)):
            folder = machinery / "pkg/apis/meta/v1" if group == "meta" else api / group / version
            name = group if version == "v1" else f"{group}{version}"
            packages[name] = Package(name, (folder / "types.go").read_text())
    return packages


def type_of(go: str, package: Package, packages: dict[str, Package]) -> str:
    """Return a Go type as the facts write it."""
    if go.startswith("*"):
        return type_of(go[1:], package, packages) + "*"
    if go in PLAIN:
        return PLAIN[go]
    if go in OTHERS:
        return OTHERS[go]
    if go.startswith("[]"):
        return f"[{type_of(go[2:], package, packages).rstrip('*')}]"
    if go.startswith("map["):
        return "{" + type_of(go.partition("]")[2], package, packages).rstrip("*") + "}"
    alias, _, bare = go.rpartition(".")
    home = {"": package, "metav1": packages["meta"], "v1": packages["core"]}.get(alias)
    home = home or packages["core"]
    if bare in home.named:
        return type_of(home.named[bare], home, packages)
    if bare in home.structs:
        return f"{home.name}.{bare}"
    sys.exit(f"{package.name}: unknown type {go}")


def message(name: str, packages: dict[str, Package]) -> str:
    """Return a message's fields, as its line has them."""
    package = packages[name.partition(".")[0]]
    told = []
    for _, go, json_tag, _, number in FIELD.findall(package.structs[name.partition(".")[2]]):
        told.append(f"{number}={json_tag.partition(',')[0]}:{type_of(go, package, packages)}")
    return " ".join(told)


def main() -> None:
    """Write the facts."""
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    packages = load(Path(sys.argv[1]), Path(sys.argv[2]))
    todo = [
        f"{package}.{kind}"
        for package in packages
        for kind in KINDS[package.removesuffix("v2")].split()
        if kind in packages[package].structs
    ]
    lines: dict[str, str] = {}
    while todo:
        name = todo.pop()
        if name not in lines:
            lines[name] = message(name, packages)
            todo += re.findall(r"[a-z0-9]+\.\w+", lines[name])
    text = "".join(f"{name} {lines[name]}".rstrip() + "\n" for name in sorted(lines))
    TARGET.write_text(text)
    print(f"{TARGET}: {len(lines)} messages, {len(text)} bytes")


if __name__ == "__main__":
    main()
