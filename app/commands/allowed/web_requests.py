"""The flags of curl and wget that ask for a page and neither read nor write a file."""

import re
from typing import Final

from app.commands.allowed.flags import Flag
from app.commands.allowed.values import NUMBER, Value, choice, shorten
from app.errors import CommandRefused

_SECONDS: Final = Value("seconds", r"[0-9]{1,4}(?:\.[0-9]{1,3})?")
_HEADER: Final = Value(
    "a header such as 'Host: myapp.example.com'", r"[A-Za-z0-9-]+[:;][^\x00-\x1f]{0,500}"
)
_NO_FILE: Final = Value("/dev/null: files are not written here", choices=("/dev/null",))
_FORMAT: Final = Value(
    "a format such as '%{http_code}\\n'", r"(?!@)(?:(?!%output|%\{(?:stderr|onerror)).){0,300}"
)
_BODY: Final = Value("a text that does not begin with @", r"(?!@)[^\x00-\x1f]{0,1000}")
_METHOD: Final = choice("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")

CURL_READS: Final = (
    Flag("silent", short="s"),
    Flag("show-error", short="S"),
    Flag("verbose", short="v", many=True),
    Flag("include", short="i"),
    Flag("head", short="I"),
    Flag("fail", short="f"),
    Flag("no-buffer", short="N"),
    Flag("globoff", short="g"),
    Flag("http1.1"),
    Flag("http2"),
    Flag("http2-prior-knowledge"),
    Flag("header", _HEADER, "H", many=True),
    Flag("output", _NO_FILE, "o", many=True),
    Flag("write-out", _FORMAT, "w"),
    Flag("max-time", _SECONDS, "m"),
    Flag("connect-timeout", _SECONDS),
    Flag("user-agent", Value("a text", r"[^\x00-\x1f]{0,200}"), "A"),
)
CURL: Final = (
    *CURL_READS,
    Flag("insecure", short="k"),
    Flag("location", short="L"),
    Flag("parallel", short="Z"),
    Flag("parallel-max", NUMBER),
    Flag("parallel-immediate"),
    Flag("no-progress-meter"),
    Flag("retry", NUMBER),
    Flag("ipv4", short="4"),
    Flag("request", _METHOD, "X"),
    Flag("data", _BODY, "d", many=True),
)
WGET: Final = (
    Flag("q", short="q"),
    Flag("S", short="S"),
    Flag(
        "O", Value("- (the page is shown, not kept) or /dev/null", choices=("-", "/dev/null")), "O"
    ),
    Flag("T", _SECONDS, "T"),
    Flag("spider"),
    Flag("header", _HEADER, many=True),
)

_HOST: Final = (
    r"[A-Za-z0-9-]*[A-Za-z][A-Za-z0-9-]*(?:\.[A-Za-z0-9-]+)*|[0-9]{1,3}(?:\.[0-9]{1,3}){3}"
)
_PATH: Final = r"(?:/[A-Za-z0-9_./~%?&=+:,;{}\[\]-]*)?"
_URL: Final = rf"(?:https?://)?({_HOST})(?::[0-9]{{1,5}})?{_PATH}"
_LOOPBACK_URL: Final = rf"(?:http://)?(?:127\.0\.0\.1|localhost):[0-9]{{4,5}}{_PATH}"


def check_url(text: str) -> None:
    """Raises: CommandRefused on all but plain web addresses; a cloud's metadata is none."""
    found = re.fullmatch(_URL, text, re.ASCII)
    host = found[1].lower() if found else "metadata"
    if host.startswith("169.254.") or "metadata" in host or re.search(r"(?:^|\.)0x", host):
        raise CommandRefused(
            f"`{shorten(text)}` is no address that the lab asks.",
            hint="Such as http://backend/ or http://backend.mesh-demo:80/status/200.",
        )


def check_loopback_url(text: str) -> None:
    """Raises: CommandRefused where this is no port of this machine, as port-forward opens one."""
    if not re.fullmatch(_LOOPBACK_URL, text, re.ASCII):
        raise CommandRefused(
            f"`{shorten(text)}` is no forwarded port of this machine.",
            hint="Names of Services mean something inside the cluster alone:"
            " kubectl exec deploy/frontend -n mesh-demo -- curl -s http://backend/."
            " From here curl asks http://127.0.0.1:PORT/, over port-forward.",
        )
