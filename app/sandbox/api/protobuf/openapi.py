"""OpenAPI version 2 as protobuf, the only form in which kubectl asks for it.

Source: github.com/google/gnostic-models, openapiv2/OpenAPIv2.proto.
"""

import json
from typing import Final

from app.sandbox.objects import Json, Obj, table, text, words

# The numbers of the fields of a Document, of a Schema and of the small messages within them.
SWAGGER, INFO, PATHS, DEFINITIONS = 1, 2, 8, 9
REF, FORMAT, REQUIRED, OTHERS, TYPE, ITEMS, PROPERTIES, EXTENSION = 1, 2, 19, 21, 22, 23, 25, 31
NAME, VALUE, FIRST = 1, 2, 1
YAML: Final = 2


def document(title: str, version: str, definitions: Obj) -> bytes:
    """Return the document as bytes."""
    info = _text(FIRST, title) + _text(VALUE, version)
    return b"".join(
        (
            _text(SWAGGER, "2.0"),
            _block(INFO, info),
            _block(PATHS, b""),
            _block(DEFINITIONS, _named(definitions)),
        )
    )


def _named(schemas: Obj) -> bytes:
    """Return NamedSchemas: the one field of Definitions and of Properties."""
    return b"".join(
        _block(FIRST, _text(NAME, name) + _block(VALUE, _schema(node)))
        for name, node in schemas.items()
        if isinstance(node, dict)
    )


def _schema(node: Obj) -> bytes:
    parts = [_text(REF, text(node, "$ref")), _text(FORMAT, text(node, "format"))]
    parts += [_text(REQUIRED, name) for name in words(node, "required")]
    if isinstance(node.get("additionalProperties"), dict):
        inner = _block(FIRST, _schema(table(node, "additionalProperties")))
        parts.append(_block(OTHERS, inner))
    if text(node, "type"):
        parts.append(_block(TYPE, _text(FIRST, text(node, "type"))))
    if isinstance(node.get("items"), dict):
        parts.append(_block(ITEMS, _block(FIRST, _schema(table(node, "items")))))
    if isinstance(node.get("properties"), dict):
        parts.append(_block(PROPERTIES, _named(table(node, "properties"))))
    parts += [_extension(name, node[name]) for name in node if name.startswith("x-")]
    return b"".join(parts)


def _extension(name: str, value: Json) -> bytes:
    """Return a vendor's extension; its value is YAML, which JSON is."""
    return _block(EXTENSION, _text(NAME, name) + _block(VALUE, _text(YAML, json.dumps(value))))


def _text(number: int, value: str) -> bytes:
    return _block(number, value.encode()) if value else b""


def _block(number: int, body: bytes) -> bytes:
    return _varint(number << 3 | 2) + _varint(len(body)) + body


def _varint(value: int) -> bytes:
    pieces = bytearray()
    while value > 0x7F:
        pieces.append(value & 0x7F | 0x80)
        value >>= 7
    pieces.append(value)
    return bytes(pieces)
