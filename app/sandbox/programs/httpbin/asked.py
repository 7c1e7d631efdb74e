"""What a path of go-httpbin is asked with, and the answers that all of them share."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from app.sandbox.objects import Json
from app.sandbox.programs.golang import answer, pretty
from app.sandbox.programs.http import Request, Response, reason_of

JSON = "application/json; charset=utf-8"
HTML = "text/html; charset=utf-8"
CORS = {"Access-Control-Allow-Credentials": "true", "Access-Control-Allow-Origin": "*"}


class Bad(Exception):
    """A request that is answered with 400; its text is the detail."""


@dataclass(frozen=True)
class Limits:
    """What no request may go beyond. Units: seconds, bytes."""

    duration_s: float = 10.0
    body_bytes: int = 1024 * 1024


@dataclass(frozen=True)
class Asked:
    """A request, the words in its path, who sent it, and the limits."""

    request: Request
    words: tuple[str, ...]
    peer: str
    limits: Limits

    def argument(self, name: str) -> str:
        """Return the first value of a name in the query, empty where there is none."""
        return self.request.argument(name)


Answered: TypeAlias = Response | Awaitable[Response]
Route: TypeAlias = Callable[[Asked], Answered]


def cors(asked: Asked) -> dict[str, str]:
    """Return the headers that every answer carries."""
    origin = asked.request.header("origin")
    return {**CORS, "Access-Control-Allow-Origin": origin} if origin else CORS


def say(
    asked: Asked,
    status: int = 200,
    body: bytes = b"",
    kind: str = "",
    own: Mapping[str, str] | None = None,
) -> Response:
    """Return an answer with a content type, which may be empty, and headers of its own."""
    said = {"Content-Type": kind} if kind else {}
    return answer(status, body, {**cors(asked), **said, **(own or {})})


def say_json(
    asked: Asked, value: Json, status: int = 200, own: Mapping[str, str] | None = None
) -> Response:
    """Return an answer in JSON."""
    return say(asked, status, pretty(value), JSON, own)


def error(
    asked: Asked, status: int, detail: str = "", own: Mapping[str, str] | None = None
) -> Response:
    """Return an error in JSON, as go-httpbin words it."""
    value: dict[str, Json] = {"status_code": status, "error": reason_of(status)}
    return say_json(asked, {**value, "detail": detail} if detail else value, status, own)
