"""Which groups, versions and resources there are: the aggregated document and the older lists."""

from collections.abc import Iterable

from app.sandbox.objects import Obj
from app.sandbox.store.kinds import Kind

AGGREGATED = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"


def wants_aggregated(accept: str) -> bool:
    """Whether a client asks `/api` or `/apis` for the aggregated document, version v2."""
    return "as=APIGroupDiscoveryList" in accept and "v=v2" in accept


def aggregated(kinds: Iterable[Kind], *, core: bool) -> Obj:
    """Return the APIGroupDiscoveryList of `/api` (core) or `/apis`; send it as AGGREGATED."""
    return {"kind": "APIGroupDiscoveryList", "apiVersion": "apidiscovery.k8s.io/v2", "items": []}


def api_versions(address: str) -> Obj:
    """Return the APIVersions of `/api`; `address` is the server's own host:port."""
    return {"kind": "APIVersions", "versions": ["v1"]}


def api_groups(kinds: Iterable[Kind]) -> Obj:
    """Return the APIGroupList of `/apis`."""
    return {"kind": "APIGroupList", "apiVersion": "v1", "groups": []}


def api_group(kinds: Iterable[Kind], group: str) -> Obj | None:
    """Return the APIGroup of `/apis/GROUP`, None where there is none."""
    return None


def api_resources(kinds: Iterable[Kind], group_version: str) -> Obj | None:
    """Return the APIResourceList of `v1` or `apps/v1`, None where there is none."""
    return None
