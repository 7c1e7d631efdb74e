"""One look at the whole mesh: all configuration that proxies are made from."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

import yaml

from app.sandbox.istiod.credentials import is_credential
from app.sandbox.istiod.delegation import resolved
from app.sandbox.istiod.entries import entries
from app.sandbox.istiod.hosts import covers, full
from app.sandbox.istiod.identities import spiffe
from app.sandbox.istiod.installation.marks import NAMESPACE as ROOT
from app.sandbox.istiod.rules import NETWORKING, Rule
from app.sandbox.istiod.services import Service, services
from app.sandbox.objects import Obj, items, name_of, namespace_of, table, text, words
from app.sandbox.store.store import Store

SECURITY = "security.istio.io"
VIRTUAL_SERVICES = f"virtualservices.{NETWORKING}"
DESTINATION_RULES = f"destinationrules.{NETWORKING}"
GATEWAYS = f"gateways.{NETWORKING}"
PEER_AUTHENTICATIONS = f"peerauthentications.{SECURITY}"
AUTHORIZATION_POLICIES = f"authorizationpolicies.{SECURITY}"
REQUEST_AUTHENTICATIONS = f"requestauthentications.{SECURITY}"
SERVICE_ENTRIES, SIDECARS = f"serviceentries.{NETWORKING}", f"sidecars.{NETWORKING}"
TELEMETRIES = "telemetries.telemetry.istio.io"
RELEVANT = frozenset(
    {"services", "endpointslices.discovery.k8s.io", "pods", "configmaps", "secrets",
     VIRTUAL_SERVICES, DESTINATION_RULES, GATEWAYS, PEER_AUTHENTICATIONS, AUTHORIZATION_POLICIES,
     REQUEST_AUTHENTICATIONS, TELEMETRIES, SERVICE_ENTRIES, SIDECARS}
)  # fmt: skip
BLOCKS = ("ipBlocks", "notIpBlocks", "remoteIpBlocks", "notRemoteIpBlocks")
ADDRESSES = ("source.ip", "remote.ip")
Door = Callable[[str, int], str]


def by_age(objects: Sequence[Obj]) -> list[Obj]:
    """Return objects oldest first; of one second by name, then namespace."""
    return sorted(
        objects,
        key=lambda obj: (
            text(obj, "metadata.creationTimestamp"),
            name_of(obj),
            namespace_of(obj),
        ),
    )


def is_exported(obj: Obj, namespace: str) -> bool:
    """Whether proxies of a namespace see a configuration object: its exportTo."""
    said = words(obj, "spec.exportTo")
    own = namespace_of(obj)
    return not said or any(
        word == "*" or word == namespace or (word == "." and own == namespace) for word in said
    )


def _gateway_identities(pods: Sequence[Obj]) -> Iterator[tuple[str, str]]:
    for pod in pods:
        ip, account = text(pod, "status.podIP"), text(pod, "spec.serviceAccountName", "default")
        if ip and any("router" in words(each, "args") for each in items(pod, "spec.containers")):
            yield ip, spiffe(namespace_of(pod), account)


def _is_of_tcp(rule: Obj) -> bool:
    policy = table(rule, "spec.trafficPolicy")
    return any(
        table(each, "connectionPool.tcp") or table(each, "loadBalancer.consistentHash")
        for each in (policy, *items(policy, "portLevelSettings"))
    )


@lru_cache(maxsize=4)
def _settings(written: str) -> Obj:
    """Return the mesh's settings, read once: YAML takes longer than the rest of a look."""
    try:
        read = yaml.safe_load(written)
    except yaml.YAMLError:
        return {}
    return read if isinstance(read, dict) else {}


def authorizers(store: Store) -> frozenset[str]:
    """Return the names of the mesh's external authorizers."""
    written = text(store.get("configmaps", "istio", ROOT), "data.mesh", "{}")
    providers = items(_settings(written), "extensionProviders")
    kinds = ("envoyExtAuthzHttp", "envoyExtAuthzGrpc")
    return frozenset(text(each, "name") for each in providers if any(each.get(k) for k in kinds))


