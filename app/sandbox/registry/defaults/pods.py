"""Defaults of a pod's spec, as a Pod and as a template hold it."""

from collections.abc import Iterator

from app.sandbox.objects import Json, Obj, items, number, table, text
from app.sandbox.registry.defaults.filling import copied, fill, inner

FILE_MODE = 420  # 0644, as a file is mounted
SOURCES = frozenset(("name",))


def containers_of(spec: Obj) -> Iterator[Obj]:
    """Yield every container of a pod's spec, those that initialise first."""
    yield from items(spec, "initContainers")
    yield from items(spec, "containers")
    yield from items(spec, "ephemeralContainers")


def fill_spec(spec: Obj) -> None:
    """Fill in what a template's spec holds."""
    fill(
        spec,
        restartPolicy="Always",
        dnsPolicy="ClusterFirst",
        schedulerName="default-scheduler",
        terminationGracePeriodSeconds=30,
        securityContext={},
    )
    if account := text(spec, "serviceAccountName") or text(spec, "serviceAccount"):
        spec["serviceAccountName"] = spec["serviceAccount"] = account
    for container in containers_of(spec):
        _fill_container(container, host_network=spec.get("hostNetwork") is True)
    for volume in items(spec, "volumes"):
        _fill_volume(volume)


def fill_pod(pod: Obj) -> None:
    """Fill in a Pod's own fields and those that admission adds to every pod."""
    spec = inner(pod, "spec")
    fill(spec, enableServiceLinks=True)
    for container in containers_of(spec):
        resources = inner(container, "resources")
        if limits := table(resources, "limits"):
            resources["requests"] = {**limits, **table(resources, "requests")}


def _fill_container(container: Obj, *, host_network: bool) -> None:
    fill(
        container,
        imagePullPolicy="Always" if _is_latest(text(container, "image")) else "IfNotPresent",
        terminationMessagePath="/dev/termination-log",
        terminationMessagePolicy="File",
        resources={},
    )
    for port in items(container, "ports"):
        fill(port, protocol="TCP")
        if host_network:
            fill(port, hostPort=port.get("containerPort"))
    for kind in ("livenessProbe", "readinessProbe", "startupProbe"):
        if isinstance(probe := container.get(kind), dict):
            _drop_empty(probe, "initialDelaySeconds")
            fill(probe, timeoutSeconds=1, periodSeconds=10, successThreshold=1, failureThreshold=3)
            _fill_action(probe)
    for hook in table(container, "lifecycle").values():
        if isinstance(hook, dict):
            _fill_action(hook)
    for mount in items(container, "volumeMounts"):
        _drop_empty(mount, "subPath", "readOnly", "mountPropagation")
    for variable in items(container, "env"):
        source = table(variable, "valueFrom")
        if "value" not in variable and not source:
            continue
        _fill_reference(source)


def _drop_empty(obj: Obj, *fields: str) -> None:
    """A typed server does not write these where they are zero."""
    for field in fields:
        if not obj.get(field):
            obj.pop(field, None)


def _fill_action(action: Obj) -> None:
    if isinstance(asked := action.get("httpGet"), dict):
        fill(asked, path="/", scheme="HTTP")
    if isinstance(asked := action.get("grpc"), dict):
        fill(asked, service="")


def _fill_reference(source: Obj) -> None:
    if isinstance(reference := source.get("fieldRef"), dict):
        fill(reference, apiVersion="v1")
    if isinstance(reference := source.get("resourceFieldRef"), dict):
        fill(reference, divisor="0")


def _is_latest(image: str) -> bool:
    name, at_sign, _ = image.partition("@")
    tag = name.rpartition("/")[2].partition(":")[2]
    return not at_sign and tag in ("", "latest")


