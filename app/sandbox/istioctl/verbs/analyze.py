"""`istioctl analyze`: the cluster, files, or both together."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from app.sandbox.istioctl.analyze.documents import Unread, read
from app.sandbox.istioctl.analyze.messages import CODES, DOCUMENTATION, Message, in_order
from app.sandbox.istioctl.analyze.report import Suppression, at_least, printed, wanted
from app.sandbox.istioctl.analyze.resource import Resource
from app.sandbox.istioctl.analyze.snapshot import Snapshot, of_cluster
from app.sandbox.istioctl.analyze.table import analyze, names, told
from app.sandbox.istioctl.lab import Around
from app.sandbox.istioctl.line.command import Call, Command
from app.sandbox.istioctl.line.failure import DATA, ISSUES, Failure, Misused
from app.sandbox.istioctl.line.flags import Flag

READ: Final = (".json", ".yaml", ".yml")
FORMS: Final = ("log", "json", "yaml")
NOT_RECURSIVE: Final = (
    "The recursive flag has been removed and is hardcoded to true without explicitly specifying "
    "it.\n"
)
LEVELS: Final = "Valid values: [Info Warning Error]"


async def run(call: Call[Around]) -> int:
    """Print what the analyzers say; 79 where it is as grave as the failure threshold."""
    flags, terminal = call.flags, call.context.terminal
    form = flags.text("output").lower()
    if form not in FORMS:
        raise Misused(f"{form} not a valid option for format. See istioctl analyze --help")
    if flags.has("recursive") and flags.is_on("recursive"):
        terminal.out(NOT_RECURSIVE)
        return 0
    if flags.is_on("list-analyzers"):
        terminal.out("".join(f"* {name}:\n    {about}\n" for name, about in names()))
        return 0
    files = _files(call)
    has_cluster, asked = flags.is_on("use-kube"), flags.text("namespace")
    namespace = asked or (call.context.request.namespace if has_cluster else "")
    if has_cluster and call.context.lab.store.get("namespaces", namespace) is None:
        terminal.err(f'namespace "{asked}" not found\n')
        return 0
    namespace = "" if flags.is_on("all-namespaces") else namespace or "default"
    target = _Target(files, namespace)
    suppressions = _suppressions(call)
    resources, unread = _read(call, target)
    _tell_unread(call, unread)
    found = in_order(wanted(await _found(call, resources), namespace, suppressions))
    shown = at_least(found, flags.text("output-threshold"))
    is_colored = flags.is_on("color") or (
        not flags.has("color") and call.context.request.is_terminal
    )
    terminal.out(printed(shown, form, is_colored=is_colored) + "\n")
    if flags.is_on("verbose"):
        only = frozenset(flags.texts("analyzer"))
        said = told(only, has_cluster=has_cluster)
        terminal.err(f"Analyzed resources in {target.title}\n{said}\n")
    if not shown:
        terminal.err(target.nothing_found(len({each.file for each in unread})))
    if form == "log" and at_least(found, flags.text("failure-threshold")):
        more = f"See {DOCUMENTATION} for more information about causes and resolutions."
        said = f"Analyzers found issues when analyzing {target.title}.\n{more}"
        raise Failure(said, ISSUES)
    if form == "log" and unread and not flags.is_on("ignore-unknown"):
        raise Failure("Some files couldn't be parsed.", DATA)
    return 0


@dataclass(frozen=True)
class _Target:
    """What is analyzed: files, and a namespace or (empty) all of them."""

    files: Sequence[str]
    namespace: str

    @property
    def title(self) -> str:
        return f"namespace: {self.namespace}" if self.namespace else "all namespaces"

    def nothing_found(self, unread: int) -> str:
        """Return what is said when there is nothing to say."""
        start = "No validation issues found when analyzing"
        if unread:
            counted = "1 file" if unread else ""
            return f"{start} {self.title} (but {counted} could not be parsed).\n"
        if len(self.files) > 1:
            return f"✔ {start}:\n" + "".join(f"  - {file}\n" for file in self.files)
        return f"✔ {start} {self.files[0] if self.files else self.title}.\n"


def _files(call: Call[Around]) -> list[str]:
    """Return the files of the line, folders opened. Raises: Failure."""
    request, found = call.context.request, list[str]()
    for word in call.words:
        if word in request.folders:
            found += [file for file in request.folders[word] if _is_read(call, file)]
        elif word != "-" and word not in request.files:
            raise Failure(f"stat {word}: no such file or directory")
        elif word == "-" or _is_read(call, word):
            found.append(word)
    return found


def _is_read(call: Call[Around], file: str) -> bool:
    if file.endswith(READ):
        return True
    known = " ".join(READ)
    call.context.terminal.err(f"Skipping file {file}, recognized file extensions are: [{known}]\n")
    return False


def _read(call: Call[Around], target: _Target) -> tuple[list[Resource], list[Unread]]:
    found, unread = list[Resource](), list[Unread]()
    for file in target.files:
        content = call.context.request.files.get(file, b"")
        resources, mistakes = read(file, content, target.namespace)
        found += resources
        unread += mistakes
    return found, unread


def _tell_unread(call: Call[Around], unread: Sequence[Unread]) -> None:
    if not unread:
        return
    by_file = dict[str, list[str]]()
    for mistake in unread:
        by_file.setdefault(mistake.file, []).append(str(mistake))
    now = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%f}Z"
    for mistake in unread:
        call.context.terminal.out(f"{now}\twarn\tfile\t{mistake} - skipping\n")
    lines = [
        f'errors parsing content "{file}": {counted(mistakes)}'
        for file, mistakes in by_file.items()
    ]
    call.context.terminal.err(f"Error(s) adding files: {counted(lines)}")


def counted(mistakes: Sequence[str]) -> str:
    """Return mistakes as Go's multierror lists them."""
    counted = "1 error" if len(mistakes) == 1 else f"{len(mistakes)} errors"
    return f"{counted} occurred:\n" + "".join(f"\t* {each}\n" for each in mistakes) + "\n"


