"""`istioctl x describe pod` and `service`."""

from collections.abc import Sequence
from typing import Final

import yaml

from app.sandbox.istioctl.admin import ask
from app.sandbox.istioctl.analyze.labels import matches
from app.sandbox.istioctl.describe.naming import (
    RULE,
    Scene,
    destination_rule_of,
    subsets,
    virtual_service_of,
)
from app.sandbox.istioctl.describe.pods import pod_lines, service_lines
from app.sandbox.istioctl.describe.policies import (
    DESTINATIONS,
    RULES,
    ingress_lines,
    peer_lines,
    running_ingress,
)
from app.sandbox.istioctl.describe.rules import destination_rule_lines, virtual_service_lines
from app.sandbox.istioctl.lab import Around
from app.sandbox.istioctl.line.command import Call, Command
from app.sandbox.istioctl.line.failure import Failure
from app.sandbox.istioctl.line.flags import Flag
from app.sandbox.istioctl.line.usage import help_of, usage_of
from app.sandbox.istioctl.pods import PodName
from app.sandbox.istioctl.proxy_config.dump import Dump
from app.sandbox.objects import (
    Obj,
    items,
    labels_of,
    name_of,
    namespace_of,
    number,
    strings,
    table,
    text,
)

PROXY: Final = "istio-proxy"


def _scene(call: Call[Around]) -> Scene:
    asked = call.flags.text("namespace") or call.context.request.namespace
    return Scene(call.context.lab.store, asked, call.flags.text("istioNamespace"))


def _say(call: Call[Around], line: str) -> None:
    call.context.terminal.out(f"{line}\n")


def _found(call: Call[Around], scene: Scene, resource: str) -> Obj:
    name, dot, namespace = call.words[0].rpartition(".")
    name, namespace = (name, namespace) if dot else (call.words[0], scene.namespace)
    found = scene.store.get(resource, name, namespace)
    if found is None:
        raise Failure(f'{resource} "{name}" not found')
    return found


async def run_pod(call: Call[Around]) -> int:
    """Describe a pod: itself, its Services, the rules and the policies that apply."""
    if len(call.words) != 1:
        raise Failure("expecting pod name")
    scene, is_quiet = _scene(call), call.flags.is_on("ignoreUnmeshed")
    pod = _found(call, scene, "pods")
    for line in pod_lines(scene, pod, is_quiet=is_quiet):
        _say(call, line)
    labels = labels_of(pod)
    services = [
        service
        for service in scene.store.list("services", namespace_of(pod))
        if strings(service, "spec.selector") and matches(strings(service, "spec.selector"), labels)
    ]
    if not services and not is_quiet:
        where = "https://istio.io/docs/setup/kubernetes/additional-setup/requirements/"
        _say(
            call,
            f"Warning: No Kubernetes Services select pod {scene.named(pod)} (see {where} )",
        )
    _say(call, RULE)
    await _services(call, scene, pod, services, [labels])
    _say(call, RULE)
    for line in peer_lines(scene, namespace_of(pod), labels, _root(scene)):
        _say(call, line)
    await _ingress(call, scene, services, [labels])
    return 0


def _root(scene: Scene) -> str:
    """Return the mesh's root namespace. Raises: Failure where the mesh has no configuration."""
    found = scene.store.get("configmaps", "istio", scene.istio_namespace)
    if found is None:
        said = f'could not read configmap "istio" from namespace "{scene.istio_namespace}"'
        missing = 'configmaps "istio" not found'
        raise Failure(f"failed to fetch mesh config: {said}: {missing}")
    mesh = yaml.safe_load(text(table(found, "data"), "mesh") or "{}")
    return text(mesh, "rootNamespace", "istio-system")


async def _services(
    call: Call[Around],
    scene: Scene,
    pod: Obj,
    services: Sequence[Obj],
    pods: Sequence[dict[str, str]],
) -> None:
    try:
        dump = Dump(await ask(call, PodName(name_of(pod), namespace_of(pod)), "/config_dump"))
    except Failure as failure:
        if call.flags.is_on("ignoreUnmeshed"):
            return
        raise Failure(f"failed to execute command on sidecar: {failure.message}") from failure
    for row, service in enumerate(services):
        if row:
            _say(call, RULE)
        for line in service_lines(scene, service, pod):
            _say(call, line)
        ports = items(service, "spec.ports")
        for port in ports:
            if len(ports) > 1:
                _say(call, f"{number(port, 'port')}:")
            indent = "   " if len(ports) > 1 else ""
            _rules(call, scene, dump, (service, number(port, "port")), pods, indent)


