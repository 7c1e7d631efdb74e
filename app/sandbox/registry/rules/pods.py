"""Rules of a pod's spec, as a Pod and as a template hold it."""

import re
from collections.abc import Iterator

from app.sandbox.objects import Json, Obj, at, items, number, table, text
from app.sandbox.registry.causes import barred, required, twice, unsupported, wrong
from app.sandbox.registry.names import key_faults, label_faults, subdomain_faults
from app.sandbox.registry.rules.environment import environment_causes
from app.sandbox.registry.rules.resources import resource_causes
from app.sandbox.registry.rules.volumes import mount_causes, volume_causes
from app.sandbox.status import Cause

PORT_RULE = "must be between 1 and 65535, inclusive"
POLICIES = ("Always", "OnFailure", "Never")
PULLS = ("Always", "IfNotPresent", "Never")
PROTOCOLS = ("SCTP", "TCP", "UDP")
DNS = ("ClusterFirstWithHostNet", "ClusterFirst", "Default", "None")
KEYLESS_RULE = (
    'operator must be Exists when `key` is empty, which means "match all values and all keys"'
)
HANDLERS = ("exec", "grpc", "httpGet", "tcpSocket")
HOOKS = ("exec", "httpGet", "sleep", "tcpSocket")
PROBES = ("livenessProbe", "readinessProbe", "startupProbe")
PORT_NAME = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?")


def spec_causes(spec: Obj, field: str) -> Iterator[Cause]:
    """Yield what is wrong in a pod's spec; `field` is its path."""
    if not items(spec, "containers"):
        yield required(f"{field}.containers")
    volumes = {text(one, "name") for one in items(spec, "volumes")}
    yield from volume_causes(spec, f"{field}.volumes")
    names: set[str] = set()
    for part in ("containers", "initContainers"):
        for place, container in enumerate(items(spec, part)):
            here = f"{field}.{part}[{place}]"
            yield from _name_causes(container, here, names)
            yield from _container_causes(container, here, volumes)
            policy = text(container, "restartPolicy", "Always")
            if part == "initContainers" and policy not in POLICIES:
                known = ("Always", "Never", "OnFailure")
                yield unsupported(f"{here}.restartPolicy", policy, known)
            if part == "initContainers" and text(container, "restartPolicy") != "Always":
                for probe in (*PROBES, "lifecycle"):
                    if probe in container:
                        said = "may not be set for init containers without restartPolicy=Always"
                        yield barred(f"{here}.{probe}", said)
    if text(spec, "restartPolicy", "Always") not in POLICIES:
        yield unsupported(f"{field}.restartPolicy", spec.get("restartPolicy"), POLICIES)
    if text(spec, "dnsPolicy", "ClusterFirst") not in DNS:
        yield unsupported(f"{field}.dnsPolicy", spec.get("dnsPolicy"), DNS)
    for key in ("serviceAccountName", "nodeName"):
        named = text(spec, key)
        faults = subdomain_faults(named) if named else []
        yield from (wrong(f"{field}.{key}", named, fault) for fault in faults)
    yield from _toleration_causes(spec, f"{field}.tolerations")


def _toleration_causes(spec: Obj, field: str) -> Iterator[Cause]:
    for place, toleration in enumerate(items(spec, "tolerations")):
        operator, here = text(toleration, "operator"), f"{field}[{place}].operator"
        key = text(toleration, "key")
        faults = key_faults(key) if key else []
        yield from (wrong(f"{field}[{place}].key", key, fault) for fault in faults)
        if not key and operator != "Exists":
            yield wrong(here, operator, KEYLESS_RULE)
        if operator not in ("", "Equal", "Exists"):
            yield unsupported(here, operator, ("Equal", "Exists"))


def _name_causes(container: Obj, field: str, names: set[str]) -> Iterator[Cause]:
    name = text(container, "name")
    if not name:
        yield required(f"{field}.name")
    elif faults := label_faults(name):
        yield from (wrong(f"{field}.name", name, fault) for fault in faults)
    elif name in names:
        yield twice(f"{field}.name", name)
    names.add(name)


