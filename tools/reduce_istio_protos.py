"""Reduce Istio's published protos to facts: each message's fields in order, and each enum's words.

usage: python tools/reduce_istio_protos.py FOLDER > FILE, where FOLDER is a checkout of istio.io/api
of the version that is emulated.
"""

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

FOLDERS = (
    "networking/v1alpha3", "networking/v1beta1", "security/v1beta1", "telemetry/v1alpha1",
    "extensions/v1alpha1", "type/v1beta1", "analysis/v1alpha1", "meta/v1alpha1",
)  # fmt: skip
COMMENT = re.compile(r"//[^\n]*|/\*[\s\S]*?\*/")
TOKEN = re.compile(
    r"(?P<open>(?:message|enum|oneof)\s+\w+\s*\{)|(?P<option>option\s[^;]*;|reserved\s[^;]*;)|"
    r"(?P<value>\w+\s*=\s*-?\w+\s*(?:\[[^\]]*\])?\s*;)|(?P<close>\})|"
    r"(?P<field>(?:repeated\s+|optional\s+)?(?:map<[^>]*>|[\w.]+)\s+\w+\s*=\s*\d+\s*(?:\[[^\]]*\])?\s*;)"
)
FIELD = re.compile(r"(repeated\s+|optional\s+)?(map<[^>]*>|[\w.]+)\s+(\w+)\s*=")
SCALARS = ("double", "float", "int32", "int64", "uint32", "uint64", "bool", "string", "bytes")


def main() -> None:
    """Print the facts as JSON, one message or enum a line."""
    messages: dict[str, list[list[str]]] = {}
    enums: dict[str, list[str]] = {}
    for folder in FOLDERS:
        for path in sorted((Path(sys.argv[1]) / folder).glob("*.proto")):
            read(path.read_text("utf-8"), messages, enums)
    known = {*messages, *enums}
    told = {
        name: [[field, resolved(kind, name, known), *how] for field, kind, *how in fields]
        for name, fields in messages.items()
    }
    print("{" + f'"messages":{lines(told)},\n"enums":{lines(enums)}' + "}")


def read(text: str, messages: dict[str, list[list[str]]], enums: dict[str, list[str]]) -> None:
    """Add what one file declares."""
    plain = COMMENT.sub("", text)
    package = re.search(r"^package\s+([\w.]+)\s*;", plain, re.M)
    assert package is not None
    way: list[tuple[str, str]] = []
    for token in TOKEN.finditer(plain):
        name = ".".join([package[1], *(each for kind, each in way if kind != "oneof")])
        if token["open"]:
            kind, inner = re.findall(r"\w+", token["open"])
            way.append((kind, inner))
            if kind == "message":
                messages[f"{name}.{inner}"] = []
            elif kind == "enum":
                enums[f"{name}.{inner}"] = []
        elif token["close"]:
            if way:
                way.pop()
        elif token["value"] and way and way[-1][0] == "enum":
            enums[name].append(re.findall(r"\w+", token["value"])[0])
        elif token["field"] and way:
            messages[name].append([*field(token["field"])])


def field(text: str) -> Iterator[str]:
    """Yield a field's name and type, and `repeated` or `map` where it is one."""
    found = FIELD.match(text)
    assert found is not None
    yield found[3]
    if found[2].startswith("map<"):
        yield found[2].strip("map<>").partition(",")[2].strip()
        yield "map"
    else:
        yield found[2]
        if (found[1] or "").strip() == "repeated":
            yield "repeated"


def resolved(kind: str, within: str, known: set[str]) -> str:
    """Return a type's full name, looked up as protobuf does: from the inside out."""
    if kind in SCALARS or kind.startswith("google."):
        return kind
    parts = within.split(".")
    for count in range(len(parts), -1, -1):
        name = ".".join([*parts[:count], kind])
        if name in known:
            return name
    return kind.lstrip(".")


def lines(facts: dict[str, list[list[str]]] | dict[str, list[str]]) -> str:
    """Return one table, a line for each entry."""
    told = (f"{json.dumps(key)}:{json.dumps(facts[key], separators=(',', ':'))}" for key in facts)
    return "{\n" + ",\n".join(told) + "\n}"


if __name__ == "__main__":
    main()
