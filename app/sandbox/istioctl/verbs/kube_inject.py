"""`istioctl kube-inject`: the workloads of a file with their sidecars, to be applied."""

from collections.abc import Iterator
from typing import Final

import yaml

from app.sandbox.istioctl.analyze.documents import LOADER, told
from app.sandbox.istioctl.documents import document
from app.sandbox.istioctl.lab import Around
from app.sandbox.istioctl.line.command import Call, Command
from app.sandbox.istioctl.line.failure import Failure
from app.sandbox.istioctl.line.flags import Flag
from app.sandbox.istioctl.verbs.proxy_status import XDS
from app.sandbox.istiod.injection import injected_by_hand
from app.sandbox.istiod.installation.marks import NAMESPACE, REVISION
from app.sandbox.objects import Json, Obj, at, items, name_of, namespace_of, table, text

TEMPLATES: Final = {  # where a kind has its pod
    "Deployment": "spec.template",
    "ReplicaSet": "spec.template",
    "DaemonSet": "spec.template",
    "StatefulSet": "spec.template",
    "ReplicationController": "spec.template",
    "Job": "spec.template",
    "CronJob": "spec.jobTemplate.spec.template",
    "Pod": "",
}
EMPTY: Final[dict[str, Obj]] = {  # what Go writes of structures that hold nothing
    "Deployment": {"strategy": {}},
    "DaemonSet": {"updateStrategy": {}},
    "StatefulSet": {"updateStrategy": {}},
}
NO_FILE: Final = "1 error occurred:\n\t* filename not specified (see --filename or -f)\n\n"


async def run(call: Call[Around]) -> int:
    """Print each document, workloads with their sidecars; the others as they were."""
    named = call.flags.text("filename")
    if not named:
        raise Failure(NO_FILE)
    if call.flags.text("output"):
        raise Failure("the sandbox's kube-inject prints alone; add `> FILE` in place of -o FILE")
    files = call.context.request.files
    if named not in files:
        raise Failure(f"open {named}: no such file or directory")
    _configured(call, call.flags.text("revision"))
    skipped: list[str] = []
    for raw in _documents(files[named].decode("utf-8", "replace")):
        call.context.terminal.out(f"{_injected(call, raw, skipped)}---\n")
    if skipped:
        call.context.terminal.err("\n" + "".join(f"{each}\n" for each in skipped))
    return 0


def _configured(call: Call[Around], revision: str) -> None:
    """Raises: Failure where no istiod of that revision is installed."""
    name = "istio" if revision in ("", REVISION) else f"istio-{revision}"
    if call.context.lab.store.get("configmaps", name, NAMESPACE) is None:
        raise Failure(
            f'could not read valid configmap "{name}" from namespace "{NAMESPACE}": configmaps '
            f'"{name}" not found - Use --meshConfigFile or re-run kube-inject with '
            "`-i <istioSystemNamespace> and ensure valid MeshConfig exists"
        )


def _documents(content: str) -> Iterator[str]:
    """Yield the documents as they stand, comments included."""
    lines: list[str] = []
    for line in content.splitlines(keepends=True):
        if line.rstrip() == "---":
            if "".join(lines).strip():
                yield "".join(lines)
            lines = []
        else:
            lines.append(line)
    if "".join(lines).strip():
        yield "".join(lines) if lines[-1].endswith("\n") else "".join(lines) + "\n"


def _injected(call: Call[Around], raw: str, skipped: list[str]) -> str:
    try:
        read = yaml.load(raw, Loader=LOADER)
    except yaml.YAMLError as error:
        raise Failure(f"error converting YAML to JSON: {told(error)}") from None
    if not isinstance(read, dict):
        return raw
    if read.get("kind") == "List":
        inside = [_with_sidecar(call, each, skipped) or each for each in items(read, "items")]
        return document({**read, "items": list[Json](inside)})
    found = _with_sidecar(call, read, skipped)
    return raw if found is None else document(found)


def _with_sidecar(call: Call[Around], obj: Obj, skipped: list[str]) -> Obj | None:
    """Return a workload with its pods' sidecar; None for what is no workload."""
    kind, namespace = text(obj, "kind"), namespace_of(obj)
    if kind not in TEMPLATES:
        return None
    path = TEMPLATES[kind]
    pod = table(obj, path) if path else obj
    name = name_of(pod) or name_of(obj)
    full = f'"{namespace}/{name}"' if namespace else f'"{name}"'
    shown = f"{kind} {full}"
    made = pod
    if at(pod, "spec.hostNetwork") is True:
        skipped.append(f"===> Skipping injection because {shown} has host networking enabled\n")
    elif (found := injected_by_hand(pod, call.context.lab.store)) is None:
        skipped.append(f"===> Skipping injection because {shown} has sidecar injection disabled\n")
    else:
        made = found
    made = _with_empty(made)
    if not path:
        return {**made, "status": table(obj, "status")}
    whole = _put(obj, path.split("."), made)
    spec = {**EMPTY.get(kind, {}), **table(whole, "spec")}
    return {**whole, "spec": spec, "status": table(obj, "status")}


def _with_empty(pod: Obj) -> Obj:
    containers: list[Json] = [{"resources": {}, **each} for each in items(pod, "spec.containers")]
    return {**pod, "spec": {**table(pod, "spec"), "containers": containers}}


def _put(obj: Obj, path: list[str], inner: Obj) -> Obj:
    first, *rest = path
    return {**obj, first: _put(table(obj, first), rest, inner) if rest else inner}


COMMAND: Final[Command[Around]] = Command(
    "kube-inject",
    "Inject Istio sidecar into Kubernetes pod resources",
    run,
    (
        *XDS,
        Flag("filename", "Input Kubernetes resource filename", "f"),
        Flag("injectConfigFile", "A file with the injector's template", is_refused=True),
        Flag("meshConfigFile", "A file with the mesh's settings", is_refused=True),
        Flag(
            "meshConfigMapName", "Where the mesh's settings are", default="istio", is_refused=True
        ),
        Flag("operatorFileName", "A file with an IstioOperator", is_refused=True),
        Flag("output", "Modified output Kubernetes resource filename", "o"),
        Flag("revision", "Control plane revision", "r"),
        Flag("timeout", "How long to wait before failing", "", "duration", "30s"),
        Flag("valuesFile", "A file with the injector's values", is_refused=True),
        Flag(
            "webhookConfig",
            "The injector's name",
            default="istio-sidecar-injector",
            is_refused=True,
        ),
    ),
)
