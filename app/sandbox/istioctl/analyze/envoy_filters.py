"""EnvoyFilters whose patches Istio would not apply, or not in a known order."""

from collections.abc import Iterator
from typing import Final

from app.sandbox.istioctl.analyze.messages import Message
from app.sandbox.istioctl.analyze.resource import Resource
from app.sandbox.istioctl.analyze.snapshot import Snapshot
from app.sandbox.objects import Obj, items, number, table, text

IGNORED: Final = ("ROUTE_CONFIGURATION", "HTTP_ROUTE")
REPLACED: Final = ("NETWORK_FILTER", "HTTP_FILTER", "VIRTUAL_HOST")
RELATIVE: Final = ("REMOVE", "REPLACE", "INSERT_BEFORE", "INSERT_AFTER")
WRONG: Final = {"ADD": "IST0153", "REMOVE": "IST0154"}


def patches(snapshot: Snapshot) -> Iterator[Message]:
    """Yield what is wrong with patches; filters of one name with a proxyVersion are told apart."""
    versioned = set[str]()
    for resource in snapshot.all("EnvoyFilter"):
        for patch in items(resource.spec, "configPatches"):
            if "patch" not in patch:
                break
            name = _name(patch)
            code = _code(resource, patch, is_versioned=name in versioned)
            if code:
                yield Message(code, resource, ())
            if text(patch, "match.proxy.proxyVersion"):
                versioned.add(name)


def _code(resource: Resource, patch: Obj, *, is_versioned: bool) -> str:
    operation, applied = text(patch, "patch.operation"), text(patch, "applyTo")
    if operation in WRONG and applied in IGNORED:
        return WRONG[operation]
    if operation == "REPLACE" and applied not in REPLACED:
        return "IST0152"
    if operation not in RELATIVE or number(resource.spec, "priority"):
        return ""
    return "IST0155" if is_versioned else "IST0151"


def _name(patch: Obj) -> str:
    """Return the name of the filter that a patch is about."""
    value = table(patch, "patch.value")
    if not value:
        return ""
    return text(value, "name") or text(patch, "match.listener.filterChain.filter.name")
