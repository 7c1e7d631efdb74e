"""RequestAuthentications as Envoy's filter of tokens: one that is there must be a good one.

Source: https://istio.io/latest/docs/reference/config/security/request_authentication/
"""

import json

from app.sandbox.istiod.envoy.claims import FILTER, PAYLOAD
from app.sandbox.istiod.envoy.shapes import extension
from app.sandbox.objects import Json, Obj, at, items, text, words

# The key of nobody stands for keys that cannot be fetched: no token is a good one then
NOBODYS = (
    "zqD8D6yNXG3TB1K35zLlkj3vEd6uEWftlc29X68G4eJjDCvkfq03_-K8q90EjMjSOUobpskZBIoh4Vls"
    "xzsSNcUEvrvGFNS76Jg3ZXvy2TZqVpL8Hj1ueB7i0rQD0hAasVSXtKfZzrraNY_s3908LgV0A-0dy8gs"
    "xEkbcNyq3Jaw1UBGgSkbYL5tMpVNdcptJu2pcJMXHb_AyDjdCqYYfepXUUmlv6CvOjxtt0m9HgSEufME"
    "iAKiLVsd4wG_pYgBOthtSRApBz4taL5EbnMUayLs0qZEkSRDrgb0pIroQQUywyM4xDHNfVQ8tnLQhjD8"
    "tpHLcRSXgkQayeYkK9g4cQ"
)
NO_KEYS = json.dumps({"keys": [{"kty": "RSA", "e": "AQAB", "n": NOBODYS}]})
SPLIT = ("permission", "scope")  # claims that are lists, written with blanks between


def tokens(policies: list[Obj]) -> list[Json]:
    """Return the filter that reads tokens as some RequestAuthentications say; none without rules.

    A request without a token passes: it takes an AuthorizationPolicy to ask for one.
    """
    rules = [rule for policy in policies for rule in items(policy, "spec.jwtRules")]
    rules.sort(key=lambda rule: text(rule, "issuer"))
    if not rules:
        return []
    providers: Obj = {f"origins-{place}": _provider(rule) for place, rule in enumerate(rules)}
    named: list[Json] = [{"provider_name": name} for name in providers]
    each: list[Json] = [
        {"requires_any": {"requirements": [name, {"allow_missing": {}}]}} for name in named
    ]
    needed: Json = each[0]
    if len(each) > 1:
        all_: Obj = {"requires_all": {"requirements": each}}
        needed = {"requires_any": {"requirements": [*named, all_]}}
    made = extension(
        FILTER,
        "filters.http.jwt_authn.v3.JwtAuthentication",
        providers=providers,
        rules=[{"match": {"prefix": "/"}, "requires": needed}],
        bypass_cors_preflight=True,
    )
    return [made]


def _provider(rule: Obj) -> Obj:
    split: list[Json] = [*sorted({*SPLIT, *words(rule, "spaceDelimitedClaims")})]
    made: Obj = {
        "local_jwks": {"inline_string": text(rule, "jwks") or NO_KEYS},
        "payload_in_metadata": PAYLOAD,
        "normalize_payload_in_metadata": {"space_delimited_claims": split},
    }
    for word, field in (("issuer", "issuer"), ("outputPayloadToHeader", "forward_payload_header")):
        if text(rule, word):
            made[field] = text(rule, word)
    for word, field in (("audiences", "audiences"), ("fromParams", "from_params"),
                        ("fromCookies", "from_cookies")):  # fmt: skip
        if words(rule, word):
            made[field] = [*words(rule, word)]
    if at(rule, "forwardOriginalToken") is True:
        made["forward"] = True
    headers: list[Json] = [
        {"name": text(each, "name"), "value_prefix": text(each, "prefix")}
        for each in items(rule, "fromHeaders")
    ]
    if headers:
        made["from_headers"] = headers
    claims: list[Json] = [
        {"header_name": text(each, "header"), "claim_name": text(each, "claim")}
        for each in items(rule, "outputClaimToHeaders")
    ]
    if claims:
        made["claim_to_headers"] = claims
    return made
