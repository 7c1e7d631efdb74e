"""`istioctl validate`: whether the control plane would take the objects of files."""

from collections.abc import Iterator
from typing import Final

import yaml

from app.sandbox.istioctl.analyze.documents import LOADER, SERVED, chunks, told
from app.sandbox.istioctl.analyze.reachability import warnings
from app.sandbox.istioctl.analyze.resource import Resource
from app.sandbox.istioctl.analyze.schema import findings
from app.sandbox.istioctl.analyze.snapshot import GROUPS
from app.sandbox.istioctl.analyze.typed import unparsed
from app.sandbox.istioctl.analyze.workloads import says_protocol
from app.sandbox.istioctl.lab import Around
from app.sandbox.istioctl.line.command import Call, Command
from app.sandbox.istioctl.line.failure import Failure, Misused
from app.sandbox.istioctl.line.flags import Flag
from app.sandbox.istioctl.verbs.analyze import READ, counted
from app.sandbox.objects import Json, Obj, items, name_of, namespace_of, strings, table, text

REQUIREMENTS: Final = "https://istio.io/v1.31/docs/ops/deployment/requirements/"
SELECTION: Final = (
    "https://istio.io/v1.31/docs/ops/configuration/traffic-management/protocol-selection/"
)
UNWISE: Final = "This is not recommended, See"
PIPED: Final = "-"
WARNED: Final = '"{0}" has warnings: \n{1}\n'
FIELDS: Final = ("apiVersion", "kind", "metadata", "spec", "status")
LISTED: Final = ("Service", "Deployment")
NO_FILE: Final = (
    "error: you must specify resources by --filename.\n"
    "Example resource specifications include:\n"
    "   '-f rsrc.yaml'\n"
    "   '--filename=rsrc.json'"
)


async def run(call: Call[Around]) -> int:
    """Say of each file whether it is valid; 1 where one is not."""
    if call.words:
        raise Misused(f'unknown command "{call.words[0]}" for "istioctl validate"')
    named = call.flags.texts("filename")
    if not named:
        raise Failure(NO_FILE)
    errors, doubtful, fine = list[str](), list[str](), list[str]()
    for file in _files(call, named, errors):
        doubts = list[str]()
        for obj in _objects(call, file, errors):
            _check(call, obj, errors, doubts)
        lines = "".join(f"\t* {doubt}\n" for doubt in doubts)
        if doubts:
            doubtful.append(f"\n{lines}\n" if file == PIPED else WARNED.format(file, lines))
        else:
            fine.append("validation succeed\n" if file == PIPED else f'"{file}" is valid\n')
    if errors:  # then the real one does not name the files that are valid
        call.context.terminal.err("".join(doubtful))
        raise Failure(counted(errors))
    call.context.terminal.err("".join(fine + doubtful))
    return 0


def _files(call: Call[Around], named: list[str], errors: list[str]) -> Iterator[str]:
    request = call.context.request
    for word in named:
        if word in request.folders:
            yield from (file for file in request.folders[word] if file.endswith(READ))
        elif word in request.files:
            yield word
        else:
            said = f"stat {word}: no such file or directory"
            errors.append(f'cannot stat file "{word}": {said}')


def _objects(call: Call[Around], file: str, errors: list[str]) -> Iterator[Obj]:
    """Yield a file's objects up to the first document that cannot be read."""
    content = call.context.request.files.get(file, b"").decode("utf-8", "replace")
    for _, chunk in chunks(content):
        try:
            loaded = _loaded(chunk)
        except ValueError as error:
            errors.append(f"failed to decode file {file}:  {error}")
            return
        if loaded is not None and loaded.get("kind") == "List":
            yield from (e for e in items(loaded, "items") if e.get("kind") in LISTED)
        elif loaded is not None:
            yield loaded


