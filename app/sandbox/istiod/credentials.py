"""Secrets that gateways prove themselves with, under the names that Istio knows."""

from app.sandbox.objects import Obj, table

CHAINS, KEYS, AUTHORITIES = ("tls.crt", "cert"), ("tls.key", "key"), ("ca.crt", "cacert")


def is_credential(secret: Obj) -> bool:
    """Whether a server could prove itself, or know others, with a secret."""
    return any(key in table(secret, "data") for key in (*CHAINS, *AUTHORITIES))
