"""Rules of a pod's spec, as a Pod and as a template hold it."""

import re
from collections.abc import Iterator

from app.sandbox.objects import Json, Obj, items, number, table, text
from app.sandbox.registry.causes import barred, missing, required, twice, unsupported, wrong
from app.sandbox.registry.names import label_faults
from app.sandbox.status import Cause

PORT_RULE = "must be between 1 and 65535, inclusive"
POLICIES = ("Always", "Never", "OnFailure")
PULLS = ("Always", "IfNotPresent", "Never")
PROTOCOLS = ("SCTP", "TCP", "UDP")
DNS = ("ClusterFirst", "ClusterFirstWithHostNet", "Default", "None")
HANDLERS = ("exec", "grpc", "httpGet", "tcpSocket")
PROBES = ("livenessProbe", "readinessProbe", "startupProbe")
ENV_NAME = re.compile(r"[^=\x00-\x1f\x7f]+")
PORT_NAME = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?")


def spec_causes(spec: Obj, field: str) -> Iterator[Cause]:
    """Yield what is wrong in a pod's spec; `field` is its path."""
    if not items(spec, "containers"):
        yield required(f"{field}.containers")
    volumes = {text(one, "name") for one in items(spec, "volumes")}
    yield from _volume_causes(spec, f"{field}.volumes")
    names: set[str] = set()
    for part in ("initContainers", "containers"):
        for place, container in enumerate(items(spec, part)):
            here = f"{field}.{part}[{place}]"
            yield from _name_causes(container, here, names)
            yield from _container_causes(container, here, volumes)
            if part == "initContainers" and text(container, "restartPolicy") != "Always":
                for probe in (*PROBES, "lifecycle"):
                    if probe in container:
                        said = "may not be set for init containers without restartPolicy=Always"
                        yield barred(f"{here}.{probe}", said)
    if text(spec, "restartPolicy") not in POLICIES:
        yield unsupported(f"{field}.restartPolicy", spec.get("restartPolicy"), POLICIES)
    if text(spec, "dnsPolicy") not in DNS:
        yield unsupported(f"{field}.dnsPolicy", spec.get("dnsPolicy"), DNS)
    if number(spec, "terminationGracePeriodSeconds") < 0:
        said = "must be greater than or equal to 0"
        yield wrong(
            f"{field}.terminationGracePeriodSeconds", spec["terminationGracePeriodSeconds"], said
        )


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
    elif image != image.strip():
        yield wrong(f"{field}.image", image, "must not have leading or trailing whitespace")
    yield from _port_causes(container, f"{field}.ports")
    for place, variable in enumerate(items(container, "env")):
        name = text(variable, "name")
        if not name:
            yield required(f"{field}.env[{place}].name")
        elif not ENV_NAME.fullmatch(name):
            yield wrong(
                f"{field}.env[{place}].name",
                name,
                "a valid environment variable name "
                "must consist only of printable ASCII characters other than '='",
            )
        if text(variable, "value") and table(variable, "valueFrom"):
            said = "may not be specified when `value` is not empty"
            yield wrong(f"{field}.env[{place}].valueFrom", "", said)
    yield from _mount_causes(container, f"{field}.volumeMounts", volumes)
    if text(container, "imagePullPolicy") not in PULLS:
        yield unsupported(f"{field}.imagePullPolicy", container.get("imagePullPolicy"), PULLS)
    yield from _resource_causes(table(container, "resources"), f"{field}.resources")
    for probe in PROBES:
        if isinstance(container.get(probe), dict):
            yield from _probe_causes(table(container, probe), f"{field}.{probe}")


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


def _mount_causes(container: Obj, field: str, volumes: set[str]) -> Iterator[Cause]:
    paths: set[str] = set()
    for place, mount in enumerate(items(container, "volumeMounts")):
        here = f"{field}[{place}]"
        name, path = text(mount, "name"), text(mount, "mountPath")
        if not name:
            yield required(f"{here}.name")
        elif name not in volumes:
            yield missing(f"{here}.name", name)
        if not path:
            yield required(f"{here}.mountPath")
        elif path in paths:
            yield wrong(f"{here}.mountPath", path, "must be unique")
        paths.add(path)


def _volume_causes(spec: Obj, field: str) -> Iterator[Cause]:
    names: set[str] = set()
    for place, volume in enumerate(items(spec, "volumes")):
        name = text(volume, "name")
        if not name:
            yield required(f"{field}[{place}].name")
        elif faults := label_faults(name):
            yield from (wrong(f"{field}[{place}].name", name, fault) for fault in faults)
        elif name in names:
            yield twice(f"{field}[{place}].name", name)
        names.add(name)
        sources = [key for key in volume if key != "name"]
        for extra in sources[1:]:
            yield barred(f"{field}[{place}].{extra}", "may not specify more than 1 volume type")
        if isinstance(volume.get("configMap"), dict) and not text(volume, "configMap.name"):
            yield required(f"{field}[{place}].configMap.name")
        if isinstance(volume.get("secret"), dict) and not text(volume, "secret.secretName"):
            yield required(f"{field}[{place}].secret.secretName")


def _probe_causes(probe: Obj, field: str) -> Iterator[Cause]:
    given = [key for key in HANDLERS if isinstance(probe.get(key), dict)]
    if not given:
        yield required(field, "must specify a handler type")
    for extra in given[1:]:
        yield barred(f"{field}.{extra}", "may not specify more than 1 handler type")
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


UNITS = {"": 1.0, "n": 1e-9, "u": 1e-6, "m": 1e-3, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12}
BINARY = {"Ki": 2.0**10, "Mi": 2.0**20, "Gi": 2.0**30, "Ti": 2.0**40}


def quantity(written: Json) -> float | None:
    """Return a quantity (`100m`, `1Gi`, 2) as a number, None where it is none."""
    found = re.fullmatch(r"([+-]?[0-9.]+)([a-zA-Z]*)", str(written))
    unit = (UNITS | BINARY).get(found[2]) if found else None
    if found is None or unit is None:
        return None
    try:
        return float(found[1]) * unit
    except ValueError:
        return None


def _resource_causes(resources: Obj, field: str) -> Iterator[Cause]:
    limits = table(resources, "limits")
    for key, asked in table(resources, "requests").items():
        most, least = quantity(limits.get(key)), quantity(asked)
        if most is not None and least is not None and least > most:
            said = f"must be less than or equal to {key} limit of {limits[key]}"
            yield wrong(f"{field}.requests", asked, said)
