"""`istioctl x authz check`: which AuthorizationPolicies a pod's proxy enforces."""

import re
from collections.abc import Iterator
from typing import Final

from app.sandbox.istioctl.admin import ask
from app.sandbox.istioctl.lab import Around
from app.sandbox.istioctl.line.command import Call, Command
from app.sandbox.istioctl.line.failure import Failure
from app.sandbox.istioctl.line.flags import Flag
from app.sandbox.istioctl.line.table import tabulated
from app.sandbox.istioctl.line.usage import usage_of
from app.sandbox.istioctl.pods import pod_of
from app.sandbox.istioctl.proxy_config.dump import Dump
from app.sandbox.objects import Obj, items, table, text

RULE: Final = re.compile(r"(?:istio-ext-authz-)?ns\[(.+)\]-policy\[(.+)\]-rule\[(.+)\]")
NOTHING: Final = "_anonymous_match_nothing_"
HTTP, MANAGER = "envoy.filters.http.rbac", "envoy.filters.network.http_connection_manager"
TCP: Final = "envoy.filters.network.rbac"
ACTIONS: Final = ("DENY", "ALLOW", "LOG", "CUSTOM")


async def run(call: Call[Around]) -> int:
    """Print each policy with its action and the number of its rules."""
    if len(call.words) > 1:
        call.context.terminal.err(f"{usage_of(call.found)}\n")
        raise Failure("check requires only <pod-name>[.<pod-namespace>]")
    dump = await _dump(call)
    listeners = items(dump.part("ListenersConfigDump"), "dynamic_listeners")
    if not listeners:  # then the real one prints not even the columns
        return 0
    found = dict[str, dict[str, set[str]]]()
    for action, policy, rule in _rules(listeners):
        found.setdefault(action, {}).setdefault(policy, set()).add(rule)
    counts = dict[str, set[str]]()
    for policies in found.values():
        for policy, rules in policies.items():
            counts.setdefault(policy, set()).update(rules)
    rows = [["ACTION", "AuthorizationPolicy", "RULES"]]
    for action in ACTIONS:
        for policy in sorted(found.get(action, {})):
            rows.append([action, policy, str(len(counts[policy]))])
    call.context.terminal.out(tabulated(rows, padding=3))
    return 0


async def _dump(call: Call[Around]) -> Dump:
    file = call.flags.text("file")
    if file:
        content = call.context.request.files.get(file)
        if content is None:
            said = f"open {file}: no such file or directory"
            raise Failure(f"failed to get config dump from file {file}: {said}")
        return Dump(content)
    if not call.words:
        raise Failure("expecting pod name or config dump, found: 0")
    pod = pod_of(call, call.words[0])
    try:
        return Dump(await ask(call, pod, "/config_dump"))
    except Failure as failure:
        said = f"failed to get config dump from pod {pod.name} in {pod.namespace}"
        raise Failure(said) from failure


def _rules(listeners: list[Obj]) -> Iterator[tuple[str, str, str]]:
    """Yield action, policy (`name.namespace`) and number of each rule that a proxy enforces."""
    for listener in listeners:
        for chain in items(listener, "active_state.listener.filter_chains"):
            for config in _filters(chain):
                rules = table(config, "rules")
                action, policies = text(rules, "action", "ALLOW"), table(rules, "policies")
                if not policies:
                    yield action, NOTHING, "0"
                for name in policies:
                    yield action, *_named(name)
                for name in table(config, "shadow_rules.policies"):
                    if name.startswith("istio-ext-authz-"):
                        yield "CUSTOM", *_named(name)


def _filters(chain: Obj) -> Iterator[Obj]:
    for each in items(chain, "filters"):
        config = table(each, "typed_config")
        if text(each, "name") == TCP:
            yield config
        elif text(each, "name") == MANAGER:
            for inner in items(config, "http_filters"):
                if text(inner, "name") == HTTP:
                    yield table(inner, "typed_config")


def _named(name: str) -> tuple[str, str]:
    found = RULE.search(name)
    return (f"{found[2]}.{found[1]}", found[3]) if found else ("", "")


COMMAND: Final[Command[Around]] = Command(
    "authz",
    "Inspect Istio AuthorizationPolicy",
    commands=(
        Command(
            "check",
            "Check AuthorizationPolicy applied in the pod.",
            run,
            (
                Flag("file", "The json file with Envoy config dump to be checked", "f"),
                Flag("proxy-admin-port", "Envoy proxy admin port", "", "int", "15000"),
            ),
            usage="check [<type>/]<name>[.<namespace>]",
        ),
    ),
)
