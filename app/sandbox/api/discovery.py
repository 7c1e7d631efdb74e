"""Which groups, versions and resources there are: the aggregated document and the older lists."""

from collections.abc import Iterable
from dataclasses import dataclass

from app.sandbox.objects import Json, Obj
from app.sandbox.store.kinds import Kind

AGGREGATED = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"
ALL_VERBS = ("create", "delete", "deletecollection", "get", "list", "patch", "update", "watch")
# Of custom resources a real server tells the same in another order.
CUSTOM_VERBS = ("delete", "deletecollection", "get", "list", "patch", "create", "update", "watch")
# The order in which a real server's aggregator lists the groups; what is not here comes by name.
ORDER = (
    "apps",
    "events.k8s.io",
    "authentication.k8s.io",
    "authorization.k8s.io",
    "autoscaling",
    "batch",
    "certificates.k8s.io",
    "networking.k8s.io",
    "policy",
    "rbac.authorization.k8s.io",
    "storage.k8s.io",
    "admissionregistration.k8s.io",
    "apiextensions.k8s.io",
    "scheduling.k8s.io",
    "coordination.k8s.io",
    "node.k8s.io",
    "discovery.k8s.io",
)
# Kinds that are asked and never stored.
ASKED = (
    Kind("SelfSubjectReview", "selfsubjectreviews", "authentication.k8s.io", namespaced=False),
    Kind("TokenReview", "tokenreviews", "authentication.k8s.io", namespaced=False),
    Kind(
        "SelfSubjectAccessReview",
        "selfsubjectaccessreviews",
        "authorization.k8s.io",
        namespaced=False,
    ),
    Kind(
        "SelfSubjectRulesReview",
        "selfsubjectrulesreviews",
        "authorization.k8s.io",
        namespaced=False,
    ),
    Kind("SubjectAccessReview", "subjectaccessreviews", "authorization.k8s.io", namespaced=False),
)


@dataclass(frozen=True)
class Subresource:
    """What a subresource answers with, where it is not its own kind, and its verbs."""

    verbs: tuple[str, ...]
    kind: str = ""
    group: str = ""
    version: str = ""


_EDITED = ("get", "patch", "update")
_STREAMED = ("create", "get")
SUBRESOURCES = {
    "status": Subresource(_EDITED),
    "ephemeralcontainers": Subresource(_EDITED),
    "resize": Subresource(_EDITED),
    "scale": Subresource(_EDITED, "Scale", "autoscaling", "v1"),
    "finalize": Subresource(("update",)),
    "log": Subresource(("get",)),
    "exec": Subresource(_STREAMED, "PodExecOptions"),
    "attach": Subresource(_STREAMED, "PodAttachOptions"),
    "portforward": Subresource(_STREAMED, "PodPortForwardOptions"),
    "binding": Subresource(("create",), "Binding"),
    "eviction": Subresource(("create",), "Eviction", "policy", "v1"),
    "token": Subresource(("create",), "TokenRequest", "authentication.k8s.io", "v1"),
}


def wants_aggregated(accept: str) -> bool:
    """Whether a client asks `/api` or `/apis` for the aggregated document, version v2."""
    return any(
        "as=APIGroupDiscoveryList" in part and "v=v2;" in f"{part};" for part in accept.split(",")
    )


def aggregated(kinds: Iterable[Kind], *, core: bool) -> Obj:
    """Return the APIGroupDiscoveryList of `/api` (core) or `/apis`; send it as AGGREGATED."""
    groups = [(group, found) for group, found in _groups(kinds) if (group == "") is core]
    return {
        "kind": "APIGroupDiscoveryList",
        "apiVersion": "apidiscovery.k8s.io/v2",
        "metadata": {},
        "items": [
            {
                "metadata": {"name": group} if group else {},
                "versions": [
                    {
                        "version": version,
                        "resources": [
                            _discovered(kind, version) for kind in _served(found, version)
                        ],
                        "freshness": "Current",
                    }
                    for version in _versions(found)
                ],
            }
            for group, found in groups
        ],
    }


def api_versions(address: str) -> Obj:
    """Return the APIVersions of `/api`; `address` is the server's own host:port."""
    told: Json = [{"clientCIDR": "0.0.0.0/0", "serverAddress": address}]
    return {"kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": told}


def api_groups(kinds: Iterable[Kind]) -> Obj:
    """Return the APIGroupList of `/apis`."""
    told: list[Json] = [_group(group, found) for group, found in _groups(kinds) if group]
    return {"kind": "APIGroupList", "apiVersion": "v1", "groups": told}


def api_group(kinds: Iterable[Kind], group: str) -> Obj | None:
    """Return the APIGroup of `/apis/GROUP`, None where there is none."""
    found = dict(_groups(kinds)).get(group)
    if not group or found is None:
        return None
    return {"kind": "APIGroup", "apiVersion": "v1", **_group(group, found)}


