"""Reduces Kubernetes' internal types to the facts of app/sandbox/schemas/internal/structs.txt.

    python tools/reduce_kubernetes_structs.py PATH/TO/k8s.io/kubernetes PATH/TO/k8s.io/api

A line is a struct and its fields in Go's order: `GO_NAME=JSON_NAME:TYPE`. Types: s string,
i integer, b boolean, j what JSON has there, or a struct; `[T]` a list, `{T}` a map, `*` after it a
pointer. No name: it is embedded. `^` before a JSON name: the field stands in the struct around.
"""

import re
import sys
from pathlib import Path

TARGET = Path(__file__).parent.parent / "app/sandbox/schemas/internal/structs.txt"
STRUCT = re.compile(r"^type (\w+) struct \{\n(.*?)^\}", re.S | re.M)
NAMED = re.compile(r"^type (\w+) (string|int32|map\[\w+\]\S+)$", re.M)
FIELD = re.compile(r"^\t(?:(\w+)[ \t]+)?((?:\[\]|\*|map\[[\w.]+\])*[\w.]+)[ \t]*(?://.*)?$", re.M)
TAGGED = re.compile(r'^\t(\w+)\s+\S+\s+`json:"(\w+)', re.M)
PLAIN = {"string": "s", "bool": "b", "int32": "i", "int64": "i", "int": "i"}
PLAIN |= dict.fromkeys(("resource.Quantity", "intstr.IntOrString", "metav1.LabelSelector"), "j")
PLAIN |= dict.fromkeys(("metav1.ObjectMeta", "metav1.Time"), "j")
PLAIN |= dict.fromkeys(("types.UID", "types.NodeName"), "s")
# The pod's own fields that the internal security context holds.
MOVED = ("HostNetwork", "HostPID", "HostIPC", "ShareProcessNamespace", "HostUsers")


def main() -> None:
    """Write the facts of PodSpec and of all that it holds."""
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    source = (Path(sys.argv[1]) / "pkg/apis/core/types.go").read_text()
    public = (Path(sys.argv[2]) / "core/v1/types.go").read_text()
    structs = {found[1]: found[2] for found in STRUCT.finditer(source)}
    named = {found[1]: found[2] for found in NAMED.finditer(source)}
    tags = {found[1]: dict(TAGGED.findall(found[2])) for found in STRUCT.finditer(public)}
    lines: dict[str, str] = {}
    todo = ["PodSpec"]
    while todo:
        name = todo.pop()
        if name in lines:
            continue
        told = []
        for go_name, go_type in FIELD.findall(structs[name]):
            kind = _type(go_type, named)
            todo += [one for one in re.findall(r"[A-Z]\w+", kind) if one not in lines]
            json_name = "" if not go_name else _json_name(name, go_name, tags)
            told.append(f"{go_name}={json_name}:{kind}")
        lines[name] = " ".join(told)
    TARGET.write_text("".join(f"{name} {lines[name]}\n" for name in sorted(lines)))
    print(f"{TARGET}: {len(lines)} structs")


def _type(go: str, named: dict[str, str]) -> str:
    if go.startswith("*"):
        return _type(go[1:], named) + "*"
    if go.startswith("[]"):
        return f"[{_type(go[2:], named)}]"
    if go.startswith("map["):
        return "{" + _type(go.partition("]")[2], named) + "}"
    if go in named:
        return _type(named[go], named)
    return PLAIN.get(go, go)


def _json_name(struct: str, go_name: str, tags: dict[str, dict[str, str]]) -> str:
    if struct == "PodSecurityContext" and go_name in MOVED:
        return "^" + tags["PodSpec"][go_name]
    return tags.get(struct, {}).get(go_name, go_name[:1].lower() + go_name[1:])


if __name__ == "__main__":
    main()