def _fill_volume(volume: Obj) -> None:
    sources = [key for key, value in volume.items() if key not in SOURCES and value is not None]
    if not sources:
        volume["emptyDir"] = {}
    for key in ("secret", "configMap", "downwardAPI", "projected"):
        if isinstance(source := volume.get(key), dict):
            fill(source, defaultMode=FILE_MODE)
            _fill_items(source)
    for source in items(volume, "projected.sources"):
        if isinstance(token := source.get("serviceAccountToken"), dict):
            fill(token, expirationSeconds=3600)
        if isinstance(downward := source.get("downwardAPI"), dict):
            _fill_items(downward)
    if isinstance(host := volume.get("hostPath"), dict):
        fill(host, type="")


def _fill_items(source: Obj) -> None:
    for item in items(source, "items"):
        _fill_reference(item)


TOKEN_PATH = "/var/run/secrets/kubernetes.io/serviceaccount"
TOKEN_LIFE_S = 3607


def admit(pod: Obj, volume_name: str) -> None:
    """Fill in a Pod's account, its token's volume, its tolerations and its priority."""
    spec = inner(pod, "spec")
    account = text(spec, "serviceAccountName") or "default"
    spec["serviceAccountName"] = spec["serviceAccount"] = account
    fill(spec, priority=0, preemptionPolicy="PreemptLowerPriority")
    if spec.get("automountServiceAccountToken") is not False:
        _mount_token(spec, volume_name)
    tolerations: list[Json] = [*items(spec, "tolerations")]
    kept = {(text(one, "key"), text(one, "effect")) for one in items(spec, "tolerations")}
    for taint in ("node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"):
        if not {(taint, "NoExecute"), (taint, ""), ("", "")} & kept:
            tolerations.append(
                {
                    "key": taint,
                    "operator": "Exists",
                    "effect": "NoExecute",
                    "tolerationSeconds": 300,
                }
            )
    spec["tolerations"] = tolerations


def _mount_token(spec: Obj, volume_name: str) -> None:
    volumes = items(spec, "volumes")
    known = [
        text(one, "name") for one in volumes if text(one, "name").startswith("kube-api-access-")
    ]
    name = known[0] if known else volume_name
    used = bool(known)
    for container in containers_of(spec):
        mounts = items(container, "volumeMounts")
        if all(text(mount, "mountPath") != TOKEN_PATH for mount in mounts):
            mount: Obj = {"name": name, "readOnly": True, "mountPath": TOKEN_PATH}
            container["volumeMounts"] = [*mounts, mount]
            used = True
    if used and not known:
        spec["volumes"] = [*volumes, copied(_token_volume(name))]


def _token_volume(name: str) -> Obj:
    root: Obj = {"name": "kube-root-ca.crt", "items": [{"key": "ca.crt", "path": "ca.crt"}]}
    reference: Obj = {"apiVersion": "v1", "fieldPath": "metadata.namespace"}
    sources: list[Json] = [
        {"serviceAccountToken": {"expirationSeconds": TOKEN_LIFE_S, "path": "token"}},
        {"configMap": root},
        {"downwardAPI": {"items": [{"path": "namespace", "fieldRef": reference}]}},
    ]
    return {"name": name, "projected": {"sources": sources, "defaultMode": FILE_MODE}}


def quality_of(spec: Obj) -> str:
    """Return the pod's quality-of-service class, from its containers' resources."""
    wanted = [table(one, "resources") for one in containers_of(spec)]
    if not any(table(one, "requests") or table(one, "limits") for one in wanted):
        return "BestEffort"
    for one in wanted:
        limits, requests = table(one, "limits"), table(one, "requests")
        if not {"cpu", "memory"} <= set(limits):
            return "Burstable"
        if any(requests.get(key, limits[key]) != limits[key] for key in ("cpu", "memory")):
            return "Burstable"
    return "Guaranteed"


def grace_of(pod: Obj) -> int:
    """Return how many seconds a pod may take to end."""
    return number(pod, "spec.terminationGracePeriodSeconds", 30)
