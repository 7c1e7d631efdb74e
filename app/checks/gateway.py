"""gateway: a gateway answers for its host, through a VirtualService bound to it, for no other."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from app.checks.asking import ask_once
from app.checks.backends import ready
from app.checks.inforce import covers, full_name, oldest_first
from app.checks.kind import Context, Kind, Params
from app.checks.result import Evidence, Finding, failed, passed
from app.checks.scene import destinations
from app.checks.synced import no_probe, until
from app.clusters.cluster import Cluster, PodRef
from app.clusters.objects import Object, matches


class GatewayParams(Params):
    """`gateway` in `namespace` must answer for `host` and give 404 for `other_host`.

    `entry`: the Service in front of the gateway's pods, as `name.namespace`.
    """

    namespace: str
    gateway: str
    host: str
    other_host: str = "other.example.com"
    port: int = 80
    entry: str = "istio-ingressgateway.istio-system"
    body: str = ""


@dataclass(frozen=True)
class Facts:
    """The objects that a gateway's answer depends on."""

    gateways: Sequence[Object]
    virtual_services: Sequence[Object]
    services: Sequence[Object]
    pods: Sequence[Object]

    def gateway(self, params: GatewayParams) -> Object | None:
        """Return the Gateway that is asked for."""
        wanted = (params.gateway, params.namespace)
        return next((g for g in self.gateways if (g.name, g.namespace) == wanted), None)

    def entry(self, params: GatewayParams) -> Object | None:
        """Return the Service through which requests come to the gateway."""
        name, _dot, namespace = params.entry.partition(".")
        wanted = (name, namespace)
        return next((s for s in self.services if (s.name, s.namespace) == wanted), None)

    def running(self, gateway: Object, params: GatewayParams) -> list[Object]:
        """Return the ready pods behind the entry that the Gateway's selector means."""
        service, selector = self.entry(params), gateway.strings("spec.selector")
        behind = ready(self.pods, service) if service else []
        return [pod for pod in behind if matches(selector, pod.labels)]


Problem = tuple[str, str]  # reason, message


async def check(context: Context, params: GatewayParams) -> Finding:
    """Judge the objects first; then ask the gateway for its host and for another."""
    pod = context.outside or context.inside
    if pod is None:
        return no_probe()
    facts = await _facts(context.cluster)
    gateway = facts.gateway(params)
    problem = _no_gateway(facts, params) or _unfit(facts, params)
    look = f"kubectl get gateways.networking.istio.io,virtualservices -n {params.namespace} -o yaml"
    if problem is not None or gateway is None:
        reason, text = problem or ("no-gateway", "")
        return failed(reason, text, look=look)
    service = facts.entry(params)
    ports = [part.number("port") for part in service.parts("spec.ports")] if service else []
    if service is None or params.port not in ports:
        text = f"{gateway.name} listens on {params.port}; {params.entry} has no such port."
        return failed("wrong-port", text, look=look)
    address = f"http://{full_name(service.name, service.namespace)}:{params.port}/"
    return await _traffic(context, pod, address, params)


async def _facts(cluster: Cluster) -> Facts:
    return Facts(
        *await asyncio.gather(
            cluster.list("Gateway"),
            cluster.list("VirtualService"),
            cluster.list("Service"),
            cluster.list("Pod"),
        )
    )


def _no_gateway(facts: Facts, params: GatewayParams) -> Problem | None:
    if facts.gateway(params) is not None:
        return None
    elsewhere = [g.namespace for g in facts.gateways if g.name == params.gateway]
    seen = f"; one is in {', '.join(elsewhere)}" if elsewhere else ""
    return "no-gateway", f"There is no Gateway {params.gateway} in {params.namespace}{seen}."


def _unfit(facts: Facts, params: GatewayParams) -> Problem | None:
    gateway = facts.gateway(params)
    if gateway is None:
        return None
    if not facts.running(gateway, params):
        selector = ", ".join(f"{k}={v}" for k, v in gateway.strings("spec.selector").items())
        return "wrong-selector", (
            f"{gateway.name} selects {selector or 'nothing'}; no ready gateway pod behind "
            f"{params.entry} carries that label."
        )
    servers = [s for s in gateway.parts("spec.servers") if s.number("port.number") == params.port]
    if not servers:
        ports = [s.text("port.number") for s in gateway.parts("spec.servers")]
        return "wrong-port", (
            f"{gateway.name} listens on {', '.join(ports) or 'no port'}; expected was "
            f"{params.port}."
        )
    hosts = [host.rpartition("/")[2] for server in servers for host in server.texts("hosts")]
    if not any(covers(host, params.host) for host in hosts):
        return "wrong-host", (
            f"{gateway.name} takes requests for {', '.join(hosts) or 'no host'} on port "
            f"{params.port}; expected was {params.host}."
        )
    return _unbound(facts, gateway, params)


