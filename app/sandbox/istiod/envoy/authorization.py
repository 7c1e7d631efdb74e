"""AuthorizationPolicies as Envoy's filters: first what denies, then what allows.

Source: https://istio.io/latest/docs/reference/config/security/authorization-policy/
"""

from collections.abc import Callable, Mapping

from app.sandbox.istiod.envoy.conditions import Question, principals, targets
from app.sandbox.istiod.envoy.shapes import extension
from app.sandbox.istiod.installation.marks import NAMESPACE as ROOT
from app.sandbox.istiod.mesh import Mesh
from app.sandbox.objects import Json, Obj, items, name_of, namespace_of, selects, strings, text

ANYTHING: Obj = {"any": True}
NOTHING: Obj = {
    "permissions": [{"not_rule": ANYTHING}],
    "principals": [{"not_id": ANYTHING}],
}


def filters(mesh: Mesh, namespace: str, labels: Mapping[str, str], port: int) -> list[Json]:
    """Return the filters of requests to a workload's port."""

    def made(action: str, policies: Obj) -> Obj:
        return extension(
            "envoy.filters.http.rbac",
            "filters.http.rbac.v3.RBAC",
            rules={"action": action, "policies": policies},
        )

    return _filters(mesh, namespace, labels, Question(port, is_http=True), made)


def network_filters(mesh: Mesh, namespace: str, labels: Mapping[str, str], port: int) -> list[Json]:
    """Return the filters of connections to a workload's port, whose requests nobody reads."""

    def made(action: str, policies: Obj) -> Obj:
        return extension(
            "envoy.filters.network.rbac",
            "filters.network.rbac.v3.RBAC",
            rules={"action": action, "policies": policies},
            stat_prefix="tcp.",
        )

    return _filters(mesh, namespace, labels, Question(port, is_http=False), made)


def _filters(
    mesh: Mesh,
    namespace: str,
    labels: Mapping[str, str],
    question: Question,
    made: Callable[[str, Obj], Obj],
) -> list[Json]:
    found: list[Json] = []
    for action in ("DENY", "ALLOW"):
        policies = [
            each
            for each in mesh.authorization_policies
            if (text(each, "spec.action") or "ALLOW") == action
            and namespace_of(each) in (namespace, ROOT)
            and _selects(each, labels)
        ]
        if policies:
            rules: Obj = {}
            for policy in policies:
                rules |= _rules(policy, question, is_denial=action == "DENY")
            if action == "ALLOW" or rules:
                found.append(made(action, rules))
    return found


def _selects(policy: Obj, labels: Mapping[str, str]) -> bool:
    selector = strings(policy, "spec.selector.matchLabels")
    return not selector or selects(selector, labels)


def _rules(policy: Obj, question: Question, *, is_denial: bool) -> Obj:
    """Return a policy's rules by name; one that never comes true is left out."""
    name = f"ns[{namespace_of(policy)}]-policy[{name_of(policy)}]-rule"
    rules = items(policy, "spec.rules")
    if not rules and not is_denial:
        return {f"{name}[0]": NOTHING}
    found: Obj = {}
    for place, rule in enumerate(rules):
        who = principals(rule, question, is_denial=is_denial)
        what = targets(rule, question, is_denial=is_denial)
        if who and what:
            found[f"{name}[{place}]"] = {
                "permissions": list[Json](what),
                "principals": list[Json](who),
            }
    return found
