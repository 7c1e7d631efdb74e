"""`istioctl proxy-status`: which proxies the control plane has, and whether they are up to date."""

import json
import re
from datetime import UTC
from typing import Final

from app.sandbox.istioctl.admin import ask, number_of
from app.sandbox.istioctl.documents import document
from app.sandbox.istioctl.lab import VERSION, Around
from app.sandbox.istioctl.line.command import Call, Command
from app.sandbox.istioctl.line.failure import Failure, not_here
from app.sandbox.istioctl.line.flags import Flag
from app.sandbox.istioctl.line.table import tabulated
from app.sandbox.istioctl.pods import PodName, pod_of
from app.sandbox.istioctl.proxy_config.dump import Dump
from app.sandbox.istiod.debug import Proxy
from app.sandbox.objects import Obj, items, labels_of, name_of, parse_stamp, text

TYPES: Final = {
    "CDS": "type.googleapis.com/envoy.config.cluster.v3.Cluster",
    "LDS": "type.googleapis.com/envoy.config.listener.v3.Listener",
    "EDS": "type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment",
    "RDS": "type.googleapis.com/envoy.config.route.v3.RouteConfiguration",
}
EXTENSIONS: Final = "type.googleapis.com/envoy.config.core.v3.TypedExtensionConfig"
NO_DIFFERENCE: Final = (
    "The sandbox's istioctl does not show the difference. What the proxy has:\n"
    "  istioctl proxy-config {kind} {pod} -o json\n"
)
DIFFED: Final = (("Clusters", "CDS"), ("Listeners", "LDS"), ("Routes", "RDS"))


async def run(call: Call[Around]) -> int:
    """Print a row for each proxy; with a pod, whether its Envoy has what was pushed."""
    number_of(call)
    if call.words:
        return await _one(call, pod_of(call, call.words[0]))
    found = await _connected(call)
    namespace, form = call.flags.text("namespace"), call.flags.text("output")
    shown = [proxy for proxy in found if namespace in ("", proxy.namespace)]
    if form == "table":
        told = _every_type(shown) if call.flags.number("verbosity") else _rows(shown)
    elif form == "json":
        told = _as_json(_response(call, shown)) + "\n"
    elif form == "yaml":
        told = document(_response(call, shown)) + "\n"
    else:
        raise Failure(f'output format "{form}" not supported')
    call.context.terminal.out(told)
    return 0


def _name(proxy: Proxy) -> str:
    return f"{proxy.pod}.{proxy.namespace}"


def _needs_control_plane(call: Call[Around]) -> None:
    namespace = call.flags.text("istioNamespace")
    for pod in call.context.lab.store.list("pods", namespace):
        labels = labels_of(pod)
        is_meant = call.flags.text("revision") in ("", labels.get("istio.io/rev"))
        is_running = text(pod, "status.phase") == "Running"
        if labels.get("app") == "istiod" and is_meant and is_running:
            return
    raise Failure(f'no running Istio pods in "{namespace}"')


def _rows(proxies: list[Proxy]) -> str:
    rows = [["NAME", "CLUSTER", "ISTIOD", "VERSION", "SUBSCRIBED TYPES"]]
    for proxy in proxies:
        types = [name for name in TYPES if name in proxy.types]
        told = f"{len(types)} ({','.join(types)})"
        rows.append([_name(proxy), proxy.cluster, proxy.istiod, proxy.version, told])
    return tabulated(rows)


def _every_type(proxies: list[Proxy]) -> str:
    order = sorted([*TYPES, "ECDS"], key=lambda name: TYPES.get(name, EXTENSIONS))
    rows = [["NAME", "CLUSTER", *order, "ISTIOD", "VERSION"]]
    for proxy in proxies:
        states = [_told(proxy.types.get(name, "IGNORED")) for name in order]
        rows.append([_name(proxy), proxy.cluster, *states, proxy.istiod, proxy.version])
    return tabulated(rows)


def _told(state: str) -> str:
    """Return a state as istioctl words it."""
    return "ERROR" if state == "NACKED" else state


def _response(call: Call[Around], proxies: list[Proxy]) -> Obj:
    """Return what istiod answers when it is asked for the state of its proxies."""
    istiods = {proxy.istiod for proxy in proxies} or {
        name_of(pod)
        for pod in call.context.lab.store.list("pods", call.flags.text("istioNamespace"))
        if labels_of(pod).get("app") == "istiod"
    }
    identifier = {"Component": "istiod", "ID": min(istiods), "Info": {"version": VERSION}}
    return {
        **({"resources": [_client(proxy) for proxy in proxies]} if proxies else {}),
        "typeUrl": "istio.io/debug/syncz",
        "controlPlane": {"identifier": json.dumps(identifier, separators=(",", ":"))},
    }


