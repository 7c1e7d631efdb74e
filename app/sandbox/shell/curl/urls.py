"""URLs as curl reads them."""

import re
from dataclasses import dataclass, replace
from urllib.parse import unquote

from app.sandbox.shell.curl.failures import MALFORMED, UNSUPPORTED, Failure

_URL = re.compile(r"(?:([A-Za-z][A-Za-z0-9+.-]*)://)?([^/?#]*)([^?#]*)(\?[^#]*)?(#.*)?", re.DOTALL)
_HOST = re.compile(r"[A-Za-z0-9._~%-]+|\[[0-9A-Fa-f:.]+\]")
PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True)
class Url:
    """A URL in its parts; `host` in lower case, `target` is path and query as they are sent."""

    scheme: str
    host: str
    port: int
    target: str
    user: str | None = None
    password: str = ""

    @property
    def authority(self) -> str:
        """Host and, if it is not the scheme's own, port: what the Host header says."""
        return self.host if self.port == PORTS[self.scheme] else f"{self.host}:{self.port}"

    def __str__(self) -> str:
        return f"{self.scheme}://{self.authority}{self.target}"


def parse_url(written: str, *, is_as_is: bool = False) -> Url:
    """Return the parts of a URL. Raises: Failure with curl's words."""
    found = _URL.fullmatch(written)
    if found is None or not written or re.search(r"[\x00-\x20\x7f]", written):
        raise _malformed()
    scheme = (found[1] or "http").lower()
    if scheme not in PORTS:
        raise Failure(UNSUPPORTED, f'Protocol "{scheme}" not supported')
    login, _, place = found[2].rpartition("@")
    host, colon, port = place.rpartition(":")
    if not colon or place.endswith("]"):
        host, port = place, ""
    if not host:
        raise Failure(MALFORMED, "URL rejected: No host part in the URL")
    if not _HOST.fullmatch(host):
        raise Failure(MALFORMED, "URL rejected: Bad hostname")
    if port and not (port.isdigit() and int(port) < 65536):
        raise Failure(
            MALFORMED, "URL rejected: Port number was not a decimal number between 0 and 65535"
        )
    path = found[3] if is_as_is else _without_dots(found[3] or "/")
    target = (path or "/") + _escaped(found[4] or "")
    url = Url(scheme, host.lower(), int(port or PORTS[scheme]), _escaped(target))
    if login:
        user, _, password = login.partition(":")
        url = replace(url, user=unquote(user), password=unquote(password))
    return url


def join(base: Url, location: str) -> str:
    """Return the URL that a redirect leads to."""
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]*://", location):
        return location
    if location.startswith("//"):
        return f"{base.scheme}:{location}"
    start = f"{base.scheme}://{base.authority}"
    if location.startswith("/"):
        return start + location
    path = base.target.partition("?")[0]
    if location.startswith("?"):
        return f"{start}{path}{location}"
    return f"{start}{path.rpartition('/')[0]}/{location}"


def _malformed() -> Failure:
    return Failure(MALFORMED, "URL rejected: Malformed input to a URL function")


def _without_dots(path: str) -> str:
    """Take `.` and `..` out of a path, as RFC 3986 says."""
    if "/." not in path:
        return path
    kept: list[str] = []
    words = path.split("/")[1:]
    for number, word in enumerate(words):
        if word not in (".", ".."):
            kept.append(word)
            continue
        if word == ".." and kept:
            kept.pop()
        if number == len(words) - 1:
            kept.append("")
    return "/" + "/".join(kept)


def _escaped(text: str) -> str:
    """Percent-encode what is not ASCII."""
    return "".join(
        char
        if ord(char) < 128
        else "".join(f"%{byte:02x}" for byte in char.encode("utf-8", "replace"))
        for char in text
    )
