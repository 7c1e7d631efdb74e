"""Which VirtualService and which DestinationRules are in force for a host, as istiod decides it.

Sidecars do not merge VirtualServices: of those for a host the oldest wins. DestinationRules for
one host are merged: the
subsets of all (the first of a name counts), but the traffic policy of the oldest that has one.
Creation
times are whole seconds; within one, the name decides, then the namespace.
Source: istio.io/istio, pilot/pkg/model: configCompareByCreationTime, mergeDestinationRule.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from app.clusters.objects import Object

ROOT_NAMESPACE = "istio-system"
DOMAIN = "svc.cluster.local"


@dataclass(frozen=True)
class Subset:
    """A subset as it is in force, with the DestinationRule that defines it."""

    name: str
    labels: Mapping[str, str]
    rule: Object


@dataclass(frozen=True)
class Rules:
    """The DestinationRules of one host, merged. `objects` are all of them, the oldest first."""

    objects: tuple[Object, ...] = ()
    policy_rule: Object | None = None
    subsets: Mapping[str, Subset] = field(default_factory=dict)


def full_name(host: str, namespace: str) -> str:
    """Return a host as istiod reads it in an object of this namespace; without dots it is short."""
    return host if "." in host or host == "*" else f"{host}.{namespace}.{DOMAIN}"


def oldest_first(objects: Iterable[Object]) -> list[Object]:
    """Return the objects in the order in which istiod looks at them."""
    return sorted(objects, key=lambda each: (each.created, each.name, each.namespace))


def is_exported(item: Object, caller_namespace: str) -> bool:
    """Return whether callers in that namespace get to see the object."""
    targets = item.texts("spec.exportTo") or ["*"]
    if "*" in targets or caller_namespace in targets:
        return True
    return "." in targets and item.namespace == caller_namespace


def is_for_sidecars(virtual_service: Object) -> bool:
    """Return whether it speaks to the proxies inside the mesh, and not to gateways alone."""
    gateways = virtual_service.texts("spec.gateways")
    return not gateways or "mesh" in gateways


def hosts_of(virtual_service: Object) -> list[str]:
    """Return its hosts by their full names."""
    return [
        full_name(host, virtual_service.namespace) for host in virtual_service.texts("spec.hosts")
    ]


def covers(pattern: str, host: str) -> bool:
    """Return whether a host of an object, perhaps with a leading `*`, means this one."""
    return host.endswith(pattern[1:]) if pattern.startswith("*") else pattern == host


def virtual_services(
    host: str, candidates: Sequence[Object], caller_namespace: str
) -> list[Object]:
    """Return those that speak for a host, by its full name; the first is in force, the others are
    not.

    One that names the host goes before any that covers it by a wildcard.
    """
    seen = [
        each
        for each in oldest_first(candidates)
        if is_for_sidecars(each) and is_exported(each, caller_namespace) and not each.is_terminating
    ]
    exact = [each for each in seen if host in hosts_of(each)]
    by_wildcard = [
        each
        for each in seen
        if each not in exact and any(covers(pattern, host) for pattern in hosts_of(each))
    ]
    return exact + by_wildcard


def destination_rules(
    host: str, namespace: str, candidates: Sequence[Object], caller_namespace: str
) -> Rules:
    """Return what DestinationRules say together about a host (full name) of a Service's namespace.

    The caller's own namespace is asked first, then the Service's, then the mesh's; the first that
    has any decides alone.
    """
    fitting = [
        each
        for each in oldest_first(candidates)
        if full_name(each.text("spec.host"), each.namespace) == host
        and is_exported(each, caller_namespace)
        and not each.is_terminating
        and each.at("spec.workloadSelector") is None
    ]
    for place in (caller_namespace, namespace, ROOT_NAMESPACE):
        here = [each for each in fitting if each.namespace == place]
        if here:
            return _merged(here)
    return Rules()


def _merged(rules: Sequence[Object]) -> Rules:
    subsets: dict[str, Subset] = {}
    for rule in rules:
        for part in rule.parts("spec.subsets"):
            name = part.text("name")
            subsets.setdefault(name, Subset(name, part.strings("labels"), rule))
    policy_rule = next((rule for rule in rules if rule.at("spec.trafficPolicy") is not None), None)
    return Rules(tuple(rules), policy_rule, subsets)
