"""HTTPS to a room: outgoing only, to the one address that was given, by the certificate expected.

A room's certificate is often self-made: then its fingerprint, which the instructor projects, stands
in for an authority. Without one the system's authorities decide.
Source: https://docs.aiohttp.org/en/stable/client_advanced.html#ssl-control-for-tcp-sockets
"""

import ssl
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

import aiohttp

from app.errors import NotAllowed, Refused, Unavailable

TIMEOUT_S: Final = 20.0
MOST_HOST: Final = 140  # characters, with the port; the outbox keeps it beside each entry
MOST_ANSWER: Final = 64 * 1024  # bytes read of an answer


@dataclass(frozen=True)
class RoomLink:
    """Where a room is, and how its certificate is told: SHA-256 in hexadecimal, or empty."""

    url: str
    fingerprint: str = ""

    @classmethod
    def read(cls, url: str, fingerprint: str = "") -> "RoomLink":
        """Return a typed link. Raises: Refused where it is no https address, or a wrong mark.

        Plain http is let through to this machine alone.
        """
        parts = urlsplit(url.strip())
        local = parts.hostname in ("localhost", "127.0.0.1", "::1")
        if parts.scheme != "https" and not (parts.scheme == "http" and local):
            raise Refused(
                "A room's link begins with https://.",
                hint="Reports go to nowhere else: they carry your personal token.",
            )
        is_odd = parts.username or parts.password or len(parts.netloc) > MOST_HOST
        if not parts.hostname or is_odd:
            raise Refused("That is no link to a room.")
        digits = fingerprint.replace(":", "").replace(" ", "").lower()
        if digits and (len(digits) != 64 or not set(digits) <= set("0123456789abcdef")):
            raise Refused("A fingerprint is 32 pairs of hexadecimal digits.")
        return cls(f"{parts.scheme}://{parts.netloc}", digits)


@dataclass(frozen=True)
class Answer:
    """What the room said. `text` is cut at MOST_ANSWER."""

    status: int
    text: str


class PinnedClient:
    """Sends to one room. Close it when it is done with."""

    def __init__(self, link: RoomLink) -> None:
        self._link = link
        limits = aiohttp.ClientTimeout(total=TIMEOUT_S)
        # A proxy of the environment is left out: it would see the token.
        self._client = aiohttp.ClientSession(timeout=limits, trust_env=False)

    async def post(self, path: str, body: bytes, token: str) -> Answer:
        """Send a body of JSON, and return the answer, whatever its status.

        Raises: Unavailable where the room cannot be reached, NotAllowed where its certificate is
        another one.
        """
        pin = self._link.fingerprint
        ssl_: bool | aiohttp.Fingerprint = aiohttp.Fingerprint(bytes.fromhex(pin)) if pin else True
        headers = {"Accept": "application/json", "Content-Type": "application/json"}
        headers |= {"Authorization": f"Bearer {token}"} if token else {}
        try:
            async with self._client.post(
                self._link.url + path,
                data=body,
                headers=headers,
                ssl=ssl_,
                allow_redirects=False,
            ) as answer:
                text = await answer.content.read(MOST_ANSWER)
                return Answer(answer.status, text.decode(errors="replace"))
        except (aiohttp.ServerFingerprintMismatch, ssl.SSLCertVerificationError) as error:
            raise _mistaken() from error
        except aiohttp.ClientConnectorCertificateError as error:
            raise _mistaken() from error
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise Unavailable(
                "The room does not answer.", hint="What you did is kept, and sent later."
            ) from error

    async def close(self) -> None:
        """End the connections."""
        await self._client.close()


def _mistaken() -> NotAllowed:
    return NotAllowed(
        "The room's certificate is not the expected one: nothing was sent.",
        hint="Compare the fingerprint with the one on the instructor's screen.",
    )
