"""Every manifest is allow-listed by kind, namespace and content before a command may name it."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from app.commands.allowed.annotations import is_annotation_allowed
from app.commands.allowed.targets import changeable
from app.commands.model import Scope
from app.commands.pod_rules import (
    check_pod,
    items,
    mapping,
    only,
    refuse_key,
    refused,
)
from app.commands.yaml_nodes import Mapping, Scalar, read
from app.errors import CommandRefused, ManifestRefused

_NETWORKING: Final = tuple(f"networking.istio.io/{v}" for v in ("v1", "v1beta1", "v1alpha3"))
_SECURITY: Final = tuple(f"security.istio.io/{v}" for v in ("v1", "v1beta1"))
_TELEMETRY: Final = tuple(f"telemetry.istio.io/{v}" for v in ("v1", "v1alpha1"))
VERSIONS: Final = {
    "Namespace": ("v1",),
    "Pod": ("v1",),
    "Service": ("v1",),
    "ConfigMap": ("v1",),
    "ServiceAccount": ("v1",),
    "Deployment": ("apps/v1",),
    "VirtualService": _NETWORKING,
    "DestinationRule": _NETWORKING,
    "Gateway": _NETWORKING,
    "ServiceEntry": _NETWORKING,
    "Sidecar": _NETWORKING,
    "PeerAuthentication": _SECURITY,
    "AuthorizationPolicy": _SECURITY,
    "RequestAuthentication": _SECURITY,
    "Telemetry": _TELEMETRY,
}
_TOP: Final = frozenset({"apiVersion", "kind", "metadata", "spec"})
_DATA: Final = frozenset({"apiVersion", "kind", "metadata", "data", "binaryData", "immutable"})
_ACCOUNT: Final = frozenset({"apiVersion", "kind", "metadata", "automountServiceAccountToken"})
_METADATA: Final = frozenset({"name", "namespace", "labels", "annotations"})
_SERVICE: Final = frozenset(
    [
        "selector",
        "ports",
        "type",
        "clusterIP",
        "sessionAffinity",
        "sessionAffinityConfig",
        "internalTrafficPolicy",
        "externalTrafficPolicy",
        "ipFamilyPolicy",
        "ipFamilies",
        "appProtocol",
        "trafficDistribution",
    ]
)
_DEPLOYMENT: Final = frozenset(
    [
        "replicas",
        "selector",
        "template",
        "strategy",
        "minReadySeconds",
        "revisionHistoryLimit",
        "paused",
        "progressDeadlineSeconds",
    ]
)
_TEMPLATE: Final = frozenset({"metadata", "spec"})
_NAME: Final = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?", re.ASCII)
MOST_REPLICAS: Final = 20  # more would starve the machine of a learner
BLANK: Final = "___"


@dataclass(frozen=True)
class ManifestObject:
    """One object of a manifest. The namespace is empty for a Namespace."""

    kind: str
    name: str
    namespace: str
    api_version: str


def check_manifest(
    name: str, text: str, scope: Scope, *, default_namespace: str = ""
) -> list[ManifestObject]:
    """Return the objects of a manifest that may be applied in this step.

    `default_namespace` is where an object without a namespace goes (the command's -n).
    Raises: ManifestRefused with line and column.
    """
    for number, line in enumerate(text.split("\n"), 1):
        if BLANK in line:
            raise ManifestRefused(
                f"{name}, line {number} still has a blank.",
                hint=f"Write a value in place of {BLANK}.",
                line=number,
                column=line.index(BLANK) + 1,
            )
    documents = read(text, name)
    if not documents:
        raise ManifestRefused(f"{name} holds no object.", hint="Nothing would be applied.")
    return [_checked(document, scope, default_namespace) for document in documents]


def check_patch(kind: str, text: str, scope: Scope) -> None:
    """Look at a patch as at the part of a manifest that it is. Raises: CommandRefused."""
    try:
        documents = read(text, "The patch")
        if len(documents) != 1:
            raise ManifestRefused("A patch is one JSON object.")
        patch = documents[0]
        for key in ("$patch", "$retainKeys", "ownerReferences", "finalizers", "apiVersion", "kind"):
            refuse_key(patch, key, f"The lab does not take `{key}` in a patch.")
        metadata = patch.get("metadata")
        if metadata is not None:
            only(mapping(metadata, "metadata"), {"labels", "annotations"}, "a patch's metadata")
            _check_annotations(mapping(metadata, "metadata"))
        _check_content(kind, patch)
    except ManifestRefused as problem:
        raise CommandRefused(
            f"This patch is not taken: {problem}", hint="Change the manifest and apply it."
        ) from problem


def _checked(document: Mapping, scope: Scope, default_namespace: str) -> ManifestObject:
    kind, version = document.text("kind"), document.text("apiVersion")
    if kind not in VERSIONS:
        raise refused(
            document.place_of("kind"),
            f"Objects of kind {kind[:60] or '(none)'} are not applied here.",
            hint="Here: " + ", ".join(VERSIONS) + ".",
        )
    if version not in VERSIONS[kind]:
        raise refused(
            document.place_of("apiVersion"),
            f"A {kind} is not of `{version[:80]}`.",
            hint=f"It is of {' or '.join(VERSIONS[kind])}.",
        )
    metadata = mapping(document.get("metadata") or document, "metadata")
    found = ManifestObject(
        kind, _named(document, kind), _placed(document, kind, default_namespace), version
    )
    only(metadata, _METADATA, "metadata")
    _check_annotations(metadata)
    _check_home(document, found, scope)
    _check_content(kind, document)
    return found


def _named(document: Mapping, kind: str) -> str:
    name = document.text("metadata.name")
    if not _NAME.fullmatch(name):
        raise refused(
            document.place_of("metadata.name"),
            f"This {kind} has no proper name.",
            hint="metadata.name has small letters, digits, - and .",
        )
    return name


def _placed(document: Mapping, kind: str, default_namespace: str) -> str:
    node = document.get("metadata.namespace")
    if kind == "Namespace":
        if node is not None:
            raise refused(node.place, "A Namespace stands in no namespace.")
        return ""
    if node is not None and not (isinstance(node, Scalar) and node.text):
        raise refused(node.place, "metadata.namespace is empty.")
    return document.text("metadata.namespace") or default_namespace


def _check_home(document: Mapping, found: ManifestObject, scope: Scope) -> None:
    """A Namespace must be one of the lesson's, everything else must lie in one."""
    allowed = changeable(scope)
    known = ", ".join(sorted(allowed)) or "none"
    if found.kind == "Namespace":
        if found.name not in allowed:
            raise refused(
                document.place_of("metadata.name"),
                f"`{found.name}` is no namespace of this lesson.",
                hint=f"Here: {known}.",
            )
        return
    if not found.namespace:
        raise refused(
            document.place_of("metadata"),
            f"{found.kind} `{found.name}` names no namespace, so it would go to the context's own.",
            hint=f"Add metadata.namespace, here: {known}.",
        )
    if found.namespace not in allowed:
        raise refused(
            document.place_of("metadata.namespace"),
            f"{found.kind} `{found.name}` is for namespace `{found.namespace[:60]}`, "
            "which is not of this lesson.",
            hint=f"Here: {known}.",
        )


def _check_annotations(metadata: Mapping) -> None:
    for part in ("labels", "annotations"):
        if metadata.get(part) is not None:
            mapping(metadata.get(part), part)
    annotations = metadata.get("annotations")
    for key, place in annotations.keys.items() if isinstance(annotations, Mapping) else ():
        if not is_annotation_allowed(key):
            raise refused(place, f"The lab does not set the annotation `{key[:80]}`.")


def _check_content(kind: str, document: Mapping) -> None:
    check = _CONTENTS.get(kind, _check_spec)
    check(document)


def _check_spec(document: Mapping) -> None:
    only(document, _TOP, "an object")


def _check_namespace(document: Mapping) -> None:
    only(document, _TOP - {"spec"}, "a Namespace")


def _check_pod_object(document: Mapping) -> None:
    only(document, _TOP, "a Pod")
    check_pod(document.get("spec"))


def _check_config(document: Mapping) -> None:
    only(document, _DATA, "a ConfigMap")


def _check_account(document: Mapping) -> None:
    only(document, _ACCOUNT, "a ServiceAccount")


def _check_deployment(document: Mapping) -> None:
    only(document, _TOP, "a Deployment")
    node = document.get("spec")
    if node is None:
        return
    spec = mapping(node, "spec")
    only(spec, _DEPLOYMENT, "a Deployment's spec")
    replicas = spec.text("replicas")
    if replicas and not (
        replicas.isascii() and replicas.isdigit() and int(replicas[:9]) <= MOST_REPLICAS
    ):
        raise refused(
            spec.place_of("replicas"), f"replicas is a number from 0 to {MOST_REPLICAS} here."
        )
    template = spec.get("template")
    if template is not None:
        _check_template(mapping(template, "a template"))


def _check_template(template: Mapping) -> None:
    only(template, _TEMPLATE, "a pod's template")
    metadata = template.get("metadata")
    if metadata is not None:
        only(mapping(metadata, "metadata"), _METADATA, "metadata")
        _check_annotations(mapping(metadata, "metadata"))
    check_pod(template.get("spec"))


def _check_service(document: Mapping) -> None:
    only(document, _TOP, "a Service")
    node = document.get("spec")
    if node is None:
        return
    spec = mapping(node, "spec")
    only(spec, _SERVICE, "a Service's spec")
    if spec.text("type") not in {"", "ClusterIP", "NodePort", "LoadBalancer"}:
        raise refused(spec.place_of("type"), f"A Service of type {spec.text('type')} is not taken.")
    items(spec.get("ports"))


def _check_authentication(document: Mapping) -> None:
    _check_spec(document)
    refuse_key(
        document.get("spec"), "jwksUri", "The control plane fetches no address here: use `jwks`."
    )


_CONTENTS: Final[dict[str, Callable[[Mapping], None]]] = {
    "Namespace": _check_namespace,
    "Pod": _check_pod_object,
    "ConfigMap": _check_config,
    "ServiceAccount": _check_account,
    "Deployment": _check_deployment,
    "ReplicaSet": _check_deployment,  # not applied, but it can be patched
    "Service": _check_service,
    "RequestAuthentication": _check_authentication,
}
