"""Bearer tokens: the owner's, and those that ServiceAccounts are given."""

import base64
import hashlib
import hmac
import json
import time
import uuid
from collections.abc import Mapping

from app.sandbox.objects import Json, Obj, name_of, namespace_of, text
from app.sandbox.registry.access import (
    KNOWN,
    MASTERS,
    Attempt,
    User,
    account_user,
    allowed,
    refusal,
)
from app.sandbox.status import StatusError
from app.sandbox.store.store import Store

OWNER = User("sandbox-admin", (MASTERS, KNOWN))
NOBODY = User("system:anonymous", ("system:unauthenticated",))
ISSUER = "https://kubernetes.default.svc.cluster.local"
UNAUTHORIZED = StatusError(401, "Unauthorized", "Unauthorized")


class Users:
    """Who stands behind a request. `token` is the owner's own.

    The others are signed with a key made of it, so that they outlive a restart as it does.
    """

    def __init__(self, store: Store, token: str) -> None:
        self._store = store
        self._token = token
        self._key = hashlib.sha256(b"service account tokens: " + token.encode()).digest()

    def of(self, headers: Mapping[str, str]) -> User:
        """Return who asks. Raises: StatusError 401 for a token that is not ours, 403."""
        user = self._known(headers.get("authorization", ""))
        played = headers.get("impersonate-user", "")
        if not played:
            return user
        attempt = Attempt("impersonate", "users", name=played)
        if not allowed(self._store, user, attempt):
            message = f'users "{played}" is forbidden: {refusal(user, attempt)}'
            raise StatusError(403, "Forbidden", message, {"name": played, "kind": "users"})
        groups = [part.strip() for part in headers.get("impersonate-group", "").split(",")]
        return User(played, (*(group for group in groups if group), KNOWN))

    def token_for(self, account: Obj, life_s: int) -> str:
        """Return a token with which a ServiceAccount's programs may ask, for a while."""
        now = int(time.time())
        claims: Obj = {
            "aud": [ISSUER],
            "exp": now + life_s,
            "iat": now,
            "iss": ISSUER,
            "jti": str(uuid.uuid4()),
            "kubernetes.io": {
                "namespace": namespace_of(account),
                "serviceaccount": {
                    "name": name_of(account),
                    "uid": text(account, "metadata.uid"),
                },
            },
            "nbf": now,
            "sub": account_user(account).name,
        }
        signed = f"{_packed({'alg': 'HS256', 'kid': 'sandbox'})}.{_packed(claims)}"
        return f"{signed}.{self._signature(signed)}"

    def _known(self, authorization: str) -> User:
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer" or not token:
            return NOBODY
        if hmac.compare_digest(token.encode(), self._token.encode()):
            return OWNER
        signed, _, signature = token.rpartition(".")
        if not hmac.compare_digest(self._signature(signed).encode(), signature.encode()):
            raise UNAUTHORIZED
        return self._account(signed.partition(".")[2])

    def _account(self, packed: str) -> User:
        claims = json.loads(base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4)))
        held = claims["kubernetes.io"]
        told = held["serviceaccount"]
        account = self._store.get("serviceaccounts", told["name"], held["namespace"])
        if account is None or text(account, "metadata.uid") != told["uid"]:
            raise UNAUTHORIZED
        if claims["exp"] < time.time():
            raise UNAUTHORIZED
        return account_user(account)

    def _signature(self, signed: str) -> str:
        digest = hmac.new(self._key, signed.encode(), hashlib.sha256).digest()
        return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def _packed(value: Json) -> str:
    written = json.dumps(value, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(written).decode().rstrip("=")
