"""ServiceEntries, tokens, deprecated fields and the injector's webhooks."""

from collections.abc import Iterator

from app.sandbox.istioctl.analyze.hosts import EVERYWHERE, LOCAL, is_exported_to_all
from app.sandbox.istioctl.analyze.labels import matches_expressions
from app.sandbox.istioctl.analyze.messages import Message, listed, quoted
from app.sandbox.istioctl.analyze.resource import Resource
from app.sandbox.istioctl.analyze.snapshot import Snapshot
from app.sandbox.objects import Obj, at, items, number, strings, table, text, words

BLOCKED = "BLOCKED_CIDRS_IN_JWKS_URIS"
TOLD = 5  # names that a message lists before it counts
REVISION = "istio.io/rev"
INJECTION, INJECT = "istio-injection", "sidecar.istio.io/inject"


def entry_addresses(snapshot: Snapshot) -> Iterator[Message]:
    """Yield ServiceEntries with a TCP port and no address that would tell it apart."""
    metadata = table(snapshot.mesh_config(), "defaultConfig.proxyMetadata")
    allocates = ("ISTIO_META_DNS_AUTO_ALLOCATE", "PILOT_ENABLE_IP_AUTOALLOCATE")
    if metadata.get("ISTIO_META_DNS_CAPTURE") == "true" and any(
        metadata.get(name) == "true" for name in allocates
    ):
        return
    for entry in snapshot.all("ServiceEntry"):
        if "addresses" in entry.spec or items(entry.obj, "status.addresses"):
            continue
        for i, port in enumerate(items(entry.spec, "ports")):
            if text(port, "protocol").upper() in ("", "TCP"):
                yield Message("IST0134", entry, (), entry.line(f".spec.ports[{i}].name"))


def entry_protocols(snapshot: Snapshot) -> Iterator[Message]:
    """Yield ServiceEntries that disagree on the protocol of a host's port."""
    by_port = dict[tuple[str, str, int], list[tuple[str, Resource]]]()
    for entry in snapshot.all("ServiceEntry"):
        export_to = words(entry.spec, "exportTo")
        scopes = {EVERYWHERE} if is_exported_to_all(export_to) else set(export_to)
        for scope in scopes:
            place = entry.namespace if scope == LOCAL else scope
            for host in words(entry.spec, "hosts"):
                for port in items(entry.spec, "ports"):
                    key = (place, host, number(port, "number"))
                    by_port.setdefault(key, []).append((text(port, "protocol"), entry))
    told = set[str]()
    for (scope, host, port_number), found in sorted(by_port.items(), key=lambda each: each[0]):
        everywhere = by_port.get((EVERYWHERE, host, port_number), [])
        entries = found if scope == EVERYWHERE else found + everywhere
        protocols = sorted({protocol.upper() for protocol, _ in entries})
        if len(protocols) < 2:
            continue
        names = ", ".join(sorted({entry.full_name for _, entry in entries}))
        for _, entry in entries:
            if entry.full_name not in told:
                told.add(entry.full_name)
                said = (names, quoted(host), str(port_number), ", ".join(protocols))
                yield Message("IST0177", entry, said, entry.line(".metadata.name"))


def token_keys(snapshot: Snapshot) -> Iterator[Message]:
    """Yield control planes that would fetch a token's keys from anywhere."""
    names = [policy.full_name for policy in snapshot.all("RequestAuthentication")]
    if not names:
        return
    more = f", and {len(names) - TOLD} more" if len(names) > TOLD else ""
    for deployment in snapshot.all("Deployment"):
        containers = items(deployment.spec, "template.spec.containers")
        set_ = [env for each in containers for env in items(each, "env")]
        is_blocked = any(text(e, "name") == BLOCKED and text(e, "value") for e in set_)
        if deployment.labels.get("app") == "istiod" and not is_blocked:
            said = (str(len(names)), ", ".join(names[:TOLD]) + more)
            yield Message("IST0175", deployment, said)


def deprecations(snapshot: Snapshot) -> Iterator[Message]:
    """Yield fields that Istio has given up."""
    old, new = "HTTPRoute.fault.delay.percent", "HTTPRoute.fault.delay.percentage"
    for rule in snapshot.all("VirtualService"):
        for route in items(rule.spec, "http"):
            if number(route, "fault.delay.percent") > 0:
                yield Message("IST0002", rule, (f"{old} is deprecated; use {new}",))
    for sidecar in snapshot.all("Sidecar"):
        if at(sidecar.spec, "outboundTrafficPolicy.egressProxy") is not None:
            yield Message("IST0002", sidecar, ("OutboundTrafficPolicy.EgressProxy ignored",))


def webhooks(snapshot: Snapshot) -> Iterator[Message]:
    """Yield injectors that would meet on a pod, and those whose Service does not exist."""
    found = dict[str, tuple[Resource, Obj]]()
    revisions = set[str]()
    for configuration in snapshot.all("MutatingWebhookConfiguration"):
        own = items(configuration.obj, "webhooks")
        named = _revisions(configuration, own)
        if not named and not any(text(hook, "name").endswith("istio.io") for hook in own):
            continue
        revisions |= named
        for hook in own:
            found[f"{configuration.full_name}/{text(hook, 'name')}"] = (configuration, hook)
    met = {
        tuple(sorted(name for name, (_, hook) in found.items() if _takes(hook, around, own_labels)))
        for around in _variants(INJECTION, ("enabled", "disabled"), revisions)
        for own_labels in _variants(INJECT, ("true", "false"), revisions)
    }
    for names in met:
        for name in names if len(names) > 1 else ():
            others = listed([other for other in names if other != name])
            said = (
                f"Webhook overlaps with others: {others}. This may cause injection to occur twice."
            )
            yield Message("IST0139", found[name][0], (said,))
    for configuration, hook in found.values():
        service = table(hook, "clientConfig.service")
        place, name = text(service, "namespace"), text(service, "name")
        if service and snapshot.find("Service", place, name) is None:
            said = (
                f"Injector refers to a control plane service that does not exist: {place}/{name}."
            )
            yield Message("IST0139", configuration, (said,))


def _variants(key: str, values: tuple[str, ...], revisions: set[str]) -> list[dict[str, str]]:
    plain: list[dict[str, str]] = [{}, *({key: value} for value in values)]
    return plain + [{**each, REVISION: revision} for each in plain for revision in revisions]


def _takes(hook: Obj, around: dict[str, str], own: dict[str, str]) -> bool:
    return matches_expressions(table(hook, "namespaceSelector"), around) and matches_expressions(
        table(hook, "objectSelector"), own
    )


def _revisions(configuration: Resource, hooks: list[Obj]) -> set[str]:
    found = {configuration.labels[REVISION]} if REVISION in configuration.labels else set()
    for hook in hooks:
        for field in ("namespaceSelector", "objectSelector"):
            labels = strings(hook, f"{field}.matchLabels")
            found |= {labels[REVISION]} if REVISION in labels else set()
            for each in items(hook, f"{field}.matchExpressions"):
                if text(each, "key") == REVISION:
                    found |= set(words(each, "values"))
    return found
