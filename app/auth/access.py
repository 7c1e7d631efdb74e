"""Access to a site: a one-time token from the printed address becomes a signed session.

Every account of a shared machine can reach loopback, so the site asks for it there, too.
"""

import hashlib
import hmac
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from itsdangerous import BadSignature, URLSafeTimedSerializer

from app.errors import NotAllowed, StoreUnavailable

SESSION_S = 30 * 24 * 3600  # a course is done in evenings, over weeks
TOKEN_BYTES = 24
WAITING_TOKENS = 20  # printed and not used yet; the oldest one is forgotten


@dataclass(frozen=True)
class Holder:
    """The holder of a session, whose own name (`session`) its CSRF mark is made from."""

    id: str
    session: str


class Access:
    """Issues tokens, exchanges each of them once, and knows who a session belongs to."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._sessions = URLSafeTimedSerializer(key, salt="session")
        self._tokens: dict[str, str] = {}

    def issue(self, learner: str) -> str:
        """Return a new one-time token; it opens a session of that learner."""
        token = secrets.token_urlsafe(TOKEN_BYTES)
        self._tokens[_digest(token)] = learner
        while len(self._tokens) > WAITING_TOKENS:
            del self._tokens[next(iter(self._tokens))]
        return token

    def exchange(self, token: str) -> str:
        """Return a signed session for a token, which is spent by that.

        Raises: NotAllowed when the token is unknown or was used before.
        """
        learner = self._tokens.pop(_digest(token), None)
        if learner is None:
            raise NotAllowed(
                "This link was used before, or belongs to an earlier start of the lab.",
                hint="Every start prints a new one; settings make one for another browser.",
            )
        return self.open(learner)

    def open(self, learner: str) -> str:
        """Return a new signed session of somebody who has shown who they are."""
        return self._sessions.dumps([learner, secrets.token_urlsafe(12)])

    def who(self, session: str) -> Holder | None:
        """Return whose session this is, None where it is not ours, or too old."""
        try:
            learner, name = self._sessions.loads(session, max_age=SESSION_S)
        except (BadSignature, ValueError):
            return None
        return Holder(str(learner), str(name))

    def csrf(self, holder: Holder) -> str:
        """Return the mark that each form of this session carries."""
        return hmac.new(self._key, b"csrf:" + holder.session.encode(), hashlib.sha256).hexdigest()

    def is_csrf(self, holder: Holder, mark: str) -> bool:
        """Return whether a form's mark belongs to this session."""
        return hmac.compare_digest(self.csrf(holder), mark)


def read_key(folder: Path) -> bytes:
    """Return the site's key, made at the first start and readable by its owner alone.

    Raises: StoreUnavailable when the folder does not take it.
    """
    file = folder / "key"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not file.exists():
            draft = folder / f".key.{os.getpid()}"
            draft.touch(mode=0o600)
            draft.write_bytes(secrets.token_bytes(32))
            draft.replace(file)
        return file.read_bytes()
    except OSError as error:
        raise StoreUnavailable(
            f"The lab's folder {folder} does not take its key: {error.strerror}.",
            hint="Make it writable, or name another one in MESH_DOJO_DATA_DIR.",
        ) from error


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