def _rules(
    call: Call[Around],
    scene: Scene,
    dump: Dump,
    of: tuple[Obj, int],
    pods: Sequence[dict[str, str]],
    indent: str,
) -> None:
    service, port = of
    named = destination_rule_of(dump, service, port)
    rule = scene.store.get(DESTINATIONS, named[1], named[0]) if named else None
    stale = "WARNING: Proxy is stale; it references to non-existent"
    if rule is not None:
        for line in destination_rule_lines(scene, rule, pods, indent):
            _say(call, line)
    elif named:
        _say(call, f"{stale} destination rule {named[1]}.{named[0]}")
    wanted = virtual_service_of(dump, service, port)
    routing = scene.store.get(RULES, wanted[1], wanted[0]) if wanted else None
    if routing is not None:
        found = subsets(rule, pods)
        for line in virtual_service_lines(scene, routing, service, found, rule, indent):
            _say(call, line)
    elif wanted:
        _say(call, f"{stale} virtual service {wanted[1]}.{wanted[0]}")


async def _ingress(
    call: Call[Around],
    scene: Scene,
    services: Sequence[Obj],
    pods: Sequence[dict[str, str]],
) -> None:
    gateways = running_ingress(scene)
    if not gateways:
        _say(call, "Skipping Gateway information (no ingress gateway pods)")
        return
    for gateway in gateways:
        name = PodName(name_of(gateway), namespace_of(gateway))
        try:
            dump = Dump(await ask(call, name, "/config_dump"))
        except Failure as failure:
            said = f"failed to execute command on ingress gateway sidecar: {failure.message}"
            raise Failure(said) from failure
        for line in ingress_lines(scene, dump, gateways, services, pods):
            _say(call, line)


async def run_service(call: Call[Around]) -> int:
    """Describe a Service, from the proxy of the first of its pods."""
    if len(call.words) != 1:
        call.context.terminal.err(f"{usage_of(call.found)}\n")
        raise Failure("expecting service name")
    scene = _scene(call)
    service = _found(call, scene, "services")
    selector = strings(service, "spec.selector")
    selected = [
        pod
        for pod in scene.store.list("pods", namespace_of(service))
        if selector and matches(selector, labels_of(pod))
    ]
    meshed = [pod for pod in selected if _is_told_of(call, scene, pod)]
    if not selected:
        _say(call, f'Service "{scene.named(service)}" has no pods.')
        return 0
    if not meshed:
        count = f"({len(selected)} pods in service)"
        _say(call, f'Service "{scene.named(service)}" has no Istio pods.  {count}.')
        _say(call, "Use `istioctl kube-inject` or redeploy with Istio automatic sidecar injection.")
        return 0
    labels = [labels_of(pod) for pod in meshed]
    await _services(call, scene, meshed[0], [service], labels)
    await _ingress(call, scene, [service], labels)
    return 0


def _is_told_of(call: Call[Around], scene: Scene, pod: Obj) -> bool:
    """Whether a pod runs with a ready sidecar; says what is wrong where it does not."""
    phase = text(pod, "status.phase")
    if phase != "Running":
        _say(call, f"   Pod is not Running ({phase})")
        return False
    fields = ("containerStatuses", "initContainerStatuses")
    statuses = [each for field in fields for each in items(pod, f"status.{field}")]
    own = next((each for each in statuses if text(each, "name") == PROXY), None)
    if own is None:
        _say(call, f'Pod {scene.named(pod)}: no container "{PROXY}" in pod')
    elif own.get("ready") is not True:
        _say(call, f"WARNING: Pod {scene.named(pod)} Container {PROXY} NOT READY")
    return own is not None and own.get("ready") is True


async def run_group(call: Call[Around]) -> int:
    """Print the help."""
    call.context.terminal.out(help_of(call.found))
    return 0


FLAGS: Final = (
    Flag("ignoreUnmeshed", "Suppress warnings for unmeshed pods", "", "bool", "false"),
    Flag("proxy-admin-port", "Envoy proxy admin port", "", "int", "15000"),
)
COMMAND: Final[Command[Around]] = Command(
    "describe",
    "Describe resource and related Istio configuration",
    run_group,
    aliases=("des",),
    unknown="unknown resource type",
    commands=(
        Command(
            "pod",
            "Describe pods and their Istio configuration [kube-only]",
            run_pod,
            FLAGS,
            aliases=("po",),
            usage="pod <pod-name>[.<namespace>]",
        ),
        Command(
            "service",
            "Describe services and their Istio configuration [kube-only]",
            run_service,
            FLAGS,
            aliases=("svc",),
            usage="service <svc-name>[.<namespace>]",
        ),
    ),
)
