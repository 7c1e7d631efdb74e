"""The paths that misbehave, or send one elsewhere: status, unstable, delay, redirects, logins."""

import asyncio
import base64
import random
from collections.abc import Callable

from app.sandbox.objects import Json
from app.sandbox.programs.golang import PLAIN, duration, parse_float, parse_int, parse_seconds
from app.sandbox.programs.http import Response
from app.sandbox.programs.httpbin.asked import JSON, Asked, Bad, error, say, say_json
from app.sandbox.programs.httpbin.echo import url, with_body

_REALM = 'Basic realm="Fake Realm"'
_HEADERS = {
    **{code: {"Location": "/redirect/1"} for code in (301, 302, 303, 305, 307)},
    **{code: {"Location": "/image/jpeg"} for code in (300, 308)},
    401: {"Www-Authenticate": _REALM},
    402: {"X-More-Info": "http://vimeo.com/22053820"},
    406: {"Content-Type": JSON},
    407: {"Proxy-Authenticate": _REALM},
    418: {"X-More-Info": "http://tools.ietf.org/html/rfc2324"},
}
_MEDIA = ("image/webp", "image/svg+xml", "image/jpeg", "image/png", "image/")
_MAX_TIMES = 100


def status(asked: Asked) -> Response:
    """Answer with a status: one that is named, or one of several by their weights."""
    written = asked.words[0]
    if "," not in written:
        return with_status(asked, code_of(written))
    choices = [_choice(part) for part in written.split(",")]
    codes, weights = [code for code, _ in choices], [weight for _, weight in choices]
    if not all(100 <= code <= 599 for code in codes) or sum(weights) <= 0 or min(weights) < 0:
        raise Bad(f'invalid choice value: "{written}"')
    return with_status(asked, random.choices(codes, weights)[0])


def with_status(asked: Asked, code: int) -> Response:
    """Answer with a status and what go-httpbin sends along with it."""
    if code == 406:
        message = "Client did not request a supported media type"
        return say_json(asked, {"message": message, "accept": list(_MEDIA)}, code)
    body = {402: b"Payment is due.", 418: b"I'm a teapot!"}.get(code, b"")
    kind = "" if code == 304 else PLAIN
    response = say(asked, code, body, kind, _HEADERS.get(code))
    if code < 200:  # an interim answer would need another one after it
        response.status = 200
    return response


def code_of(written: str, least: int = 100, most: int = 599) -> int:
    """Return a status code. Raises: Bad."""
    try:
        code = parse_int(written)
    except ValueError as unread:
        raise Bad(f'invalid status code: "{written}": {unread}') from unread
    if not least <= code <= most:
        raise Bad(f"invalid status code: {code} not in range [{least}, {most}]")
    return code


def _choice(part: str) -> tuple[int, float]:
    code, colon, weight = part.partition(":")
    try:
        return parse_int(code), parse_float(weight) if colon else 1.0
    except ValueError as unread:
        raise Bad(f'invalid choice value: "{part}"') from unread


def unstable(asked: Asked) -> Response:
    """Answer with 500 in a share of all requests."""
    number = read("invalid seed", asked.argument("seed") or "0", _parse_seed)
    rate = read("invalid failure rate", asked.argument("failure_rate") or "0.5", parse_float)
    if not 0 <= rate <= 1:
        raise Bad("invalid failure rate: %!d(<nil>) not in range [0, 1]")
    drawn = random.Random(number).random() if asked.argument("seed") else random.random()
    return say(asked, 500 if drawn < rate else 200, kind=PLAIN)


def _parse_seed(text: str) -> float:
    return parse_int(text, "ParseInt")


def read(what: str, written: str, parse: Callable[[str], float]) -> float:
    """Return a number from the query. Raises: Bad, which says what it was meant to be."""
    try:
        return parse(written)
    except ValueError as unread:
        raise Bad(f"{what}: {unread}") from unread


def bounded(asked: Asked, what: str, written: str, least: float = 0.0) -> float:
    """Return a time span in seconds. Raises: Bad where it is longer than allowed."""
    seconds = read(what, written, parse_seconds)
    most = asked.limits.duration_s
    if seconds > most:
        raise Bad(f"{what}: duration {duration(seconds)} longer than {duration(most)}")
    if seconds < least:
        raise Bad(f"{what}: duration {duration(seconds)} shorter than {duration(least)}")
    return seconds


async def delay(asked: Asked) -> Response:
    """Answer later."""
    try:
        seconds = bounded(asked, "invalid duration", asked.words[0])
    except Bad as bad:
        return error(asked, 400, str(bad))
    await asyncio.sleep(seconds)
    response = with_body(asked)
    timing = f'initial_delay;dur={seconds * 1000:.2f};desc="initial delay"'
    response.headers.insert(3, ("Server-Timing", timing))
    return response


def redirect(asked: Asked) -> Response:
    """Send the caller on a number of times, relative unless it asks for absolute ones."""
    return _sent_on(asked, asked.argument("absolute").lower() != "true")


def relative_redirect(asked: Asked) -> Response:
    """Send the caller on by paths."""
    return _sent_on(asked, True)


def absolute_redirect(asked: Asked) -> Response:
    """Send the caller on by whole URLs."""
    return _sent_on(asked, False)


def _sent_on(asked: Asked, is_relative: bool) -> Response:
    times = read("invalid redirect count", asked.words[0], parse_int)
    if times < 1:
        raise Bad("redirect count must be > 0")
    kind = "relative" if is_relative else "absolute"
    path = f"/{kind}-redirect/{int(times) - 1}" if times > 1 else "/get"
    location = path if is_relative else url(asked, path)
    return say(asked, 302, own={"Location": location})


def redirect_to(asked: Asked) -> Response:
    """Send the caller to a URL of its choice."""
    target = asked.argument("url")
    if not target:
        raise Bad("missing required query parameter: url")
    written = asked.argument("status_code")
    code = code_of(written, 300, 399) if written else 302
    if "\r" in target or "\n" in target:
        raise Bad("invalid url: invalid control character in URL")
    return say(asked, code, own={"Location": target})


def basic_auth(asked: Asked) -> Response:
    """Ask for a user and a password, those in the path."""
    user, is_right = _basic(asked)
    shown: dict[str, Json] = {"authenticated": is_right, "user": user, "authorized": is_right}
    own = {} if is_right else {"Www-Authenticate": _REALM}
    return say_json(asked, shown, 200 if is_right else 401, own)


def hidden_basic_auth(asked: Asked) -> Response:
    """The same, but say 404 to whoever does not know them."""
    user, is_right = _basic(asked)
    if not is_right:
        return error(asked, 404)
    return say_json(asked, {"authenticated": True, "user": user, "authorized": True})


def _basic(asked: Asked) -> tuple[str, bool]:
    kind, _, encoded = asked.request.header("authorization").partition(" ")
    if kind.lower() != "basic":
        return "", False
    try:
        user, _, password = base64.b64decode(encoded).decode("utf-8", "replace").partition(":")
    except ValueError:
        return "", False
    return user, (user, password) == asked.words[:2]


def bearer(asked: Asked) -> Response:
    """Ask for a bearer token, any token."""
    kind, _, token = asked.request.header("authorization").partition(" ")
    if kind != "Bearer" or not token:
        return error(asked, 401, own={"Www-Authenticate": "Bearer"})
    return say_json(asked, {"authenticated": True, "token": token})
