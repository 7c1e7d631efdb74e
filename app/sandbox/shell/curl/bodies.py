"""What curl sends: the body that -d, --json, -F and -T make, and the headers that go with it."""

import base64
import secrets
from urllib.parse import quote

from app.sandbox.shell.curl.failures import READ, Failure
from app.sandbox.shell.curl.options import Group
from app.sandbox.shell.curl.urls import Url
from app.sandbox.shell.files import Files

FORM = "application/x-www-form-urlencoded"


def make_data(group: Group, files: Files, stdin: bytes) -> bytes | None:
    """Return the body of all data options, joined by `&`; None where there is none.

    Raises: Failure where a file is not there.
    """
    if not group.data:
        return None
    is_json = group.has("json")
    parts = [_part(kind, value, files, stdin) for kind, value in group.data]
    return (b"" if is_json else b"&").join(parts)


def _part(kind: str, value: str, files: Files, stdin: bytes) -> bytes:
    if kind == "data-urlencode":
        return _encoded(value, files, stdin)
    if kind == "data-raw" or not value.startswith("@"):
        return value.encode()
    data = _file(value[1:], files, stdin)
    return data if kind == "data-binary" else data.translate(None, b"\r\n\x00")


def _encoded(value: str, files: Files, stdin: bytes) -> bytes:
    at = min((i for i in (value.find("="), value.find("@")) if i >= 0), default=-1)
    if at < 0:
        return quote(value, safe="-._~").encode()
    name, content = value[:at], value[at + 1 :].encode()
    if value[at] == "@":
        content = _file(value[at + 1 :], files, stdin)
    encoded = quote(content, safe="-._~")
    return (f"{name}={encoded}" if name else encoded).encode()


def _file(path: str, files: Files, stdin: bytes) -> bytes:
    if path == "-":
        return stdin
    try:
        return files.read(path)
    except OSError as error:
        raise Failure(READ, f"Failed to open {path}") from error


def make_form(group: Group, files: Files, stdin: bytes) -> tuple[bytes, str] | None:
    """Return the body of -F options and its content type; None where there are none."""
    fields = [(True, each) for each in group.all("form")]
    fields += [(False, each) for each in group.all("form-string")]
    if not fields:
        return None
    boundary = "-" * 24 + secrets.token_hex(8)
    body = b""
    for may_be_file, field in fields:
        name, _, value = field.partition("=")
        is_file = may_be_file and value[:1] in ("@", "<")
        content = _file(value[1:].partition(";")[0], files, stdin) if is_file else value.encode()
        named = f'form-data; name="{name}"'
        kind = ""
        if is_file and value[0] == "@":
            path = value[1:].partition(";")[0]
            named += f'; filename="{path.rpartition("/")[2]}"'
            kind = "Content-Type: application/octet-stream\r\n"
        head = f"--{boundary}\r\nContent-Disposition: {named}\r\n{kind}\r\n"
        body += head.encode() + content + b"\r\n"
    return body + f"--{boundary}--\r\n".encode(), f"multipart/form-data; boundary={boundary}"


def make_head(group: Group, url: Url, method: str, version: str, extra: list[str]) -> bytes:
    """Return a request's head; `extra` are the headers that curl adds for the body."""
    own = _own_headers(group)
    named = {line.partition(":")[0].lower() for line in own}
    lines = [f"Host: {url.authority}"]
    if login := _login(group, url):
        lines.append(f"Authorization: {login}")
    if name := group.value("user-agent", f"curl/{version}"):
        lines.append(f"User-Agent: {name}")
    lines.append("Accept: application/json" if group.has("json") else "Accept: */*")
    if group.has("compressed"):
        lines.append("Accept-Encoding: deflate, gzip")
    if referer := group.value("referer"):
        lines.append(f"Referer: {referer}")
    if asked := group.value("range"):
        lines.append(f"Range: bytes={asked}")
    if cookies := [each for each in group.all("cookie") if "=" in each]:
        lines.append(f"Cookie: {'; '.join(cookies)}")
    if group.has("http2") and url.scheme == "http":
        lines += ["Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c"]
        lines.append("HTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA")
    kept = [line for line in [*lines, *extra] if line.partition(":")[0].lower() not in named]
    spoken = "HTTP/1.0" if group.has("http1.0") else "HTTP/1.1"
    target = group.value("request-target") or url.target
    host = [line for line in own if line.lower().startswith("host:") and line[5:].strip()]
    rest = [line for line in own if line not in host and _is_sent(line)]
    first = [*host, *kept] if host else kept
    text = "\r\n".join([f"{method} {target} {spoken}", *first, *map(_written, rest), "", ""])
    return text.encode("utf-8", "replace")


def _own_headers(group: Group) -> list[str]:
    return [line.replace("\r", "").replace("\n", "") for line in group.all("header")]


def _is_sent(line: str) -> bool:
    name, colon, value = line.partition(":")
    return bool(value.strip()) if colon else name.endswith(";")


def _written(line: str) -> str:
    return line if ":" in line else f"{line[:-1]}:"


def _login(group: Group, url: Url) -> str:
    if token := group.value("oauth2-bearer"):
        return f"Bearer {token}"
    given = group.value("user")
    if not given and url.user is None:
        return ""
    user = given if given else f"{url.user}:{url.password}"
    user = user if ":" in user else f"{user}:"
    return "Basic " + base64.b64encode(user.encode()).decode()


def query_of(data: bytes) -> str:
    """Return a body as what -G puts into the URL."""
    return data.decode("utf-8", "replace").replace(" ", "%20")