def api_resources(kinds: Iterable[Kind], group_version: str) -> Obj | None:
    """Return the APIResourceList of `v1` or `apps/v1`, None where there is none."""
    group, _, version = group_version.rpartition("/")
    served = _served(dict(_groups(kinds)).get(group, []), version)
    if not served:
        return None
    return {
        "kind": "APIResourceList",
        **({"apiVersion": "v1"} if group else {}),
        "groupVersion": group_version,
        "resources": [entry for kind in served for entry in _listed(kind)],
    }


def _groups(kinds: Iterable[Kind]) -> list[tuple[str, list[Kind]]]:
    """Return the kinds of each group by plural; the core group first, then as ORDER says."""
    found: dict[str, list[Kind]] = {}
    for kind in (*kinds, *ASKED):
        found.setdefault(kind.group, []).append(kind)
    rank = {group: place for place, group in enumerate(("", *ORDER))}
    names = sorted(found, key=lambda group: (rank.get(group, len(rank)), group))
    return [(name, sorted(found[name], key=lambda kind: kind.plural)) for name in names]


def _versions(kinds: Iterable[Kind]) -> list[str]:
    """Return a group's versions, the one that clients should prefer first: v1, v1beta1, v1alpha3.

    Source: https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/
    custom-resource-definition-versioning/#version-priority
    """
    found = {version for kind in kinds for version in kind.versions}
    return sorted(found, key=version_rank)


def version_rank(version: str) -> tuple[int, int, int, str]:
    """Return the sort key that puts stable versions before beta ones, and newer before older."""
    main, stage, minor = version.removeprefix("v"), 0, 0
    for rank, word in ((1, "beta"), (2, "alpha")):
        if word in main:
            main, _, last = main.partition(word)
            stage, minor = rank, int(last) if last.isdigit() else 0
    return (stage, -int(main), -minor, version) if main.isdigit() else (3, 0, 0, version)


def _served(kinds: Iterable[Kind], version: str) -> list[Kind]:
    return [kind for kind in kinds if version in kind.versions]


def verbs_of(kind: Kind) -> tuple[str, ...]:
    """Return what can be done with a kind's objects."""
    if kind in ASKED:
        return ("create",)
    if kind.crd is not None:
        return CUSTOM_VERBS
    if kind.resource == "namespaces":
        return tuple(verb for verb in ALL_VERBS if verb != "deletecollection")
    return ALL_VERBS


def _singular(kind: Kind) -> str:
    return kind.singular or kind.kind.lower()


def _names(kind: Kind) -> Obj:
    return {
        **({"shortNames": list(kind.short)} if kind.short else {}),
        **({"categories": list(kind.categories)} if kind.categories else {}),
    }


def _discovered(kind: Kind, version: str) -> Obj:
    """Return a resource of the aggregated document."""
    own = {"group": kind.group if kind.crd else "", "version": "", "kind": kind.kind}
    if kind.crd:
        own["version"] = version
    subs: list[Json] = []
    for name, sub in _subresources(kind):
        response = {"group": sub.group, "version": sub.version, "kind": sub.kind}
        subs.append(
            {
                "subresource": name,
                "responseKind": {**response} if sub.kind else {**own},
                "verbs": list(sub.verbs),
            }
        )
    return {
        "resource": kind.plural,
        "responseKind": {**own},
        "scope": "Namespaced" if kind.namespaced else "Cluster",
        "singularResource": _singular(kind),
        "verbs": list(verbs_of(kind)),
        **_names(kind),
        **({"subresources": subs} if subs else {}),
    }


def _subresources(kind: Kind) -> list[tuple[str, Subresource]]:
    known = [name for name in sorted(kind.subresources) if name in SUBRESOURCES]
    return [(name, SUBRESOURCES[name]) for name in known]


def _listed(kind: Kind) -> list[Obj]:
    """Return a resource and its subresources as an APIResourceList has them."""
    own: Obj = {
        "name": kind.plural,
        "singularName": _singular(kind),
        "namespaced": kind.namespaced,
        "kind": kind.kind,
        "verbs": list(verbs_of(kind)),
        **_names(kind),
    }
    subs: list[Obj] = [
        {
            "name": f"{kind.plural}/{name}",
            "singularName": "",
            "namespaced": kind.namespaced,
            **({"group": sub.group, "version": sub.version} if sub.group else {}),
            "kind": sub.kind or kind.kind,
            "verbs": list(sub.verbs),
        }
        for name, sub in _subresources(kind)
    ]
    return [own, *subs]


def _group(group: str, kinds: list[Kind]) -> Obj:
    told: list[Json] = [
        {"groupVersion": f"{group}/{version}", "version": version} for version in _versions(kinds)
    ]
    return {"name": group, "versions": told, "preferredVersion": told[0]}