def _suppressions(call: Call[Around]) -> list[Suppression]:
    found = []
    for written in call.flags.texts("suppress"):
        code, equals, pattern = written.partition("=")
        if not equals or "=" in pattern:
            raise Failure(
                f"{written} is not a valid suppression value. See istioctl analyze --help"
            )
        if code not in CODES:
            call.context.terminal.err(
                f"Warning: Supplied message code '{code}' is an unknown message code and will not "
                "have any effect.\n"
            )
        found.append(Suppression(code, pattern))
    return found


async def _found(call: Call[Around], resources: Sequence[Resource]) -> list[Message]:
    """Return what the analyzers say; they run in a thread, on objects that nobody changes."""
    flags, lab = call.flags, call.context.lab
    has_cluster, istio = flags.is_on("use-kube"), flags.text("istioNamespace")
    cluster = of_cluster(lab.store, flags.text("revision"), istio) if has_cluster else []
    snapshot = Snapshot(cluster, resources, istio)
    only = frozenset(flags.texts("analyzer"))
    return await asyncio.to_thread(lambda: list(analyze(snapshot, only, has_cluster=has_cluster)))


FLAGS: Final = (
    Flag("all-namespaces", "Analyze all namespaces", "A", "bool", "false"),
    Flag("analyzer", "Run this analyzer alone; may be repeated", type="stringArray"),
    Flag("color", "Color the levels; the default on a terminal", "", "bool", "false"),
    Flag("failure-threshold", f"From which level on to fail. {LEVELS}", "", "Level", "Error"),
    Flag("ignore-unknown", "Do not fail on documents that cannot be read", "", "bool", "false"),
    Flag("list-analyzers", "List the analyzers and run none", "L", "bool", "false"),
    Flag("meshConfigFile", "A mesh configuration to use instead", is_refused=True),
    Flag("output", "Output format: one of [log json yaml]", "o", default="log"),
    Flag("output-threshold", f"From which level on to print. {LEVELS}", "", "Level", "Info"),
    Flag("recursive", "Has no effect: folders are always opened", "R", "bool", "false"),
    Flag("remote-contexts", "Contexts of more clusters", "", "stringArray", is_refused=True),
    Flag("revision", "The revision of the mesh to analyze", "r", default="default"),
    Flag("suppress", "Leave out <code>=<resource>; * stands for any text", "S", "stringArray"),
    Flag("timeout", "How long to wait before failing", "", "duration", "30s"),
    Flag("use-kube", "Look at the cluster; false for files alone", "k", "bool", "true"),
    Flag("verbose", "Say which analyzers ran", "v", "bool", "false"),
)
COMMAND: Final[Command[Around]] = Command(
    "analyze",
    "Analyze Istio configuration and print validation messages",
    run,
    FLAGS,
    usage="analyze <file>...",
    long="Analyze Istio configuration and print validation messages.\n"
    f"For more information about message codes, refer to:\n{DOCUMENTATION}",
    examples=(
        "# The current live cluster",
        "istioctl analyze",
        "",
        "# The cluster as it would be with these files applied",
        "istioctl analyze a.yaml b.yaml my-app-config/",
        "",
        "# Files alone",
        "istioctl analyze --use-kube=false a.yaml b.yaml",
    ),
    hides=("istioNamespace",),
)