def _loaded(chunk: str) -> Obj | None:
    """Return a document, None of an empty one. Raises: ValueError."""
    try:
        node = yaml.compose(chunk, Loader=LOADER)
        repeated = list(_repeated(node)) if node is not None else []
        if repeated:
            raise ValueError(
                "error converting YAML to JSON: yaml: unmarshal errors:\n  " + "\n  ".join(repeated)
            )
        loaded: Json = yaml.load(chunk, Loader=LOADER)
    except yaml.YAMLError as error:
        raise ValueError(f"error converting YAML to JSON: {told(error)}") from error
    if loaded is None or isinstance(loaded, dict):
        return loaded
    kind = "array" if isinstance(loaded, list) else "string"
    raise ValueError(
        "error unmarshaling JSON: while decoding JSON: json: cannot unmarshal "
        f"{kind} into Go value of type map[string]interface {{}}"
    )


def _repeated(node: yaml.Node) -> Iterator[str]:
    """Yield what is said of each key that stands twice in one mapping."""
    if isinstance(node, yaml.SequenceNode):
        for each in node.value:
            yield from _repeated(each)
    if isinstance(node, yaml.MappingNode):
        seen = set[str]()
        for key, value in node.value:
            if str(key.value) in seen:
                line = key.start_mark.line + 1
                yield f'line {line}: key "{key.value}" already set in map'
            seen.add(str(key.value))
            yield from _repeated(value)


def _check(call: Call[Around], obj: Obj, errors: list[str], doubts: list[str]) -> None:
    kind, group = text(obj, "kind"), text(obj, "apiVersion").rpartition("/")[0]
    named = f"{kind}/{namespace_of(obj)}/{name_of(obj)}"
    if GROUPS.get(kind) == group and group.endswith("istio.io"):
        if text(obj, "apiVersion").rpartition("/")[2] not in SERVED:
            return
        unknown = next((key for key in obj if key not in FIELDS), "")
        trouble = unparsed(obj)
        said = f"cannot parse proto message: {trouble}" if trouble else f'unknown field "{unknown}"'
        if trouble or unknown:
            errors.append(f"{named}: {said}")
            return
        meta = table(obj, "metadata")
        home = namespace_of(obj) or call.flags.text("namespace") or call.context.request.namespace
        placed: Obj = {**obj, "metadata": {**meta, "namespace": home}}
        wrong, doubtful = findings(placed)
        errors.extend(f"{named}: {each}" for each in wrong)
        doubtful += warnings(Resource(placed, kind)) if kind == "VirtualService" else []
        doubts.extend(f"{named}: {each}" for each in doubtful)
    elif namespace_of(obj) == call.flags.text("istioNamespace"):
        return
    elif kind == "Service":
        errors.extend(f"{named}: {each}" for each in _ports(obj))
    elif kind == "Deployment":
        labels = strings(obj, "spec.template.metadata.labels")
        if not {"app", "version"} <= labels.keys():
            shown = " ".join(f'"{key}":"{labels[key]}"' for key in sorted(labels))
            call.context.terminal.err(
                f'deployment "{name_of(obj)}/{namespace_of(obj)}:" may not provide Istio metrics '
                f"and telemetry labels: map[{shown}]. See {REQUIREMENTS}\n"
            )


def _ports(service: Obj) -> Iterator[str]:
    """Yield what is said of a Service's ports whose protocol Istio cannot tell."""
    title = f'service "{name_of(service)}/{namespace_of(service)}/:"'
    for port in items(service, "spec.ports"):
        name = text(port, "name")
        if text(port, "protocol").upper() == "UDP":
            continue
        if text(port, "appProtocol"):
            if not says_protocol(port):
                yield f"{title} doesn't follow Istio protocol selection. {UNWISE} {SELECTION}"
        elif not name:
            yield f"{title} has an unnamed port. {UNWISE} {REQUIREMENTS}"
        elif not says_protocol(port):
            yield (
                f'{title} port "{name}" does not follow the Istio naming convention. '
                f"See {REQUIREMENTS}"
            )


COMMAND: Final[Command[Around]] = Command(
    "validate",
    "Validate Istio policy and rules files",
    run,
    (Flag("filename", "Inputs of files to validate", "f", "strings"),),
    aliases=("v",),
    usage="validate -f FILENAME [options]",
    takes_unknown=True,
)
