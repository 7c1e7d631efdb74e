"""Who may do what, by roles and their bindings."""

import pytest
from sandbox.registry.objects import obj, registry

from app.sandbox.objects import Json, Obj
from app.sandbox.registry.access import Attempt, User, account_user, allowed, refusal
from app.sandbox.registry.registry import Registry
from app.sandbox.registry.roles import bootstrap

RBAC = "rbac.authorization.k8s.io/v1"
BOB = User("bob", ("system:authenticated",))


@pytest.fixture
def made() -> Registry:
    return registry()


def grant(made: Registry, role: Obj, subject: Obj, kind: str = "Role") -> None:
    made.create({**obj(kind, "r", RBAC), "rules": [role]})
    binding = obj(f"{kind}Binding", "b", RBAC)
    reference: Obj = {"kind": kind, "name": "r"}
    made.create({**binding, "roleRef": reference, "subjects": [subject]})


def reading(*names: str) -> Obj:
    verbs: list[Json] = ["get", "list"]
    rule: Obj = {"apiGroups": [""], "resources": ["pods", "pods/log"], "verbs": verbs}
    return {**rule, "resourceNames": [*names]} if names else rule


def test_nobody_may_anything_until_a_role_lets_them(made: Registry) -> None:
    asked = Attempt("list", "pods", namespace="default")
    assert not allowed(made.store, BOB, asked)
    grant(made, reading(), {"kind": "User", "name": "bob"})
    assert allowed(made.store, BOB, asked)
    assert not allowed(made.store, BOB, Attempt("delete", "pods", namespace="default"))
    assert not allowed(made.store, BOB, Attempt("list", "pods", namespace="kube-system"))
    assert not allowed(made.store, BOB, Attempt("list", "pods"))
    assert allowed(made.store, BOB, Attempt("get", "pods", "", "log", "a", "default"))
    assert not allowed(made.store, BOB, Attempt("create", "pods", "", "exec", "a", "default"))


def test_a_rule_may_be_for_names_alone(made: Registry) -> None:
    grant(made, reading("one"), {"kind": "Group", "name": "system:authenticated"})
    assert allowed(made.store, BOB, Attempt("get", "pods", name="one", namespace="default"))
    assert not allowed(made.store, BOB, Attempt("get", "pods", name="two", namespace="default"))


def test_a_cluster_role_holds_for_an_account_everywhere(made: Registry) -> None:
    subject: Obj = {"kind": "ServiceAccount", "name": "robot", "namespace": "default"}
    grant(made, reading(), subject, "ClusterRole")
    account = account_user(obj("ServiceAccount", "robot"))
    assert allowed(made.store, account, Attempt("list", "pods"))
    assert allowed(made.store, account, Attempt("list", "pods", namespace="kube-system"))
    assert not allowed(made.store, BOB, Attempt("list", "pods"))


def test_everybody_known_may_discover_and_ask_about_themselves(made: Registry) -> None:
    anonymous = User("system:anonymous", ("system:unauthenticated",))
    assert allowed(made.store, BOB, Attempt("get", path="/apis/apps/v1"))
    assert not allowed(made.store, anonymous, Attempt("get", path="/apis"))
    assert allowed(made.store, anonymous, Attempt("get", path="/version"))
    review = Attempt("create", "selfsubjectaccessreviews", "authorization.k8s.io")
    assert allowed(made.store, BOB, review)
    assert not allowed(made.store, anonymous, review)


def test_a_refusal_says_what_was_asked() -> None:
    assert refusal(BOB, Attempt("get", "pods", "", "log", "a", "default")) == (
        'User "bob" cannot get resource "pods/log" in API group "" in the namespace "default"'
    )
    assert refusal(BOB, Attempt("create", "namespaces")) == (
        'User "bob" cannot create resource "namespaces" in API group "" at the cluster scope'
    )


def test_the_roles_of_every_cluster_let_people_do_what_they_are_for(made: Registry) -> None:
    bootstrap(made)
    bootstrap(made)
    binding = obj("RoleBinding", "b", RBAC)
    reference: Obj = {"kind": "ClusterRole", "name": "view"}
    made.create({**binding, "roleRef": reference, "subjects": [{"kind": "User", "name": "bob"}]})
    assert allowed(made.store, BOB, Attempt("watch", "deployments", "apps", namespace="default"))
    assert not allowed(made.store, BOB, Attempt("get", "secrets", namespace="default"))
    assert not allowed(made.store, BOB, Attempt("create", "pods", namespace="default"))
