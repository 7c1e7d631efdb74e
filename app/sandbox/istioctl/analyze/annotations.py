"""Istio's annotations on Kubernetes' objects: unknown, deprecated, misplaced, or not valid."""

import ipaddress
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from app.sandbox.istioctl.analyze.known_annotations import DEPRECATED, IGNORED, INSTEAD, KINDS_OF
from app.sandbox.istioctl.analyze.messages import Message, quoted
from app.sandbox.istioctl.analyze.resource import Resource
from app.sandbox.istioctl.analyze.snapshot import Snapshot
from app.sandbox.objects import annotations_of

INJECT: Final = "sidecar.istio.io/inject"
TRAFFIC: Final = "traffic.sidecar.istio.io"
READINESS: Final = "readiness.status.sidecar.istio.io"
KINDS: Final = ("Namespace", "Service", "Pod", "Deployment")
MODES: Final = ("REDIRECT", "TPROXY", "NONE")
QUANTITY: Final = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([numkMGTPE]|[KMGTPE]i|[eE][+-]?\d+)?")
NO_QUANTITY: Final = (
    "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
)


def annotations(snapshot: Snapshot) -> Iterator[Message]:
    """Yield what is wrong with the annotations of Istio on Kubernetes' own objects."""
    for kind in KINDS:
        for resource in snapshot.all(kind):
            for name, value in annotations_of(resource.obj).items():
                yield from _of(resource, name, value)


def _of(resource: Resource, name: str, value: str) -> Iterator[Message]:
    group = name.partition("/")[0]
    is_istio = group.endswith("istio.io") or name == "kubernetes.io/ingress.class"
    if not is_istio or name in IGNORED:
        return
    kinds = KINDS_OF.get(name)
    if kinds is None:
        yield Message("IST0108", resource, (name,))
        return
    if name in DEPRECATED and not (name == INJECT and INJECT in resource.labels):
        yield Message("IST0135", resource, (quoted(name), INSTEAD.get(name, "")))
    allowed = kinds.split()
    if "Any" in allowed:
        return
    if resource.kind not in allowed:
        yield Message("IST0107", resource, (name, ", ".join(allowed)))
        return
    trouble = CHECKS[name](value) if name in CHECKS else ""
    if trouble:
        yield Message("IST0125", resource, (name, trouble))


def _unsigned(text: str, bits: int) -> str:
    """Return what Go says of a text that is no unsigned number; empty of one."""
    if not re.fullmatch(r"\d+", text, re.ASCII):
        return f'strconv.ParseUint: parsing "{text}": invalid syntax'
    if int(text) >= 1 << bits:
        return f'strconv.ParseUint: parsing "{text}": value out of range'
    return ""


def _port(text: str) -> str:
    trouble = _unsigned(text.strip(), 16)
    return f"failed parsing port '{text}': {trouble}" if trouble else ""


def _ports(name: str, *, may_be_all: bool = False) -> Callable[[str], str]:
    def check(value: str) -> str:
        if (may_be_all and value == "*") or not value.strip():
            return ""
        for written in value.strip().split(","):
            trouble = _port(written)
            if trouble:
                return f"{name} invalid: failed parsing port '{written}': {trouble}"
        return ""

    return check


def _ranges(name: str, *, may_be_all: bool = False) -> Callable[[str], str]:
    def check(value: str) -> str:
        if not value or (may_be_all and value == "*"):
            return ""
        for written in value.split(","):
            trouble = _prefix(written)
            if trouble:
                said = f"failed parsing cidr '{written}': netip.ParsePrefix({quoted(written)})"
                return f"{name} invalid: {said}: {trouble}"
        return ""

    return check


def _prefix(written: str) -> str:
    if "/" not in written:
        return "no '/'"
    try:
        ipaddress.ip_interface(written)
    except ValueError:
        address, _, length = written.rpartition("/")
        try:
            ipaddress.ip_address(address)
        except ValueError:
            return f"ParseAddr({quoted(address)}): unable to parse IP"
        if length.isdigit():
            return "prefix length out of range"
        return f"bad bits after slash: {quoted(length)}"
    return ""


def _mode(value: str) -> str:
    return "" if value in MODES else f"interceptionMode invalid, use REDIRECT,TPROXY,NONE: {value}"


def _bool(value: str) -> str:
    known = ("1", "t", "T", "true", "TRUE", "True", "0", "f", "F", "false", "FALSE", "False")
    return "" if value in known else f'strconv.ParseBool: parsing "{value}": invalid syntax'


def _quantity(value: str) -> str:
    if any(ord(letter) < 32 or 127 <= ord(letter) < 160 for letter in value):
        return "value contains control characters"
    return "" if QUANTITY.fullmatch(value) else NO_QUANTITY


def _status_port(value: str) -> str:
    trouble = _port(value)
    return f"excludeInboundPorts invalid: {trouble}" if trouble else ""


def _count(value: str) -> str:
    return _unsigned(value, 32)


CHECKS: Final[Mapping[str, Callable[[str], str]]] = {
    "sidecar.istio.io/interceptionMode": _mode,
    "status.sidecar.istio.io/port": _status_port,
    f"{READINESS}/initialDelaySeconds": _count,
    f"{READINESS}/periodSeconds": _count,
    f"{READINESS}/failureThreshold": _count,
    f"{TRAFFIC}/includeOutboundIPRanges": _ranges("includeIPRanges", may_be_all=True),
    f"{TRAFFIC}/excludeOutboundIPRanges": _ranges("excludeIPRanges"),
    f"{TRAFFIC}/includeInboundPorts": _ports("includeInboundPorts", may_be_all=True),
    f"{TRAFFIC}/excludeInboundPorts": _ports("excludeInboundPorts"),
    f"{TRAFFIC}/excludeOutboundPorts": _ports("excludeOutboundPorts"),
    "prometheus.istio.io/merge-metrics": _bool,
    "sidecar.istio.io/proxyCPU": _quantity,
    "sidecar.istio.io/proxyMemory": _quantity,
    "sidecar.istio.io/proxyCPULimit": _quantity,
    "sidecar.istio.io/proxyMemoryLimit": _quantity,
}
