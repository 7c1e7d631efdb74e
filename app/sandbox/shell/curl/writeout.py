"""What -w prints after a transfer."""

import json
import re
from collections.abc import Callable

from app.sandbox.shell.curl.transfer import Result

_ESCAPES = {"n": "\n", "r": "\r", "t": "\t"}
_TOKEN = re.compile(r"%%|%\{([^}]*)\}|%header\{([^}]*)\}|\\(.)", re.DOTALL)
_STREAMS = ("stdout", "stderr", "onerror")


def _speed(size: int, result: Result) -> int:
    return int(size / result.timing.total) if result.timing.total else 0


def _content_type(result: Result) -> str:
    return (result.head.header("content-type") if result.head else "") or ""


_VARIABLES: dict[str, Callable[[Result], str | int | float | None]] = {
    "certs": lambda result: "",
    "content_type": _content_type,
    "errormsg": lambda result: result.message or None,
    "exitcode": lambda result: result.code,
    "ftp_entry_path": lambda result: None,
    "http_code": lambda result: result.status,
    "http_connect": lambda result: 0,
    "http_version": lambda result: result.head.version if result.head else "0",
    "local_port": lambda result: 0 if not result.ip else 40_000,
    "method": lambda result: result.method,
    "num_certs": lambda result: 0,
    "num_connects": lambda result: result.connects,
    "num_headers": lambda result: len(result.head.headers) if result.head else 0,
    "num_redirects": lambda result: result.redirects,
    "num_retries": lambda result: 0,
    "proxy_ssl_verify_result": lambda result: 0,
    "redirect_url": lambda result: result.redirect_url or None,
    "referer": lambda result: None,
    "remote_ip": lambda result: result.ip,
    "remote_port": lambda result: result.port if result.ip else 0,
    "response_code": lambda result: result.status,
    "scheme": lambda result: result.scheme,
    "size_download": lambda result: result.downloaded,
    "size_header": lambda result: result.head_bytes,
    "size_request": lambda result: result.request_bytes,
    "size_upload": lambda result: result.uploaded,
    "speed_download": lambda result: _speed(result.downloaded, result),
    "speed_upload": lambda result: _speed(result.uploaded, result),
    "ssl_verify_result": lambda result: 0,
    "time_appconnect": lambda result: result.timing.appconnect,
    "time_connect": lambda result: result.timing.connect,
    "time_namelookup": lambda result: result.timing.lookup,
    "time_pretransfer": lambda result: result.timing.pretransfer,
    "time_redirect": lambda result: result.timing.redirect,
    "time_starttransfer": lambda result: result.timing.starttransfer,
    "time_total": lambda result: result.timing.total,
    "url": lambda result: result.url,
    "url_effective": lambda result: result.effective or result.url,
}


def write_out(
    form: str,
    result: Result,
    also: dict[str, str],
    out: Callable[[bytes], None],
    err: Callable[[bytes], None],
) -> None:
    """Write what -w's form makes of a result. `also` are variables that the caller knows."""
    to = out
    end = 0
    for found in _TOKEN.finditer(form):
        to(form[end : found.start()].encode())
        end = found.end()
        name = found[1]
        if name in _STREAMS:
            if name == "onerror" and not result.code:
                return
            to = {"stderr": err, "stdout": out}.get(name, to)
        elif name is not None and _text(name, result, also) is None:
            err(f"curl: unknown --write-out variable: '{name}'\n".encode())
        else:
            to(_token(found, result, also).encode())
    to(form[end:].encode())


def _token(found: re.Match[str], result: Result, also: dict[str, str]) -> str:
    if found[0] == "%%":
        return "%"
    if found[3] is not None:
        return _ESCAPES.get(found[3], found[0])
    if found[2] is not None:
        return (result.head.header(found[2].lower()) if result.head else "") or ""
    return _text(found[1], result, also) or ""


def _text(name: str, result: Result, also: dict[str, str]) -> str | None:
    """The value of a variable as text; None where there is none of this name."""
    if name in also:
        return also[name]
    if name == "json":
        return _json(result, also)
    if name == "header_json":
        return _header_json(result)
    if name not in _VARIABLES:
        return None
    value = _VARIABLES[name](result)
    if name in ("http_code", "response_code", "http_connect"):
        return f"{value:03}"
    return f"{value:.6f}" if isinstance(value, float) else "" if value is None else str(value)


def _json(result: Result, also: dict[str, str]) -> str:
    known = {name: read(result) for name, read in _VARIABLES.items()}
    known.update({name: int(value) if value.isdigit() else value for name, value in also.items()})
    ordered = dict(sorted(known.items()))
    return json.dumps(ordered, separators=(",", ":"))


def _header_json(result: Result) -> str:
    named: dict[str, list[str]] = {}
    for name, value in result.head.headers if result.head else ():
        named.setdefault(name, []).append(value)
    lines = ",\n".join(f"{json.dumps(name)}:{json.dumps(each)}" for name, each in named.items())
    return "{" + lines + "\n}"
