"""AuthorizationPolicies as Envoy's filters: who asks others, what is written down, denied, allowed.

Source: https://istio.io/latest/docs/reference/config/security/authorization-policy/
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

from app.sandbox.istiod.envoy import permissions, principals
from app.sandbox.istiod.envoy.principals import Asked, Never, Unasked
from app.sandbox.istiod.envoy.shapes import extension
from app.sandbox.istiod.envoy.tokens import tokens
from app.sandbox.istiod.installation.marks import NAMESPACE as ROOT
from app.sandbox.istiod.mesh import Mesh
from app.sandbox.objects import (
    Json,
    Obj,
    annotations_of,
    items,
    labels_of,
    name_of,
    namespace_of,
    selects,
    strings,
    table,
    text,
    words,
)

ANYTHING: Obj = {"any": True}
NOTHING: Obj = {
    "permissions": [{"not_rule": ANYTHING}],
    "principals": [{"not_id": ANYTHING}],
}
DRY_RUN = "istio.io/dry-run"
SHADOW = {"ALLOW": "istio_dry_run_allow_", "DENY": "istio_dry_run_deny_", "LOG": ""}
# Envoy's word for each of Istio's, in the order in which they are asked
ACTIONS = {"AUDIT": "LOG", "DENY": "DENY", "ALLOW": "ALLOW"}
Made = Callable[..., Obj]


@dataclass(frozen=True)
class Workload:
    """Whose requests are looked at: a pod, with the policies that are about it."""

    mesh: Mesh
    pod: Obj

    def policies(self, action: str) -> list[Obj]:
        """Return the AuthorizationPolicies with one action, the mesh's before the namespace's."""
        return [
            each
            for each in about(self.mesh.authorization_policies, self.pod)
            if (text(each, "spec.action") or "ALLOW") == action
        ]

    def asked(self, port: int, *, is_http: bool) -> Asked:
        """Return for what a rule becomes Envoy's."""
        ip = text(self.pod, "status.podIP")
        return Asked(port, is_http, ip, gateways=self.mesh.gateway_identities)


def about(policies: Sequence[Obj], pod: Obj) -> list[Obj]:
    """Return the policies in force for a pod, the mesh's before its namespace's.

    One with a targetRef is about a waypoint or a Gateway of the Gateway API: about no pod here.
    """
    namespace, labels = namespace_of(pod), labels_of(pod)
    found = []
    for place in dict.fromkeys((ROOT, namespace)):
        for each in policies:
            selector = strings(each, "spec.selector.matchLabels")
            is_targeted = bool(table(each, "spec.targetRef") or items(each, "spec.targetRefs"))
            if namespace_of(each) == place and not is_targeted:
                found += [each] if not selector or selects(selector, labels) else []
    return found


def filters(mesh: Mesh, pod: Obj, port: int) -> list[Json]:
    """Return the filters of requests to a workload's port."""
    workload = Workload(mesh, pod)
    asked = workload.asked(port, is_http=True)
    made = partial(extension, "envoy.filters.http.rbac", "filters.http.rbac.v3.RBAC")
    return [
        *_custom(workload, asked, made),
        *tokens(about(mesh.request_authentications, pod)),
        *_rest(workload, asked, made),
    ]


def network_filters(mesh: Mesh, pod: Obj, port: int) -> list[Json]:
    """Return the filters of connections to a workload's port, whose requests nobody reads."""
    workload = Workload(mesh, pod)
    asked = workload.asked(port, is_http=False)
    made = partial(
        extension,
        "envoy.filters.network.rbac",
        "filters.network.rbac.v3.RBAC",
        stat_prefix="tcp.",
    )
    return [*_custom(workload, asked, made), *_rest(workload, asked, made)]