def _unbound(facts: Facts, gateway: Object, params: GatewayParams) -> Problem | None:
    speaking = [
        each
        for each in oldest_first(facts.virtual_services)
        if any(covers(host, params.host) for host in each.texts("spec.hosts"))
    ]
    if not speaking:
        return "no-virtualservice", (
            f"{gateway.name} takes requests for {params.host}, but no VirtualService has that "
            "host: the gateway knows no way for them."
        )
    bound = [each for each in speaking if _is_bound(each, gateway)]
    if not bound:
        names = ", ".join(speaking[0].texts("spec.gateways")) or "no gateway: the mesh alone"
        return "not-bound", (
            f"{speaking[0].name} has the host {params.host}, but is bound to {names}; expected "
            f"was {gateway.name}."
        )
    return _wrong_destination(facts, bound[0])


def _is_bound(virtual_service: Object, gateway: Object) -> bool:
    names = {
        name if "/" in name else f"{virtual_service.namespace}/{name}"
        for name in virtual_service.texts("spec.gateways")
    }
    return f"{gateway.namespace}/{gateway.name}" in names


def _wrong_destination(facts: Facts, virtual_service: Object) -> Problem | None:
    known = {full_name(service.name, service.namespace): service for service in facts.services}
    for target in destinations(virtual_service):
        short, port = target.text("destination.host"), target.number("destination.port.number")
        service = known.get(full_name(short, virtual_service.namespace))
        if service is None:
            return "wrong-destination", (
                f"{virtual_service.name} sends to {short}, which in {virtual_service.namespace} "
                f"means {full_name(short, virtual_service.namespace)}: there is no such Service."
            )
        ports = [part.number("port") for part in service.parts("spec.ports")]
        if port is not None and port not in ports:
            return "wrong-destination", (
                f"{virtual_service.name} sends to port {port:g} of {short}; the Service has "
                f"{', '.join(f'{each:g}' for each in ports if each)}."
            )
        if not ready(facts.pods, service):
            return "wrong-destination", (
                f"{virtual_service.name} sends to {short}, which has no ready pod."
            )
    return None


async def _traffic(context: Context, pod: PodRef, address: str, params: GatewayParams) -> Finding:
    mine, _is_right = await until(
        lambda: ask_once(context.cluster, pod, address, headers={"Host": params.host}),
        lambda reply: reply.status == 200,
        context.patience_s,
    )
    other, _is_404 = await until(
        lambda: ask_once(context.cluster, pod, address, headers={"Host": params.other_host}),
        lambda reply: reply.status == 404,
        context.patience_s,
    )
    evidence = Evidence(
        address, f"Host {params.host}: {mine.told()}\nHost {params.other_host}: {other.told()}"
    )
    look = (
        f"kubectl exec -n {pod.namespace} {pod.pod} -c {pod.container} -- curl -si -H 'Host: "
        f"{params.host}' {address}"
    )
    if mine.status != 200:
        text = f"Asked for {params.host}, the gateway gave {mine.told()}; expected was 200."
        return failed("status", text, evidence, look=look)
    if params.body and params.body not in mine.body:
        text = f"Asked for {params.host}, the gateway answers 200, but without “{params.body}”."
        return failed("wrong-destination", text, evidence, look=look)
    if other.status != 404:
        text = (
            f"Asked for {params.other_host}, the gateway gave {other.told()}; expected was 404: "
            f"it is to answer for {params.host} alone."
        )
        return failed("answers-everyone", text, evidence, look=look)
    return passed(
        f"The gateway answers for {params.host}, and 404 for {params.other_host}.", evidence
    )


KIND = Kind(
    name="gateway",
    params=GatewayParams,
    check=check,
    reads=("Gateway", "VirtualService", "Service", "Pod"),
    is_cheap=False,
    reasons=(
        "no-gateway",
        "wrong-selector",
        "wrong-host",
        "wrong-port",
        "no-virtualservice",
        "not-bound",
        "wrong-destination",
        "status",
        "answers-everyone",
    ),
)
