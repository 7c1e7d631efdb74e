"""`istioctl validate`: whether the control plane would take the objects of files."""

from collections.abc import Iterator
from typing import Final

import yaml

from app.sandbox.istioctl.analyze.documents import LOADER, told
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
from app.sandbox.objects import Json, Obj, items, name_of, namespace_of, strings, text

REQUIREMENTS: Final = "https://istio.io/v1.31/docs/ops/deployment/requirements/"
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
    errors, fine = list[str](), list[str]()
    for file in _files(call, named, errors):
        doubts = list[str]()
        for obj in _objects(call, file, errors):
            _check(call, obj, errors, doubts)
        lines = "".join(f"\t* {doubt}\n" for doubt in doubts)
        said = f'"{file}" has warnings: \n{lines}\n' if doubts else f'"{file}" is valid\n'
        fine.append(said)
    if errors:  # then the real one does not name the files that are valid
        raise Failure(counted(errors))
    call.context.terminal.err("".join(fine))
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


def _objects(call: Call[Around], file: str, errors: list[str]) -> list[Obj]:
    found: list[Obj] = []
    try:
        loaded: list[Json] = list(
            yaml.load_all(call.context.request.files.get(file, b""), Loader=LOADER)
        )
    except yaml.YAMLError as error:
        said = f"error converting YAML to JSON: {told(error)}"
        errors.append(f"failed to decode file {file}:  {said}")
        return []
    for each in loaded:
        if isinstance(each, dict):
            found += items(each, "items") if each.get("kind") == "List" else [each]
        elif each is not None:
            kind = "array" if isinstance(each, list) else "string"
            said = f"json: cannot unmarshal {kind} into Go value of type map[string]interface {{}}"
            errors.append(
                f"failed to decode file {file}:  error unmarshaling JSON: while decoding JSON: "
                f"{said}"
            )
    return found


def _check(call: Call[Around], obj: Obj, errors: list[str], doubts: list[str]) -> None:
    kind, group = text(obj, "kind"), text(obj, "apiVersion").rpartition("/")[0]
    named = f"{kind}/{namespace_of(obj)}/{name_of(obj)}"
    if GROUPS.get(kind) == group and group.endswith("istio.io"):
        trouble = unparsed(obj)
        if trouble:
            errors.append(f"{named}: cannot parse proto message: {trouble}")
            return
        wrong, doubtful = findings(obj)
        errors.extend(f"{named}: {each}" for each in wrong)
        doubtful += warnings(Resource(obj, kind)) if kind == "VirtualService" else []
        doubts.extend(f"{named}: {each}" for each in doubtful)
    elif kind == "Service":
        for port in items(obj, "spec.ports"):
            if text(port, "name") and not says_protocol(port):
                errors.append(
                    f'{named}: service "{name_of(obj)}/{namespace_of(obj)}/:" port '
                    f'"{text(port, "name")}" does not follow the Istio naming convention. '
                    f"See {REQUIREMENTS}"
                )
    elif kind == "Deployment":
        labels = strings(obj, "spec.template.metadata.labels")
        if not {"app", "version"} <= labels.keys():
            shown = " ".join(f'"{key}":"{labels[key]}"' for key in sorted(labels))
            call.context.terminal.err(
                f'deployment "{name_of(obj)}/{namespace_of(obj)}:" may not provide Istio metrics '
                f"and telemetry labels: map[{shown}]. See {REQUIREMENTS}\n"
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
