"""What a request must look like: a VirtualService's match as Envoy's."""

from app.sandbox.objects import Json, Obj, table, text

CATCH_ALL = ("*", ".*")


def route_match(match: Obj | None) -> Obj:
    """Return Envoy's match; None matches all."""
    if match is None:
        return {"prefix": "/"}
    headers = [
        *_headers(table(match, "headers"), is_inverted=False),
        *_headers(table(match, "withoutHeaders"), is_inverted=True),
    ]
    headers.sort(key=lambda header: text(header, "name"))
    for field, name in (("method", ":method"), ("authority", ":authority"), ("scheme", ":scheme")):
        if table(match, field):
            headers.append(_matcher(name, table(match, field)))
    queries = [_matcher(key, value) for key, value in table(match, "queryParams").items()]
    found: Obj = {**_path(table(match, "uri"))}
    found["case_sensitive"] = match.get("ignoreUriCase") is not True
    if headers:
        found["headers"] = list[Json](headers)
    if queries:
        found["query_parameters"] = list[Json](queries)
    return found


def is_catch_all(route: Obj) -> bool:
    """Whether a route takes every request, so that none after it is ever asked."""
    match = table(route, "match")
    every = match.get("prefix") == "/" or text(match, "safe_regex.regex") in CATCH_ALL
    return every and "headers" not in match and "query_parameters" not in match


def described(route: Obj) -> str:
    """Return the path of a route as its operation is named: `/api*`, `/b`, a regular expression."""
    match = table(route, "match")
    for field in ("path", "safe_regex"):
        if field in match:
            return text(match, field) or text(match, "safe_regex.regex")
    return f"{text(match, 'prefix')}*"


def _path(uri: Obj) -> Obj:
    if text(uri, "exact"):
        return {"path": text(uri, "exact")}
    if text(uri, "regex"):
        return {"safe_regex": {"regex": text(uri, "regex")}}
    return {"prefix": text(uri, "prefix") or "/"}


def _headers(wanted: Obj, *, is_inverted: bool) -> list[Obj]:
    found = []
    for name, value in wanted.items():
        matcher = _matcher(name, value)
        if is_inverted:
            matcher["invert_match"] = True
            if "present_match" not in matcher:
                matcher["treat_missing_header_as_empty"] = True
        found.append(matcher)
    return found


def _matcher(name: str, value: Json) -> Obj:
    """Return the match of one header or query parameter; an empty one asks that it is there."""
    for how in ("exact", "prefix", "regex"):
        said = value.get(how) if isinstance(value, dict) else None
        if not isinstance(said, str):
            continue
        if how == "regex":
            if said == "*":
                break
            return {"name": name, "string_match": {"safe_regex": {"regex": said}}}
        if how == "prefix" and said == "*":
            break
        return {"name": name, "string_match": {how: said}}
    return {"name": name, "present_match": True}
