"""Questions that are asked by creating an object: who am I, may I, may they."""

from collections.abc import Callable, Mapping
from contextlib import suppress

from starlette.requests import Request
from starlette.responses import Response

from app.sandbox.api.answers import answer
from app.sandbox.api.bodies import read_object
from app.sandbox.api.call import wrong_method
from app.sandbox.api.users import Users
from app.sandbox.objects import Json, Obj, stamp, table, text, words
from app.sandbox.registry.access import Attempt, User, allowed, rules_of
from app.sandbox.registry.causes import wrong
from app.sandbox.status import StatusError, invalid
from app.sandbox.store.store import Store

AUTHN = "authentication.k8s.io/v1"
AUTHZ = "authorization.k8s.io/v1"


class Reviews:
    """The reviews that there are, by their paths."""

    def __init__(self, store: Store, users: Users) -> None:
        self._store = store
        self._users = users
        self._made: Mapping[str, Callable[[User, Obj], Obj]] = {
            f"/apis/{AUTHN}/selfsubjectreviews": self._self,
            f"/apis/{AUTHN}/tokenreviews": self._token,
            f"/apis/{AUTHZ}/selfsubjectaccessreviews": self._own_access,
            f"/apis/{AUTHZ}/subjectaccessreviews": self._access,
            f"/apis/{AUTHZ}/selfsubjectrulesreviews": self._rules,
        }

    def has(self, path: str) -> bool:
        """Whether a path is one of a review."""
        return path in self._made

    async def review(self, request: Request, path: str, user: User) -> Response:
        """Return the review with its answer. Raises: StatusError 400, 405, 415, 422."""
        if request.method != "POST":
            raise wrong_method()
        asked = await read_object(request, path.rpartition("/")[2])
        return answer(self._made[path](user, asked), 201)

    def _self(self, user: User, asked: Obj) -> Obj:
        metadata: Obj = {"creationTimestamp": stamp()}
        return {**_head("SelfSubjectReview", AUTHN, metadata), "status": {"userInfo": _info(user)}}

    def _token(self, user: User, asked: Obj) -> Obj:
        token = text(asked, "spec.token")
        status: Obj = {"user": {}, "error": "invalid bearer token"}
        with suppress(StatusError):
            user = self._users.of({"authorization": f"Bearer {token}"})
            status = {"authenticated": True, "user": _info(user)}
        head = _head("TokenReview", AUTHN, table(asked, "metadata"))
        return {**head, "spec": table(asked, "spec"), "status": status}

    def _own_access(self, user: User, asked: Obj) -> Obj:
        return self._judged("SelfSubjectAccessReview", user, asked)

    def _access(self, user: User, asked: Obj) -> Obj:
        groups = tuple(words(asked, "spec.groups"))
        return self._judged("SubjectAccessReview", User(text(asked, "spec.user"), groups), asked)

    def _judged(self, kind: str, user: User, asked: Obj) -> Obj:
        is_allowed = allowed(self._store, user, _attempt(asked))
        head = _head(kind, AUTHZ, table(asked, "metadata"))
        return {**head, "spec": table(asked, "spec"), "status": {"allowed": is_allowed}}

    def _rules(self, user: User, asked: Obj) -> Obj:
        namespace = text(asked, "spec.namespace")
        rules = list(rules_of(self._store, user, namespace))
        resources: list[Json] = [rule for rule in rules if "resources" in rule]
        paths: list[Json] = [rule for rule in rules if "nonResourceURLs" in rule]
        status: Obj = {"resourceRules": resources, "nonResourceRules": paths, "incomplete": False}
        head = _head("SelfSubjectRulesReview", AUTHZ, {})
        return {**head, "spec": {}, "status": status}


def _head(kind: str, version: str, metadata: Obj) -> Obj:
    return {"kind": kind, "apiVersion": version, "metadata": metadata}


def _info(user: User) -> Obj:
    return {
        "username": user.name,
        **({"uid": user.uid} if user.uid else {}),
        "groups": [*user.groups],
    }


def _attempt(asked: Obj) -> Attempt:
    wanted = table(asked, "spec.resourceAttributes")
    path = table(asked, "spec.nonResourceAttributes")
    if bool(wanted) == bool(path):
        said = "exactly one of nonResourceAttributes or resourceAttributes must be specified"
        cause = wrong("spec.resourceAttributes", None, said)
        raise invalid("", "authorization.k8s.io", "", [cause])
    if path:
        return Attempt(text(path, "verb"), path=text(path, "path"))
    return Attempt(
        text(wanted, "verb"),
        text(wanted, "resource"),
        text(wanted, "group"),
        text(wanted, "subresource"),
        text(wanted, "name"),
        text(wanted, "namespace"),
    )
