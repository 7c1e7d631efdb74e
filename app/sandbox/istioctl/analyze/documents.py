"""Files of YAML or JSON as resources, each with its line and the lines of its fields."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import yaml

from app.sandbox.istioctl.analyze.resource import Resource
from app.sandbox.istioctl.analyze.snapshot import GROUPS, IGNORED, RUNTIME
from app.sandbox.istioctl.analyze.typed import unread
from app.sandbox.objects import Json, Obj, namespace_of, table, text

SEPARATOR = re.compile(r"---\s*$")
CLUSTER_WIDE = frozenset(
    (
        "MutatingWebhookConfiguration",
        "ValidatingWebhookConfiguration",
        "CustomResourceDefinition",
    )
)
SERVED = ("v1", "v1beta1", "v1alpha3", "v1alpha1")
# The C loader where there is one: it is ten times as fast, and knows the same lines.
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True)
class Unread:
    """A document that is none: the file, which document, and what is wrong with it."""

    file: str
    number: int
    trouble: str

    def __str__(self) -> str:
        return f"error processing {self.file}[{self.number}]: {self.trouble}"


def read(file: str, content: bytes, namespace: str) -> tuple[list[Resource], list[Unread]]:
    """Return what a file holds of the kinds that analyze knows, and what could not be read.

    An object without a namespace gets the given one.
    """
    found, unread = list[Resource](), list[Unread]()
    for number, (line, chunk) in enumerate(chunks(content.decode("utf-8", "replace"))):
        try:
            found += _resources(file, line, chunk, namespace)
        except ValueError as error:
            unread.append(Unread(file, number, str(error)))
    return [each for each in found if each.namespace not in IGNORED], unread


def chunks(content: str) -> Iterator[tuple[int, str]]:
    """Yield each document with the number of its first line that says something."""
    lines: list[str] = []
    start = 0
    for number, line in enumerate(content.splitlines(keepends=True), 1):
        if SEPARATOR.fullmatch(line.rstrip("\n")):
            if lines:
                yield start, "".join(lines)
            lines, start = [], 0
            continue
        if not start and line != "\n":
            start = number
        lines.append(line)
    if lines:
        yield start, "".join(lines)


def _resources(file: str, line: int, chunk: str, namespace: str) -> list[Resource]:
    if not chunk.strip():
        return []
    # Blank lines before a document do not count: its lines are counted from its first word.
    body = chunk.strip()
    try:
        node = yaml.compose(body, Loader=LOADER)
        loaded: Json = yaml.load(body, Loader=LOADER)
    except yaml.YAMLError as error:
        raise ValueError(f"failed converting YAML to JSON: {told(error)}") from error
    except ValueError as error:  # a date that is none
        raise ValueError(f"failed converting YAML to JSON: yaml: {error}") from error
    if loaded is None or node is None:
        return []
    if not isinstance(loaded, dict):
        raise ValueError(
            "failed interpreting jsonChunk: couldn't get version/kind; json parse error: json: "
            "cannot unmarshal "
            + ("array" if isinstance(loaded, list) else "string")
            + " into Go value of type struct { APIVersion string "
            '"json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }'
        )
    if loaded.get("kind") == "List":
        return _of_list(file, line, node, loaded, namespace)
    return _one(file, line, node, loaded, namespace)


def _of_list(file: str, line: int, node: yaml.Node, loaded: Obj, namespace: str) -> list[Resource]:
    items = loaded.get("items")
    if not isinstance(items, list) or not isinstance(node, yaml.MappingNode):
        raise ValueError(
            "failed extracting resource chunks from list yaml chunk: "
            "failed parsing yamlChunk: malformed items field"
        )
    nodes = next(value for key, value in node.value if key.value == "items")
    found = []
    for item, place in zip(items, nodes.value, strict=True):
        if isinstance(item, dict):
            start = place.start_mark.line
            found += [
                replace(each, reference=f"{file}:{line + start + 1}")
                for each in _one(file, line + 1, place, item, namespace)
            ]
    return found


def _one(file: str, line: int, node: yaml.Node, loaded: Obj, namespace: str) -> list[Resource]:
    version, kind = text(loaded, "apiVersion"), text(loaded, "kind")
    if not version and not kind:
        raise ValueError("unable to parse resource with no group, version and kind")
    group, _, served = version.rpartition("/")
    if kind in RUNTIME or GROUPS.get(kind) != group:
        return []
    if group.endswith(".istio.io") and served not in SERVED:
        return []
    meta: Obj = dict(table(loaded, "metadata"))
    name = meta.get("name")
    if name is not None and not isinstance(name, str):
        raise ValueError(
            f"failed parsing JSON for built-in type: json: cannot unmarshal {_go_type(name)} into "
            "Go struct field ObjectMeta.metadata.name of type string"
        )
    for field in ("labels", "annotations"):
        odd = next((v for v in table(meta, field).values() if not isinstance(v, str | None)), None)
        if odd is not None:
            raise ValueError(
                f"failed parsing JSON for built-in type: json: cannot unmarshal {_go_type(odd)} "
                f"into Go struct field ObjectMeta.metadata.{field} of type string"
            )
    if GROUPS[kind].endswith(".istio.io"):
        trouble = unread(loaded)
        if trouble:
            raise ValueError(f"failed parsing JSON for built-in type: {trouble}")
    if kind in CLUSTER_WIDE:
        meta.pop("namespace", None)
    elif not namespace_of(loaded) and namespace:
        meta["namespace"] = namespace
    where = file if file.endswith(".json") else f"{file}:{line}"
    lines = dict(_lines(node, "", line))
    return [Resource({**loaded, "metadata": meta}, kind, where, lines)]


def _go_type(value: Json) -> str:
    names: Mapping[type, str] = {bool: "bool", int: "number", float: "number", list: "array"}
    return names.get(type(value), "object")


def _lines(node: yaml.Node, path: str, start: int) -> Iterator[tuple[str, int]]:
    """Yield the path of each scalar (`.spec.hosts[0]`) with its line in the file."""
    if not isinstance(node, yaml.MappingNode):
        return
    for key, value in node.value:
        here = f"{path}.{key.value}"
        if isinstance(value, yaml.ScalarNode):
            yield here, value.start_mark.line + start
        elif isinstance(value, yaml.MappingNode):
            yield from _lines(value, here, start)
        else:
            for number, each in enumerate(value.value):
                if isinstance(each, yaml.ScalarNode):
                    yield f"{here}[{number}]", each.start_mark.line + start
                else:
                    yield from _lines(each, f"{here}[{number}]", start)


def told(error: yaml.YAMLError) -> str:
    """Return a mistake as Go's YAML reader tells it, which counts lines from 0 but in its scanner.

    Source: https://github.com/go-yaml/yaml (the parser's `fail`)
    """
    marks = (getattr(error, "context_mark", None), getattr(error, "problem_mark", None))
    line = next((mark.line for mark in marks if mark is not None and mark.line), 0)
    if line and isinstance(error, yaml.scanner.ScannerError):
        line += 1
    where = f"line {line}: " if line else ""
    return f"yaml: {where}{getattr(error, 'problem', None) or error}"
