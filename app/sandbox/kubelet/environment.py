"""A container's environment: what its pod says, what Services there are, and $(NAME) in it."""

import base64
import math
import re
from collections.abc import Mapping
from decimal import Decimal

from app.sandbox.objects import (
    Obj,
    annotations_of,
    at,
    items,
    labels_of,
    name_of,
    namespace_of,
    number,
    strings,
    table,
    text,
)
from app.sandbox.quantities import quantity
from app.sandbox.store.store import Store

REFERENCE = re.compile(r"\$\$|\$\(([-._a-zA-Z][-._a-zA-Z0-9]*)\)")
KEYED = re.compile(r"metadata\.(labels|annotations)\['([^']+)'\]")
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


class ConfigError(Exception):
    """What a container's configuration names is not there: CreateContainerConfigError."""


def environment(
    store: Store, pod: Obj, container: Obj, addresses: Obj, image: Mapping[str, str]
) -> dict[str, str]:
    """Return a container's variables, over those of its image.

    `addresses` is the pod's status as far as it is known. Raises: ConfigError.
    """
    found = {"PATH": PATH, "HOSTNAME": text(pod, "spec.hostname") or name_of(pod), **image}
    found |= of_services(store, pod)
    for source in items(container, "envFrom"):
        found |= _all_of(store, namespace_of(pod), source)
    for entry in items(container, "env"):
        name = text(entry, "name")
        if "valueFrom" in entry:
            value = _value_from(store, pod, container, table(entry, "valueFrom"), addresses)
            if value is not None:
                found[name] = value
        else:
            found[name] = expand(text(entry, "value"), found)
    return found


def expand(written: str, known: dict[str, str]) -> str:
    """Return text with each $(NAME) that is known put in; $$ is a dollar sign."""

    def put(match: re.Match[str]) -> str:
        name = match.group(1)
        return "$" if name is None else known.get(name, match.group(0))

    return REFERENCE.sub(put, written)


def of_services(store: Store, pod: Obj) -> dict[str, str]:
    """Return the variables that tell a pod of the Services of its namespace."""
    links = at(pod, "spec.enableServiceLinks") is not False
    services = [store.get("services", "kubernetes", "default")]
    services += store.list("services", namespace_of(pod)) if links else []
    found: dict[str, str] = {}
    for service in services:
        address = text(service, "spec.clusterIP")
        if service is not None and address and address != "None":
            found |= _of_service(service, address)
    return found


def _of_service(service: Obj, address: str) -> dict[str, str]:
    prefix = name_of(service).upper().replace("-", "_")
    ports = items(service, "spec.ports")
    found = {f"{prefix}_SERVICE_HOST": address}
    for place, port in enumerate(ports):
        number_, protocol = str(number(port, "port")), text(port, "protocol", "TCP")
        url = f"{protocol.lower()}://{address}:{number_}"
        if place == 0:
            found |= {f"{prefix}_SERVICE_PORT": number_, f"{prefix}_PORT": url}
        if text(port, "name"):
            label = text(port, "name").upper().replace("-", "_")
            found[f"{prefix}_SERVICE_PORT_{label}"] = number_
        one = f"{prefix}_PORT_{number_}_{protocol.upper()}"
        found |= {
            one: url,
            f"{one}_PROTO": protocol.lower(),
            f"{one}_PORT": number_,
            f"{one}_ADDR": address,
        }
    return found


def _all_of(store: Store, namespace: str, source: Obj) -> dict[str, str]:
    prefix = text(source, "prefix")
    for field, resource in (("configMapRef", "configmaps"), ("secretRef", "secrets")):
        reference = table(source, field)
        if reference:
            obj = store.get(resource, text(reference, "name"), namespace)
            if obj is None and reference.get("optional") is not True:
                raise ConfigError(f'{resource[:-1]} "{text(reference, "name")}" not found')
            return {prefix + key: value for key, value in data_of(obj).items()}
    return {}


def data_of(obj: Obj | None) -> dict[str, str]:
    """Return a ConfigMap's or Secret's data as text."""
    if obj is not None and obj.get("kind") == "Secret":
        return {key: _decoded(value) for key, value in strings(obj, "data").items()}
    return strings(obj, "data")


def _decoded(value: str) -> str:
    return base64.b64decode(value).decode("utf-8", "replace")


def _value_from(store: Store, pod: Obj, container: Obj, source: Obj, addresses: Obj) -> str | None:
    if "fieldRef" in source:
        return field_of(pod, text(source, "fieldRef.fieldPath"), addresses)
    if "resourceFieldRef" in source:
        return resource_of(store, pod, container, table(source, "resourceFieldRef"))
    for field, kind in (("configMapKeyRef", "ConfigMap"), ("secretKeyRef", "Secret")):
        reference = table(source, field)
        if not reference:
            continue
        name, key = text(reference, "name"), text(reference, "key")
        obj = store.get(f"{kind.lower()}s", name, namespace_of(pod))
        value = data_of(obj).get(key)
        if value is None and reference.get("optional") is not True:
            if obj is None:
                raise ConfigError(f'{kind.lower()} "{name}" not found')
            raise ConfigError(f"couldn't find key {key} in {kind} {namespace_of(pod)}/{name}")
        return value
    return None


def field_of(pod: Obj, path: str, addresses: Obj) -> str:
    """Return a field of a pod as the downward API gives it."""
    keyed = KEYED.fullmatch(path)
    if keyed:
        found = labels_of(pod) if keyed.group(1) == "labels" else annotations_of(pod)
        return found.get(keyed.group(2), "")
    if path in ("metadata.labels", "metadata.annotations"):
        found = labels_of(pod) if path.endswith("labels") else annotations_of(pod)
        return "\n".join(f'{key}="{_escaped(value)}"' for key, value in sorted(found.items()))
    if path in ("status.podIPs", "status.hostIPs"):
        return ",".join(text(one, "ip") for one in items(addresses, path.removeprefix("status.")))
    if path.startswith("status."):
        return text(addresses, path.removeprefix("status."))
    return text(pod, path)


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def resource_of(store: Store, pod: Obj, container: Obj, reference: Obj) -> str:
    """Return a limit or request of a container in the asked unit; the node's where it has none."""
    named = text(reference, "containerName")
    for one in [*items(pod, "spec.containers"), *items(pod, "spec.initContainers")]:
        if named and text(one, "name") == named:
            container = one
    which, _, resource = text(reference, "resource").partition(".")
    value = table(container, f"resources.{which}").get(resource)
    if value is None and which == "limits":
        node = next(iter(store.list("nodes")), {})
        value = table(node, "status.allocatable").get(resource)
    divisor = quantity(reference.get("divisor", "1")) or Decimal(1)
    return str(math.ceil(quantity(value) / divisor))
