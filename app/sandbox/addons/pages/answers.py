"""Answers of the stand-ins: pages, JSON, text."""

import json
from urllib.parse import parse_qsl

from app.sandbox.addons.pages.html import Html
from app.sandbox.objects import Json
from app.sandbox.programs.http import Request, Response

# Nothing is loaded from anywhere, and no script runs: names come from learners' own objects.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'"
SAFE = [
    ("Content-Security-Policy", POLICY),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    ("Cache-Control", "no-store"),
]
MOST_ARGUMENTS = 100


def html(page: Html, status: int = 200) -> Response:
    """Return a page."""
    kind = ("Content-Type", "text/html; charset=utf-8")
    return Response(status, [kind, *SAFE], page.encode(errors="replace"))


def plain(text: str, status: int = 200, kind: str = "text/plain; charset=utf-8") -> Response:
    """Return text."""
    return Response(status, [("Content-Type", kind), *SAFE], text.encode(errors="replace"))


def data(value: Json, status: int = 200) -> Response:
    """Return JSON."""
    kind = ("Content-Type", "application/json")
    return Response(status, [kind, *SAFE], json.dumps(value).encode())


def moved(path: str) -> Response:
    """Send the asker elsewhere."""
    return Response(302, [("Location", path), *SAFE], b"")


def arguments(request: Request) -> list[tuple[str, str]]:
    """Return the pairs of the query, then those of a form in the body."""
    found = request.query
    if "application/x-www-form-urlencoded" in request.header("content-type"):
        body = request.body.decode(errors="replace")
        found = [*found, *parse_qsl(body, keep_blank_values=True)]
    return found[:MOST_ARGUMENTS]
