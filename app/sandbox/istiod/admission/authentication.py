"""What a RequestAuthentication may say."""

import re
from urllib.parse import urlsplit

from app.sandbox.istiod.admission.findings import Findings
from app.sandbox.istiod.admission.keys import private, wrong_keys
from app.sandbox.istiod.admission.targets import attached
from app.sandbox.objects import Obj, items, table, text, words

PLAIN_HEADER = re.compile(r"[-_A-Za-z0-9]+")


def request_authentication(obj: Obj, found: Findings) -> None:
    """Check a RequestAuthentication."""
    attached(table(obj, "spec"), found)
    for rule in items(obj, "spec.jwtRules"):
        _rule(rule, found)
        for place in private(text(rule, "jwks")):
            found.warning(
                f"jwks key at index {place} contains private key material; "
                "only public keys are used for verification"
            )


def _rule(rule: Obj, found: Findings) -> None:
    def error(said: str) -> None:
        found.error(said, listed=True)

    if "" in words(rule, "audiences"):
        error("audience must be non-empty string")
    if not text(rule, "issuer") and not text(rule, "jwksUri"):
        error("issuer or jwksUri must be non-empty string")
    scheme = urlsplit(text(rule, "jwksUri")).scheme
    if text(rule, "jwksUri") and scheme not in ("http", "https"):
        error(f'URI scheme "{scheme}" is not supported')
    if text(rule, "jwks") and (why := wrong_keys(text(rule, "jwks"))):
        error(f"jwks parse error: {why}")
    for field, said in (("fromParams", "location query"), ("fromCookies", "cookie name")):
        for word in words(rule, field):
            if not word:
                error(f"{said} must be non-empty string")
    for claim in items(rule, "outputClaimToHeaders"):
        if not text(claim, "claim") or not text(claim, "header"):
            error("outputClaimToHeaders header and claim value must be non-empty string")
        elif not PLAIN_HEADER.fullmatch(text(claim, "header")):
            error(f"header name {text(claim, 'header')} is not a valid header name")