def _container_causes(container: Obj, field: str, volumes: set[str]) -> Iterator[Cause]:
    image = text(container, "image")
    if not image:
        yield required(f"{field}.image")
    elif image != image.strip() and not field.startswith("spec.template"):
        yield wrong(f"{field}.image", image, "must not have leading or trailing whitespace")
    yield from _port_causes(container, f"{field}.ports")
    yield from environment_causes(container, field)
    yield from mount_causes(container, f"{field}.volumeMounts", volumes)
    if text(container, "imagePullPolicy") not in PULLS:
        yield unsupported(f"{field}.imagePullPolicy", container.get("imagePullPolicy"), PULLS)
    yield from resource_causes(table(container, "resources"), f"{field}.resources")
    for probe in PROBES:
        if isinstance(container.get(probe), dict):
            yield from _probe_causes(table(container, probe), f"{field}.{probe}")
    for hook in ("postStart", "preStop"):
        given = at(container, f"lifecycle.{hook}")
        if isinstance(given, dict) and not any(given.get(key) for key in HOOKS):
            yield required(f"{field}.lifecycle.{hook}", "must specify a handler type")
    user = at(container, "securityContext.runAsUser")
    if isinstance(user, int) and not 0 <= user < 2**31:
        said = "must be between 0 and 2147483647, inclusive"
        yield wrong(f"{field}.securityContext.runAsUser", user, said)


def _port_causes(container: Obj, field: str) -> Iterator[Cause]:
    names: set[str] = set()
    for place, port in enumerate(items(container, "ports")):
        here = f"{field}[{place}]"
        name = text(port, "name")
        if name:
            yield from port_name_causes(name, f"{here}.name")
            if name in names:
                yield twice(f"{here}.name", name)
            names.add(name)
        if not port.get("containerPort"):
            yield required(f"{here}.containerPort")
        elif not 0 < number(port, "containerPort") < 65536:
            yield wrong(f"{here}.containerPort", port["containerPort"], PORT_RULE)
        host = number(port, "hostPort")
        if host and not 0 < host < 65536:
            yield wrong(f"{here}.hostPort", host, PORT_RULE)
        if text(port, "protocol") not in PROTOCOLS:
            yield unsupported(f"{here}.protocol", port.get("protocol"), PROTOCOLS)


def port_name_causes(name: str, field: str) -> Iterator[Cause]:
    """Yield what is wrong with a port's name, as a container has it."""
    if len(name) > 15:
        yield wrong(field, name, "must be no more than 15 characters")
    if not PORT_NAME.fullmatch(name):
        yield wrong(
            field, name, "must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)"
        )
    if not re.search("[a-z]", name):
        yield wrong(field, name, "must contain at least one letter (a-z)")
    if "--" in name:
        yield wrong(field, name, "must not contain consecutive hyphens")


def _probe_causes(probe: Obj, field: str) -> Iterator[Cause]:
    given = [key for key in HANDLERS if isinstance(probe.get(key), dict)]
    if not given:
        yield required(field, "must specify a handler type")
    for extra in given[1:]:
        yield barred(f"{field}.{extra}", "may not specify more than 1 handler type")
    if isinstance(probe.get("exec"), dict) and not table(probe, "exec").get("command"):
        yield required(f"{field}.exec.command")
    for key in ("httpGet", "tcpSocket"):
        if isinstance(probe.get(key), dict):
            yield from target_causes(table(probe, key).get("port"), f"{field}.{key}.port")
    for key in ("initialDelaySeconds", "timeoutSeconds", "periodSeconds", "failureThreshold"):
        if number(probe, key) < 0:
            yield wrong(f"{field}.{key}", probe[key], "must be greater than or equal to 0")
    if not field.endswith("readinessProbe") and number(probe, "successThreshold", 1) != 1:
        yield wrong(f"{field}.successThreshold", probe["successThreshold"], "must be 1")


def target_causes(port: Json, field: str) -> Iterator[Cause]:
    """Yield what is wrong with a port that is a number or a name."""
    if isinstance(port, str):
        yield from port_name_causes(port, field)
    elif not isinstance(port, int) or not 0 < port < 65536:
        yield wrong(field, port or 0, PORT_RULE)