def _rest(workload: Workload, asked: Asked, made: Made) -> Iterator[Obj]:
    for action, word in ACTIONS.items():
        policies = workload.policies(action)
        if not policies:
            continue
        tried = [each for each in policies if annotations_of(each).get(DRY_RUN) == "true"]
        fields: Obj = {"shadow_rules_stat_prefix": SHADOW["ALLOW"]}
        if len(tried) < len(policies):
            enforced = [each for each in policies if each not in tried]
            fields["rules"] = _policies(enforced, asked, word)
        if tried:
            fields["shadow_rules"] = _policies(tried, asked, word)
            fields["shadow_rules_stat_prefix"] = SHADOW[word]
        yield made(**fields)


def _custom(workload: Workload, asked: Asked, made: Made) -> Iterator[Obj]:
    """Yield a denial for each authorizer that policies name: here, none can be asked.

    Istio denies the same where the mesh's settings do not define the authorizer.
    """
    policies = workload.policies("CUSTOM")
    for provider in sorted({text(each, "spec.provider.name") for each in policies}):
        rules: Obj = {}
        for policy in policies:
            if text(policy, "spec.provider.name") == provider:
                named = f"istio-ext-authz-{provider}-{_name(policy)}"
                for name, rule in _rules(policy, asked, named, is_denial=True):
                    rules[f"{name}-deny-due-to-bad-CUSTOM-action"] = rule
        yield made(rules={"action": "DENY", "policies": rules})


def _policies(policies: Sequence[Obj], asked: Asked, action: str) -> Obj:
    rules: Obj = {}
    for policy in policies:
        rules |= dict(_rules(policy, asked, _name(policy), is_denial=action != "ALLOW"))
    return {"action": action, "policies": rules}


def _name(policy: Obj) -> str:
    return f"ns[{namespace_of(policy)}]-policy[{name_of(policy)}]-rule"


def _rules(policy: Obj, asked: Asked, name: str, *, is_denial: bool) -> Iterator[tuple[str, Obj]]:
    """Yield a policy's rules by name; one that never comes true is left out."""
    rules = items(policy, "spec.rules")
    if not rules:
        yield f"{name}[0]", NOTHING
    asked = replace(asked, namespace=namespace_of(policy))
    for place, rule in enumerate(rules):
        try:
            who = _callers(rule, asked, is_denial=is_denial)
            what = _targets(rule, asked, is_denial=is_denial)
        except Unasked:
            continue
        if what:
            yield f"{name}[{place}]", {"permissions": [*what], "principals": [*who]}


def _callers(rule: Obj, asked: Asked, *, is_denial: bool) -> list[Obj]:
    """Return the callers that a rule is about, each with its conditions. Raises: Unasked."""
    found: list[Obj] = []
    for source in [table(each, "source") for each in items(rule, "from")] or [{}]:
        parts = principals.of_source(source, asked, is_denial=is_denial)
        for when in items(rule, "when"):
            key = text(when, "key")
            if key not in permissions.ABOUT_DESTINATION:
                values = words(when, "values"), words(when, "notValues")
                parts += principals.of(key, *values, asked, is_denial=is_denial)
        ids: list[Json] = [*parts] or [{**ANYTHING}]
        found.append({"and_ids": {"ids": ids}})
    return found


def _targets(rule: Obj, asked: Asked, *, is_denial: bool) -> list[Obj]:
    """Return the requests that a rule is about; none: it is about nothing on this port.

    Raises: Unasked.
    """
    found: list[Obj] = []
    for operation in [table(each, "operation") for each in items(rule, "to")] or [{}]:
        try:
            parts = permissions.of_operation(operation, asked, is_denial=is_denial)
            for when in items(rule, "when"):
                key = text(when, "key")
                if key in permissions.ABOUT_DESTINATION:
                    values = words(when, "values"), words(when, "notValues")
                    parts += permissions.of(key, *values, asked)
        except Never:
            continue
        rules: list[Json] = [*parts] or [{**ANYTHING}]
        found.append({"and_rules": {"rules": rules}})
    return found
