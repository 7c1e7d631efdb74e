"""The paths that say what they were asked: get, post, anything, headers, ip, cookies."""

import base64
import json
from email import message_from_bytes
from email.message import Message
from urllib.parse import parse_qs, parse_qsl

from app.sandbox.objects import Json
from app.sandbox.programs.golang import request_headers, whole
from app.sandbox.programs.http import Response
from app.sandbox.programs.httpbin.asked import Asked, Bad, error, say, say_json

_CLIENT = ("fly-client-ip", "cf-connecting-ip", "fastly-client-ip", "true-client-ip")


def origin(asked: Asked) -> str:
    """Return the address that the request says it comes from, else the peer's."""
    for name in _CLIENT:
        if told := asked.request.header(name):
            return told
    forwarded = asked.request.header("x-forwarded-for")
    return forwarded.partition(",")[0].strip() or asked.peer


def url(asked: Asked, path: str = "") -> str:
    """Return the whole URL of the request, or of another path at the same host."""
    header = asked.request.header
    scheme = header("x-forwarded-proto") or header("x-forwarded-protocol")
    scheme = scheme or ("https" if header("x-forwarded-ssl") == "on" else "http")
    return f"{scheme}://{header('host')}{path or asked.request.target}"


def seen(asked: Asked) -> dict[str, Json]:
    """Return what is said of every request. Shape: args and headers map names to lists."""
    return {"args": _values(asked.request.query), "headers": _headers(asked)}


def get(asked: Asked) -> Response:
    """Answer with the request, without its body."""
    return say_json(asked, without_body(asked))


def without_body(asked: Asked) -> dict[str, Json]:
    """Return what `get` says."""
    method = asked.request.method
    return {**seen(asked), "method": method, "origin": origin(asked), "url": url(asked)}


def with_body(asked: Asked) -> Response:
    """Answer with the request and its body, parsed by its content type."""
    return say_json(asked, {**without_body(asked), **_body(asked)})


def anything(asked: Asked) -> Response:
    """Answer to any method."""
    return get(asked) if asked.request.method == "HEAD" else with_body(asked)


def upload(asked: Asked) -> Response:
    """Answer with the length of the body alone."""
    return say_json(asked, {**without_body(asked), "bytes_received": len(asked.request.body)})


def headers(asked: Asked) -> Response:
    """Answer with the headers alone."""
    return say_json(asked, {"headers": _headers(asked)})


def ip(asked: Asked) -> Response:
    """Answer with the caller's address."""
    return say_json(asked, {"origin": origin(asked)})


def user_agent(asked: Asked) -> Response:
    """Answer with the caller's name of itself."""
    return say_json(asked, {"user-agent": asked.request.header("user-agent")})


def cookies(asked: Asked) -> Response:
    """Answer with the cookies that were sent."""
    pairs = (part.strip().partition("=") for part in asked.request.header("cookie").split(";"))
    return say_json(asked, {"cookies": {name: value for name, _, value in pairs if name}})


def set_cookies(asked: Asked) -> Response:
    """Set the cookies that the query names, and send the caller to see them."""
    response = say(asked, 302, own={"Location": "/cookies"})
    for name, value in asked.request.query:
        response.headers.insert(-2, ("Set-Cookie", f"{name}={value}; Path=/; HttpOnly"))
    return response


def delete_cookies(asked: Asked) -> Response:
    """Take away the cookies that the query names."""
    response = say(asked, 302, own={"Location": "/cookies"})
    for name, value in asked.request.query:
        gone = f"{name}={value}; Path=/; Max-Age=0; HttpOnly"
        response.headers.insert(-2, ("Set-Cookie", gone))
    return response


def response_headers(asked: Asked) -> Response:
    """Answer with the headers that the query names."""
    named = _values(asked.request.query)
    shown: dict[str, Json] = {"Content-Type": ["application/json; charset=utf-8"], **named}
    own = {name: value for name, value in asked.request.query if name.lower() != "content-type"}
    if any("\r" in text or "\n" in text for pair in own.items() for text in pair):
        return error(asked, 400, "line ends cannot be in a header")
    return say_json(asked, dict(sorted(shown.items())), own={k.title(): v for k, v in own.items()})


def _headers(asked: Asked) -> dict[str, Json]:
    return {name: list(values) for name, values in request_headers(asked.request).items()}


def _values(pairs: list[tuple[str, str]]) -> dict[str, Json]:
    found: dict[str, list[Json]] = {}
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    return dict(sorted(found.items()))


def _body(asked: Asked) -> dict[str, Json]:
    body = asked.request.body
    said: dict[str, Json] = {
        "data": body.decode("utf-8", "replace"),
        "files": {},
        "form": {},
        "json": None,
    }
    kind = asked.request.header("content-type")
    plain = kind.partition(";")[0]
    if not body or plain in ("text/html", "text/plain"):
        return said
    if plain == "application/x-www-form-urlencoded":
        pairs = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)
        return {**said, "form": _values(pairs)}
    if plain == "application/json":
        return {**said, "json": _json(body)}
    if plain == "multipart/form-data":
        return {**said, **_multipart(kind, body)}
    encoded = base64.urlsafe_b64encode(body).decode()
    plain = plain or "application/octet-stream"
    return {**said, "data": f"data:{plain};base64,{encoded}"}


def _json(body: bytes) -> Json:
    try:
        value: Json = json.loads(body)
        return whole(value)
    except (ValueError, RecursionError) as unread:
        raise Bad("error parsing request body: invalid character in the JSON") from unread


def _multipart(kind: str, body: bytes) -> dict[str, Json]:
    message = message_from_bytes(f"Content-Type: {kind}\r\n\r\n".encode("latin-1") + body)
    files: list[tuple[str, str]] = []
    fields: list[tuple[str, str]] = []
    for part in message.get_payload() if message.is_multipart() else ():
        if isinstance(part, Message):
            name = part.get_param("name", "", "content-disposition")
            content = part.get_payload(decode=True)
            text = content.decode("utf-8", "replace") if isinstance(content, bytes) else ""
            (files if part.get_filename() else fields).append((str(name), text))
    return {"files": _values(files), "form": _values(fields)}


def arguments(text: str) -> dict[str, list[str]]:
    """Return a query's values by name."""
    return parse_qs(text, keep_blank_values=True)
