"""A host has the subsets that a split needs: each is defined, and has pods of its own."""

import asyncio
from collections.abc import Mapping
from typing import Final

from app.checks.backends import Backend, backend
from app.checks.inforce import Subset, destination_rules, full_name
from app.checks.kind import Context, Kind, Params
from app.checks.result import Finding, failed, passed
from app.clusters.objects import Object, matches


class SubsetsParams(Params):
    """`subsets` says which pods each must select: {subset: the labels that those pods carry}."""

    namespace: str
    host: str
    subsets: Mapping[str, Mapping[str, str]]


async def check(context: Context, params: SubsetsParams) -> Finding:
    """Return whether callers of the namespace know the subsets, each as the pods asked for."""
    behind, rules = await asyncio.gather(
        backend(context.cluster, params.host, params.namespace),
        context.cluster.list("DestinationRule"),
    )
    found = destination_rules(behind.host, behind.namespace, rules, params.namespace)
    if not found.objects:
        return _no_rule(rules, params)
    missing = [name for name in params.subsets if name not in found.subsets]
    if missing:
        return _missing(missing[0], found.subsets, params)
    wrong = (_wrong_pods(name, found.subsets[name], behind, params) for name in params.subsets)
    return next(filter(None, wrong), None) or passed(_all_well(behind, params))


def _look(params: SubsetsParams) -> str:
    return f"kubectl get destinationrules -n {params.namespace} -o yaml"


def _no_rule(rules: list[Object], params: SubsetsParams) -> Finding:
    expected = f"A DestinationRule for {full_name(params.host, params.namespace)} is expected"
    for rule in rules:
        host = rule.text("spec.host")
        if rule.namespace != params.namespace and host == params.host:
            text = (
                f"{expected}. {rule.name} is in namespace {rule.namespace}, where the short name"
                f" {host} means {full_name(host, rule.namespace)}."
            )
            return failed("other-namespace", text, look="kubectl get destinationrules -A")
    here = [rule for rule in rules if rule.namespace == params.namespace]
    if here:
        names = ", ".join(f"{rule.name} (host {rule.text('spec.host')})" for rule in here)
        return failed("wrong-host", f"{expected}. There is: {names}.", look=_look(params))
    text = f"{expected}, and namespace {params.namespace} has none."
    return failed("no-destinationrule", text, look=_look(params))


def _missing(name: str, subsets: Mapping[str, Subset], params: SubsetsParams) -> Finding:
    defined = ", ".join(subsets) or "none at all"
    text = (
        f"A subset {name} of {params.host} is expected; the rules for it define {defined}."
        " A route to a subset that nobody defines gets 503."
    )
    return failed("no-subset", text, look=_look(params))


def _wrong_pods(
    name: str, subset: Subset, behind: Backend, params: SubsetsParams
) -> Finding | None:
    wanted = params.subsets[name]
    chosen = behind.selected(dict(subset.labels))
    selects = f"Subset {name}, in {subset.rule.name}, selects {_shown(subset.labels)}"
    if not chosen:
        text = f"{selects}, and no ready pod of {params.host} carries that."
        look = f"kubectl get pods -n {params.namespace} --show-labels"
        return failed("empty-subset", text, look=look)
    strangers = [pod for pod in chosen if not matches(wanted, pod.labels)]
    if not strangers:
        return None
    if len(strangers) < len(chosen):
        text = f"{selects}: that takes in {strangers[0].name} too, a pod of another version."
        return failed("same-pods", text, look=_look(params))
    text = f"{selects}: those are pods of another version ({strangers[0].name})."
    return failed("wrong-labels", text, look=_look(params))


def _shown(labels: Mapping[str, str]) -> str:
    return ", ".join(f"{key}={value}" for key, value in labels.items()) or "every pod"


def _all_well(behind: Backend, params: SubsetsParams) -> str:
    counts = [
        f"{name} ({len(behind.selected(dict(labels)))} ready)"
        for name, labels in params.subsets.items()
    ]
    return f"Callers know these subsets of {params.host}: {', '.join(counts)}."


KIND: Final = Kind(
    name="subsets",
    params=SubsetsParams,
    check=check,
    reads=("DestinationRule", "Service", "Pod"),
    is_cheap=True,
    reasons=(
        "no-destinationrule",
        "other-namespace",
        "wrong-host",
        "no-subset",
        "empty-subset",
        "same-pods",
        "wrong-labels",
    ),
)