@dataclass(frozen=True)
class Mesh:
    """Everything, by kind, oldest first. `door(ip, port)` is the socket of an address, or ""."""

    services: Sequence[Service]
    virtual_services: Sequence[Obj]
    destination_rules: Sequence[Obj]
    gateways: Sequence[Obj]
    peer_authentications: Sequence[Obj]
    authorization_policies: Sequence[Obj]
    door: Door
    settings: Obj = field(default_factory=dict)
    secrets: Mapping[tuple[str, str], Obj] = field(default_factory=dict)
    telemetries: Sequence[Obj] = ()
    sidecars: Sequence[Obj] = ()
    request_authentications: Sequence[Obj] = ()
    gateway_identities: Sequence[tuple[str, str]] = ()  # address and identity of each gateway

    @classmethod
    def look(cls, store: Store, door: Door) -> "Mesh":
        """Return the mesh as the store has it now."""
        settings = store.get("configmaps", "istio", ROOT)
        pods = store.list("pods")
        own = services(store.list("services"), store.list("endpointslices.discovery.k8s.io"), pods)
        by_host = {service.host: service for service in own}
        return cls(
            [*own, *entries(by_age(store.list(SERVICE_ENTRIES)), pods, by_host)],
            virtual_services=resolved(by_age(store.list(VIRTUAL_SERVICES))),
            destination_rules=by_age(store.list(DESTINATION_RULES)),
            gateways=by_age(store.list(GATEWAYS)),
            peer_authentications=by_age(store.list(PEER_AUTHENTICATIONS)),
            authorization_policies=by_age(store.list(AUTHORIZATION_POLICIES)),
            door=door,
            settings=_settings(text(settings, "data.mesh", "{}")),
            secrets={
                (namespace_of(each), name_of(each)): each
                for each in store.list("secrets")
                if is_credential(each)
            },
            telemetries=by_age(store.list(TELEMETRIES)),
            sidecars=by_age(store.list(SIDECARS)),
            request_authentications=by_age(store.list(REQUEST_AUTHENTICATIONS)),
            gateway_identities=tuple(_gateway_identities(pods)),
        )

    @cached_property
    def by_host(self) -> Mapping[str, Service]:
        """Return the Services by full host."""
        return {service.host: service for service in self.services}

    @cached_property
    def shape(self) -> tuple[object, ...]:
        """Return what of the Services listeners and routes are made from: all but endpoints."""
        return tuple(
            (each.host, each.ip, each.ports, each.selector, each.is_entry, each.external_name)
            for each in self.services
        )

    @cached_property
    def accounts(self) -> tuple[object, ...]:
        """Return what clusters are made from beside it: under which accounts Services run."""
        return tuple((each.accounts(), each.is_external) for each in self.services)

    @cached_property
    def doors(self) -> tuple[object, ...]:
        """Return what endpoints are made from: every endpoint, and the socket that leads to it."""
        return tuple(
            (name, each, self.door(each.ip, each.port))
            for service in self.services
            for name, endpoints in service.endpoints.items()
            for each in endpoints
        )

    @property
    def allows_any(self) -> bool:
        """Whether what no Service is for may be asked for from inside the mesh."""
        return text(self.settings, "outboundTrafficPolicy.mode", "ALLOW_ANY") == "ALLOW_ANY"

    @property
    def has_access_log(self) -> bool:
        """Whether proxies log each request to standard output."""
        return text(self.settings, "accessLogFile") == "/dev/stdout"

    @property
    def has_auto_mtls(self) -> bool:
        """Whether clients use mutual TLS by themselves where the other side takes it."""
        return self.settings.get("enableAutoMtls") is not False

    @cached_property
    def _routes_by_host(self) -> Mapping[str, Sequence[Obj]]:
        found: dict[str, list[Obj]] = {}
        for each in self.virtual_services:
            gateways = words(each, "spec.gateways") or ["mesh"]
            if "mesh" in gateways:
                for host in words(each, "spec.hosts"):
                    found.setdefault(full(host, namespace_of(each)), []).append(each)
        return found

    @cached_property
    def layer4(self) -> tuple[Obj, ...]:
        """Return what listeners are made from beside Services: routes and rules of connections."""
        routes = (
            each
            for each in self.virtual_services
            if items(each, "spec.tcp") or items(each, "spec.tls")
        )
        return (*routes, *(each for each in self.destination_rules if _is_of_tcp(each)))

    @cached_property
    def asks_addresses(self) -> bool:
        """Whether a policy is about callers' addresses, so that proxies have to tell them."""
        return any(
            any(words(each, f"source.{name}") for each in items(rule, "from") for name in BLOCKS)
            or any(text(when, "key") in ADDRESSES for when in items(rule, "when"))
            for policy in self.authorization_policies
            for rule in items(policy, "spec.rules")
        )

    @cached_property
    def asks_labels(self) -> bool:
        """Whether a route of a VirtualService is for callers of some labels alone."""
        return any(
            "sourceLabels" in match
            for each in self.virtual_services
            for form in ("http", "tls", "tcp")
            for route in items(each, f"spec.{form}")
            for match in items(route, "match")
        )

    def routed_hosts(self, namespace: str) -> dict[str, Obj]:
        """Return which VirtualService a sidecar of a namespace obeys, by host: the oldest."""
        chosen = {}
        for host, candidates in self._routes_by_host.items():
            seen = [each for each in candidates if is_exported(each, namespace)]
            if seen:
                chosen[host] = seen[0]
        return chosen

    def rule(self, host: str, namespace: str) -> Rule:
        """Return the DestinationRule in force for a host, seen from a namespace, merged."""
        service = self.by_host.get(host)
        owner = service.namespace if service else ""
        for place in dict.fromkeys((namespace if namespace != ROOT else "", owner, ROOT)):
            found = self._rules_in(place, host, namespace) if place else []
            if found:
                return Rule.merged(found)
        return Rule({}, "", "")

    def _rules_in(self, place: str, host: str, namespace: str) -> list[Obj]:
        fitting = [
            each
            for each in self.destination_rules
            if namespace_of(each) == place
            and is_exported(each, namespace)
            and covers(full(text(each, "spec.host"), place), host)
            and not table(each, "spec.workloadSelector")
        ]
        if not fitting:
            return []
        hosts = [full(text(each, "spec.host"), place) for each in fitting]
        best = max(hosts, key=lambda pattern: ("*" not in pattern, len(pattern)))
        return [each for each, pattern in zip(fitting, hosts, strict=True) if pattern == best]