def _as_json(response: Obj) -> str:
    """Return JSON as Go prints it of protobuf, where a Struct is indented once more."""
    struct = re.compile(r'^( +"metadata": \{\n)((?:.*\n)*?)( +\})', re.M)

    def deeper(found: re.Match[str]) -> str:
        return found[1] + re.sub(r"^", "    ", found[2] + found[3], flags=re.M)

    return struct.sub(deeper, json.dumps(response, indent=4))


def _client(proxy: Proxy) -> Obj:
    metadata: Obj = {
        "CLUSTER_ID": proxy.cluster,
        "ISTIO_VERSION": proxy.version,
        "NAMESPACE": proxy.namespace,
    }
    return {
        "@type": "type.googleapis.com/envoy.service.status.v3.ClientConfig",
        "node": {"id": _name(proxy), "metadata": metadata},
        "genericXdsConfigs": [
            {"typeUrl": TYPES[name], "configStatus": _told(proxy.types[name])}
            for name in sorted(TYPES, key=lambda each: TYPES[each])
            if name in proxy.types
        ],
    }


async def _connected(call: Call[Around]) -> list[Proxy]:
    _needs_control_plane(call)
    return sorted(await call.context.lab.mesh.connected(), key=_name)


async def _one(call: Call[Around], pod: PodName) -> int:
    file = call.flags.text("file")
    content = call.context.request.files.get(file)
    if file and content is None:
        raise Failure(f"could not contact sidecar: open {file}: no such file or directory")
    if content is not None:
        raise not_here("The flag --file")
    try:
        dump = Dump(await ask(call, pod, "/config_dump"))
    except Failure as failure:
        raise Failure(f"could not contact sidecar: {failure.message}") from failure
    proxies = await _connected(call)
    proxy = next((p for p in proxies if (p.pod, p.namespace) == (pod.name, pod.namespace)), None)
    if proxy is None:
        raise Failure("unable to find config dump in Istiod responses")
    for what, kind in DIFFED:
        same = "Match" if proxy.types.get(kind, "SYNCED") == "SYNCED" else "Don't Match"
        loaded = _last_loaded(dump) if kind == "RDS" else ""
        call.context.terminal.out(f"{what} {same}{loaded}\n")
        if same != "Match":
            call.context.terminal.err(NO_DIFFERENCE.format(kind=what.lower(), pod=pod))
    return 0


def _last_loaded(dump: Dump) -> str:
    """Return when the proxy last took routes, as its dump says it; empty where it took none."""
    part = dump.part("RoutesConfigDump")
    times = [text(each, "last_updated") for each in items(part, "dynamic_route_configs")]
    known = [parse_stamp(re.sub(r"\.\d+", "", time)) for time in times if time]
    if not known:
        return ""
    return f" (RDS last loaded at {max(known).astimezone(UTC):%a, %d %b %Y %H:%M:%S} UTC)"


XDS: Final = (
    Flag("authority", "How istiod's certificate names it", is_refused=True),
    Flag("cert-dir", "A folder of certificates", is_refused=True),
    Flag("insecure", "Do not verify istiod", "", "bool", "false", is_refused=True),
    Flag("plaintext", "Ask istiod without TLS", "", "bool", "false", is_refused=True),
    Flag("xds-address", "Where istiod is", is_refused=True),
    Flag("xds-label", "Which pods are istiod", is_refused=True),
    Flag("xds-port", "Istiod's port", "", "int", "15012", is_refused=True),
)
COMMAND: Final[Command[Around]] = Command(
    "proxy-status",
    "Retrieves the synchronization status of each Envoy in the mesh",
    run,
    (
        *XDS,
        Flag("file", "Envoy config dump JSON file"),
        Flag("output", "Output format: one of json|yaml|table", "o", default="table"),
        Flag("proxy-admin-port", "Envoy proxy admin port", "", "int", "15000"),
        Flag("revision", "Control plane revision", "r"),
        Flag("timeout", "How long to wait before failing", "", "duration", "30s"),
        Flag("verbosity", "1 shows every type with its state", "v", "int", "0"),
    ),
    aliases=("ps",),
    usage="proxy-status [<type>/]<name>[.<namespace>]",
    long="Retrieves last sent and last acknowledged xDS sync from Istiod to each Envoy in the mesh",
    examples=(
        "# Every Envoy in the mesh",
        "istioctl proxy-status",
        "",
        "# Those of one namespace",
        "istioctl proxy-status --namespace foo",
    ),
)
