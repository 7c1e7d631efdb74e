"""What a route changes on the way: headers, path, host; copies, redirects, CORS."""

from collections.abc import Callable
from typing import TypeAlias

from app.sandbox.istiod.envoy.shapes import seconds, typed
from app.sandbox.objects import Json, Obj, at, items, number, strings, table, text, words

Changes: TypeAlias = dict[str, list[Json]]
REDIRECTS = {301: "MOVED_PERMANENTLY", 302: "FOUND", 303: "SEE_OTHER", 307: "TEMPORARY_REDIRECT",
             308: "PERMANENT_REDIRECT"}  # fmt: skip


def changes(headers: Obj) -> Changes:
    """Return what is added to and taken from requests and responses."""
    found: Changes = {}
    for side in ("request", "response"):
        said = table(headers, side)
        added = [
            *(
                _option(*each, "OVERWRITE_IF_EXISTS_OR_ADD")
                for each in strings(said, "set").items()
            ),
            *(_option(*each, "APPEND_IF_EXISTS_OR_ADD") for each in strings(said, "add").items()),
        ]
        if added:
            found[f"{side}_headers_to_add"] = list[Json](added)
        if words(said, "remove"):
            found[f"{side}_headers_to_remove"] = [*words(said, "remove")]
    return found


def _option(name: str, value: str, how: str) -> Obj:
    return {"header": {"key": name, "value": value}, "append_action": how}


def rewritten(rule: Obj) -> Obj:
    """Return what a route makes of path and host."""
    said = table(rule, "rewrite")
    found: Obj = {}
    if table(said, "uriRegexRewrite"):
        found["regex_rewrite"] = {
            "pattern": {"regex": text(said, "uriRegexRewrite.match")},
            "substitution": text(said, "uriRegexRewrite.rewrite"),
        }
    elif text(said, "uri"):
        found["prefix_rewrite"] = text(said, "uri")
    if text(said, "authority"):
        found["host_rewrite_literal"] = text(said, "authority")
    return found


def mirrors(rule: Obj, cluster_of: Callable[[Obj], str]) -> list[Json]:
    """Return where copies of the requests go; what they are answered is thrown away."""
    asked: list[tuple[Obj, Json]] = []
    if table(rule, "mirror"):
        asked.append((table(rule, "mirror"), at(rule, "mirrorPercentage.value")))
    for each in items(rule, "mirrors"):
        asked.append((table(each, "destination"), at(each, "percentage.value")))
    found: list[Json] = []
    for destination, share in asked:
        part = share if isinstance(share, int | float) else 100
        if part <= 0:
            continue
        fraction: Obj = {"numerator": int(part * 10_000), "denominator": "MILLION"}
        found.append(
            {
                "cluster": cluster_of(destination),
                "runtime_fraction": {"default_value": fraction},
                "trace_sampled": False,
            }
        )
    return found


def redirected(asked: Obj, port: int) -> Obj:
    """Return Envoy's redirect."""
    found: Obj = {"response_code": REDIRECTS.get(number(asked, "redirectCode", 301), "FOUND")}
    if text(asked, "authority"):
        found["host_redirect"] = text(asked, "authority")
    if text(asked, "uri") and text(asked, "uri") != "%PREFIX()%":
        found["path_redirect"] = text(asked, "uri")
    if text(asked, "scheme"):
        found["scheme_redirect"] = text(asked, "scheme")
    if number(asked, "port"):
        found["port_redirect"] = number(asked, "port")
    elif text(asked, "derivePort") == "FROM_REQUEST_PORT":
        found["port_redirect"] = port
    return found


def cors(asked: Obj) -> Obj:
    """Return the configuration of the CORS filter for a route."""
    origins: list[Json] = []
    for each in items(asked, "allowOrigins"):
        for how in ("exact", "prefix"):
            if text(each, how):
                origins.append({how: text(each, how)})
        if text(each, "regex"):
            origins.append({"safe_regex": {"regex": text(each, "regex")}})
    made = typed("filters.http.cors.v3.CorsPolicy", allow_origin_string_match=origins)
    for word, field in (("allowMethods", "allow_methods"), ("allowHeaders", "allow_headers"),
                        ("exposeHeaders", "expose_headers")):  # fmt: skip
        if words(asked, word):
            made[field] = ",".join(words(asked, word))
    if text(asked, "maxAge"):
        made["max_age"] = seconds(text(asked, "maxAge")).removesuffix("s").partition(".")[0]
    if isinstance(asked.get("allowCredentials"), bool):
        made["allow_credentials"] = asked["allowCredentials"]
    made["filter_enabled"] = {"default_value": {"numerator": 100}}
    return made
