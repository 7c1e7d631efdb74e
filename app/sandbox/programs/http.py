"""A request as a program reads it, and the answer that it gives."""

import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from email.utils import formatdate
from functools import lru_cache
from http import HTTPStatus
from typing import TypeAlias
from urllib.parse import parse_qsl, unquote

_PHRASES = {  # as Go has them, whatever the version of Python
    413: "Request Entity Too Large",
    414: "Request URI Too Long",
    416: "Requested Range Not Satisfiable",
    418: "I'm a teapot",
    422: "Unprocessable Entity",
}
Headers: TypeAlias = list[tuple[str, str]]


@dataclass(frozen=True)
class Request:
    """A whole request. Header names are as they were sent; `target` is the path with its query.

    `peer` is the path of the caller's socket, empty where it has none.
    """

    method: str
    target: str
    version: str
    headers: Headers
    body: bytes = b""
    peer: str = ""

    @property
    def path(self) -> str:
        """The path without its query, percent signs resolved."""
        target = self.target
        if not target.startswith("/"):
            target = "/" + target.partition("://")[2].partition("/")[2]
        return unquote(target.partition("?")[0])

    @property
    def query(self) -> list[tuple[str, str]]:
        """The query's pairs, in order."""
        return parse_qsl(self.target.partition("?")[2], keep_blank_values=True)

    def argument(self, name: str, default: str = "") -> str:
        """Return the first value of a name in the query."""
        return next((value for key, value in self.query if key == name), default)

    def header(self, name: str, default: str = "") -> str:
        """Return the first header of a name, in any case."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key.lower() == wanted), default)


@dataclass
class Response:
    """An answer. A body that is an iterator is sent piece by piece: chunked, if no length is said.

    `is_last` closes the connection afterwards. `is_cut` breaks it off in place of an answer's end.
    """

    status: int = 200
    headers: Headers = field(default_factory=list)
    body: bytes | AsyncIterator[bytes] = b""
    reason: str = ""
    is_last: bool = False
    is_cut: bool = False


Handler: TypeAlias = Callable[[Request], Response | Awaitable[Response]]


def http_date(seconds: float | None = None) -> str:
    """Return a time, now where none is given, as HTTP writes it."""
    return _written(int(time.time() if seconds is None else seconds))


@lru_cache(maxsize=8)  # every answer of a second says the same
def _written(seconds: int) -> str:
    return formatdate(seconds, usegmt=True)


def reason_of(status: int) -> str:
    """Return the phrase that goes with a status; empty where there is none."""
    if status in _PHRASES:
        return _PHRASES[status]
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""
