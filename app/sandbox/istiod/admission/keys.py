"""Sets of keys, as a RequestAuthentication gives them (JWKS), and what is wrong with them.

Source: RFC 7517, RFC 7518
"""

import json

from app.sandbox.objects import Json, Obj, items, text

# The fields that a public key must have, and those of a private one, by its type
NEEDED = {"RSA": ("e", "n"), "EC": ("crv", "x", "y"), "OKP": ("crv", "x"), "oct": ("k",)}
NAMES = {"RSA": "rsaPublicKey", "EC": "ecdsaPublicKey", "OKP": "okpPublicKey",
         "oct": "symmetricKey"}  # fmt: skip
LITERALS = ("null", "true", "false")


def wrong_keys(written: str) -> str:
    """Return what Istio says of a set of keys that is none; empty of one that is."""
    why = _wrong_set(written)
    return f"failed to unmarshal JWK set: {why}" if why else ""


def private(written: str) -> list[int]:
    """Return the places of keys that nobody else should have."""
    try:
        keys = items(json.loads(written), "keys")
    except ValueError:
        return []
    return [place for place, key in enumerate(keys) if key.get("kty") == "oct" or "d" in key]


def _wrong_set(written: str) -> str:
    try:
        read: Json = json.loads(written)
    except ValueError:
        return _as_go(written)
    if isinstance(read, list):
        return "expected '{', but got '['"
    if not isinstance(read, dict):
        return f"expected '{{', but got {json.dumps(read)}"
    if "keys" not in read:
        why = _wrong_key(read)
        return f"failed to parse sole key in key set: {why}" if why else ""
    for place, key in enumerate(items(read, "keys")):
        if why := _wrong_key(key):
            return f'failed to decode key #{place} in "keys": {why}'
    return ""


def _wrong_key(key: Obj) -> str:
    kind = text(key, "kty")
    if kind not in NEEDED:
        return f"invalid key type from JSON ({kind})"
    missing = next((name for name in NEEDED[kind] if not text(key, name)), "")
    if not missing:
        return ""
    into = f"failed to unmarshal JSON into key (*jwk.{NAMES[kind]})"
    return f"{into}: required field {missing} is missing"


def _as_go(written: str) -> str:
    """Return what Go says of JSON that is none, as far as it is told apart here."""
    said = written.strip()
    literal = next((word for word in LITERALS if said[:1] == word[0]), "")
    for got, wanted in zip(said[1:], literal[1:], strict=False):
        if got != wanted:
            return f"invalid character '{got}' in literal {literal} (expecting '{wanted}')"
    if said[:1] and said[0] not in '{["-0123456789' and not literal:
        return f"invalid character '{said[0]}' looking for beginning of value"
    return "unexpected EOF"
