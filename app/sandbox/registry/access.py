"""Who may do what: Roles and ClusterRoles, as far as bindings give them to somebody.

Source: k8s.io/kubernetes, plugin/pkg/auth/authorizer/rbac.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from app.sandbox.objects import Obj, items, name_of, namespace_of, text, words
from app.sandbox.store.store import Store

GROUP = "rbac.authorization.k8s.io"
MASTERS = "system:masters"
OPEN_TO_ALL = ("/healthz", "/livez", "/readyz", "/version", "/version/")
OPEN_TO_KNOWN = ("/api", "/api/*", "/apis", "/apis/*", "/openapi", "/openapi/*")
KNOWN = "system:authenticated"
REVIEWS = ("selfsubjectaccessreviews", "selfsubjectrulesreviews", "selfsubjectreviews")


@dataclass(frozen=True)
class User:
    """Who asks, as the API server knows them."""

    name: str
    groups: tuple[str, ...] = ()
    uid: str = ""


@dataclass(frozen=True)
class Attempt:
    """What somebody wants to do: with a resource, or with a path that is none."""

    verb: str
    resource: str = ""
    group: str = ""
    subresource: str = ""
    name: str = ""
    namespace: str = ""
    path: str = ""


def allowed(store: Store, user: User, attempt: Attempt) -> bool:
    """Whether a user may do that."""
    if MASTERS in user.groups:
        return True
    if attempt.path:
        return _path_allowed(store, user, attempt)
    if attempt.resource in REVIEWS and attempt.verb == "create" and KNOWN in user.groups:
        return True
    return any(_rule_allows(rule, attempt) for rule in rules_of(store, user, attempt.namespace))


def rules_of(store: Store, user: User, namespace: str) -> Iterator[Obj]:
    """Yield the rules that hold for a user: everywhere, and in one namespace."""
    for binding in store.list(f"clusterrolebindings.{GROUP}"):
        if _is_bound(binding, user):
            yield from _rules(store, binding, "")
    if namespace:
        for binding in store.list(f"rolebindings.{GROUP}", namespace):
            if _is_bound(binding, user):
                yield from _rules(store, binding, namespace)


def refusal(user: User, attempt: Attempt) -> str:
    """Return the sentence that refuses a user."""
    if attempt.path:
        return f'User "{user.name}" cannot {attempt.verb} path "{attempt.path}"'
    resource = attempt.resource + (f"/{attempt.subresource}" if attempt.subresource else "")
    where = (
        f'in the namespace "{attempt.namespace}"' if attempt.namespace else "at the cluster scope"
    )
    return (
        f'User "{user.name}" cannot {attempt.verb} resource "{resource}" in API group '
        f'"{attempt.group}" {where}'
    )


def _path_allowed(store: Store, user: User, attempt: Attempt) -> bool:
    if attempt.path in OPEN_TO_ALL:
        return True
    if KNOWN in user.groups and _matches(OPEN_TO_KNOWN, attempt.path):
        return True
    return any(
        _matches(words(rule, "nonResourceURLs"), attempt.path)
        and set(words(rule, "verbs")) & {"*", attempt.verb}
        for rule in rules_of(store, user, "")
    )


def _matches(patterns: list[str] | tuple[str, ...], path: str) -> bool:
    return any(
        pattern in ("*", path) or (pattern.endswith("*") and path.startswith(pattern[:-1]))
        for pattern in patterns
    )


def _is_bound(binding: Obj, user: User) -> bool:
    return any(_is_subject(subject, user, binding) for subject in items(binding, "subjects"))


def _is_subject(subject: Obj, user: User, binding: Obj) -> bool:
    kind, name = text(subject, "kind"), text(subject, "name")
    if kind == "User":
        return name == user.name
    if kind == "Group":
        return name in user.groups
    namespace = text(subject, "namespace") or namespace_of(binding)
    return kind == "ServiceAccount" and user.name == f"system:serviceaccount:{namespace}:{name}"


def _rules(store: Store, binding: Obj, namespace: str) -> list[Obj]:
    name = text(binding, "roleRef.name")
    if text(binding, "roleRef.kind") == "Role":
        return items(store.get(f"roles.{GROUP}", name, namespace), "rules")
    return items(store.get(f"clusterroles.{GROUP}", name), "rules")


def _rule_allows(rule: Obj, attempt: Attempt) -> bool:
    asked = attempt.resource + (f"/{attempt.subresource}" if attempt.subresource else "")
    resources = {"*", asked} | ({f"*/{attempt.subresource}"} if attempt.subresource else set())
    names = words(rule, "resourceNames")
    return bool(
        set(words(rule, "verbs")) & {"*", attempt.verb}
        and set(words(rule, "apiGroups")) & {"*", attempt.group}
        and set(words(rule, "resources")) & resources
        and (not names or attempt.name in names)
    )


def account_user(account: Obj) -> User:
    """Return the user that a ServiceAccount is."""
    namespace = namespace_of(account)
    return User(
        f"system:serviceaccount:{namespace}:{name_of(account)}",
        ("system:serviceaccounts", f"system:serviceaccounts:{namespace}", KNOWN),
        text(account, "metadata.uid"),
    )
