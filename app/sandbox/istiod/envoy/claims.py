"""Conditions on who is behind a request's token, which jwt_authn has read before."""

from collections.abc import Sequence

from app.sandbox.objects import Json, Obj

FILTER, PAYLOAD = "envoy.filters.http.jwt_authn", "payload"
ANYBODY: Obj = {"safe_regex": {"regex": ".+"}}


def string(value: str) -> Obj:
    """Return the match of a text: `*` of any, `a*` of a beginning, `*a` of an end."""
    if value == "*":
        return {**ANYBODY}
    if value.startswith("*"):
        return {"suffix": value[1:]}
    return {"prefix": value[:-1]} if value.endswith("*") else {"exact": value}


def requesters(values: Sequence[str]) -> Obj:
    """Return that a token is of one of some principals, `issuer/subject`."""
    found: list[Json] = [
        {"and_ids": {"ids": [_claim("iss", issuer), _claim("sub", subject)]}}
        for issuer, subject in map(_requester, values)
    ]
    one = found[0]
    return one if len(found) == 1 and isinstance(one, dict) else {"or_ids": {"ids": found}}


def claims(names: Sequence[str], values: Sequence[str]) -> Obj:
    """Return that a claim is one of some values, or a list with one of them in it."""
    each: list[Json] = [{"string_match": string(value)} for value in values]
    wanted: Json = each[0] if len(each) == 1 else {"or_match": {"value_matchers": each}}
    either: Obj = {"or_match": {"value_matchers": [{"list_match": {"one_of": wanted}}, wanted]}}
    return _metadata(names, either)


def names_of(key: str) -> list[str]:
    """Return the claims' names of `[a][b]`; what is written otherwise is one name."""
    inner = key.removeprefix("[").removesuffix("]")
    parts = inner.split("][")
    return [inner] if any("[" in part or "]" in part for part in parts) else parts


def _requester(value: str) -> tuple[Obj, Obj]:
    issuer, slash, subject = value.rpartition("/")
    if value == "*":
        return ANYBODY, ANYBODY
    if not slash:
        if value.startswith("*"):
            return ANYBODY, string(value)
        return string(value), ANYBODY if value.endswith("*") else {"exact": ""}
    if value.startswith("*"):
        return string(issuer), {"exact": subject}
    if value.endswith("*"):
        return {"exact": issuer}, string(subject)
    return {"exact": issuer}, {"exact": subject}


def _claim(name: str, match: Obj) -> Obj:
    return _metadata([name], {"string_match": match})


def _metadata(names: Sequence[str], value: Obj) -> Obj:
    path: list[Json] = [{"key": key} for key in (PAYLOAD, *names)]
    return {"metadata": {"filter": FILTER, "path": path, "value": value}}
