"""What a pod may ask for here: an application's needs, nothing of the node or another account."""

from typing import Final

from app.commands.yaml_nodes import Listing, Mapping, Node, Place, Scalar
from app.errors import ManifestRefused

_POD: Final = frozenset(
    [
        "containers",
        "initContainers",
        "volumes",
        "restartPolicy",
        "terminationGracePeriodSeconds",
        "serviceAccountName",
        "automountServiceAccountToken",
        "nodeSelector",
        "affinity",
        "dnsPolicy",
        "topologySpreadConstraints",
        "securityContext",
        "imagePullSecrets",
        "enableServiceLinks",
        "activeDeadlineSeconds",
        "hostname",
        "subdomain",
        "readinessGates",
    ]
)
_CONTAINER: Final = frozenset(
    [
        "name",
        "image",
        "command",
        "args",
        "env",
        "envFrom",
        "ports",
        "resources",
        "livenessProbe",
        "readinessProbe",
        "startupProbe",
        "lifecycle",
        "volumeMounts",
        "imagePullPolicy",
        "workingDir",
        "securityContext",
        "stdin",
        "tty",
        "restartPolicy",
        "terminationMessagePath",
        "terminationMessagePolicy",
    ]
)
_SECURITY: Final = frozenset(
    [
        "runAsUser",
        "runAsGroup",
        "runAsNonRoot",
        "fsGroup",
        "fsGroupChangePolicy",
        "supplementalGroups",
        "readOnlyRootFilesystem",
        "allowPrivilegeEscalation",
        "privileged",
        "capabilities",
        "seccompProfile",
    ]
)
_VOLUME: Final = frozenset({"name", "emptyDir", "configMap", "downwardAPI"})
_MOUNT: Final = frozenset({"name", "mountPath", "readOnly", "subPath"})
_PORT: Final = frozenset({"name", "containerPort", "protocol"})
_SOURCES: Final = frozenset({"configMapKeyRef", "fieldRef", "resourceFieldRef"})
_PROBED: Final = ("livenessProbe", "readinessProbe", "startupProbe", "lifecycle")
_SWITCHES: Final = (
    "hostNetwork",
    "hostPID",
    "hostIPC",
    "hostUsers",
    "shareProcessNamespace",
)  # only `false` is taken


def check_pod(spec: Node | None) -> None:
    """Raises: ManifestRefused where a pod's spec, or a part of one, asks for too much."""
    if spec is None:
        return
    pod = mapping(spec, "a pod's spec")
    for name in _SWITCHES:
        only_false(pod, name)
    only(pod, _POD | set(_SWITCHES), "a pod")
    _check_security(pod.get("securityContext"))
    for volume in items(pod.get("volumes")):
        only(mapping(volume, "a volume"), _VOLUME, "a volume")
    for container in (*items(pod.get("containers")), *items(pod.get("initContainers"))):
        _check_container(mapping(container, "a container"))


def _check_container(container: Mapping) -> None:
    only(container, _CONTAINER, "a container")
    _check_security(container.get("securityContext"))
    for port in items(container.get("ports")):
        only(mapping(port, "a port"), _PORT, "a container's port")
    for mount in items(container.get("volumeMounts")):
        only(mapping(mount, "a mount"), _MOUNT, "a mount")
    for variable in items(container.get("env")):
        _check_variable(mapping(variable, "a variable"))
    for source in items(container.get("envFrom")):
        only(mapping(source, "a source"), frozenset({"configMapRef", "prefix"}), "envFrom")
    for probe in _PROBED:
        refuse_key(container.get(probe), "host", "A probe asks its own pod: leave `host` away.")


def _check_variable(variable: Mapping) -> None:
    only(variable, frozenset({"name", "value", "valueFrom"}), "a variable")
    source = variable.get("valueFrom")
    if source is not None:
        only(mapping(source, "valueFrom"), _SOURCES, "valueFrom")


def _check_security(node: Node | None) -> None:
    if node is None or (isinstance(node, Scalar) and node.is_empty):
        return
    security = mapping(node, "a securityContext")
    only(security, _SECURITY, "a securityContext")
    only_false(security, "privileged")
    only_false(security, "allowPrivilegeEscalation")
    capabilities = security.get("capabilities")
    if capabilities is not None:
        only(mapping(capabilities, "capabilities"), frozenset({"drop"}), "capabilities")
    profile = security.get("seccompProfile")
    if profile is not None and mapping(profile, "a profile").text("type") != "RuntimeDefault":
        raise refused(profile.place, "Only the seccomp profile RuntimeDefault is taken here.")


def only(node: Mapping, allowed: frozenset[str] | set[str], what: str) -> None:
    """Raises: ManifestRefused where the mapping has a key that is not allowed."""
    for key, place in node.keys.items():
        if key not in allowed:
            raise refused(
                place,
                f"The lab does not take `{key}` in {what}.",
                hint="Spelled right? Here: " + ", ".join(sorted(allowed)) + ".",
            )


def only_false(node: Mapping, key: str) -> None:
    """Raises: ManifestRefused where the key is there with anything but a plain `false`."""
    found = node.nodes.get(key)
    if found is None or (isinstance(found, Scalar) and found.is_plain and found.text == "false"):
        return
    raise refused(node.keys[key], f"`{key}` reaches beyond the pod: it is not taken here.")


def refuse_key(node: Node | None, key: str, message: str) -> None:
    """Raises: ManifestRefused where the key stands anywhere within."""
    if isinstance(node, Mapping):
        if key in node.nodes:
            raise refused(node.keys[key], message)
        for inner in node.nodes.values():
            refuse_key(inner, key, message)
    if isinstance(node, Listing):
        for inner in node.items:
            refuse_key(inner, key, message)


def mapping(node: Node | None, what: str) -> Mapping:
    """Return the node as a mapping. Raises: ManifestRefused."""
    if isinstance(node, Mapping):
        return node
    place = node.place if node else Place(0, 0)
    raise refused(
        place, f"{what[0].upper()}{what[1:]} has keys and values, which are missing here."
    )


def items(node: Node | None) -> tuple[Node, ...]:
    """Return a list's nodes; none where there is nothing. Raises: ManifestRefused."""
    if node is None or (isinstance(node, Scalar) and node.is_empty):
        return ()
    if isinstance(node, Listing):
        return node.items
    raise refused(node.place, "A list is expected here: items that begin with a dash.")


def refused(place: Place, message: str, *, hint: str = "") -> ManifestRefused:
    """Return the refusal of what stands at this place."""
    where = f"Line {place.line}: " if place.line else ""
    return ManifestRefused(where + message, hint=hint, line=place.line, column=place.column)
