"""`istioctl uninstall`: takes away what an installation has made."""

from typing import Final

from app.sandbox.istioctl.lab import Around
from app.sandbox.istioctl.line.command import Call, Command
from app.sandbox.istioctl.line.failure import Failure, not_here
from app.sandbox.istioctl.line.flags import Flag
from app.sandbox.istioctl.verbs.install import ASK, PRUNED, confirm, owned
from app.sandbox.objects import Obj, labels_of, name_of, namespace_of, text
from app.sandbox.status import StatusError

CRDS: Final = "customresourcedefinitions.apiextensions.k8s.io"
KEPT: Final = ("Base",)  # what stays unless everything goes
PURGED: Final = "All Istio resources will be pruned from the cluster\n"
NOTHING: Final = (
    "No resources will be pruned from the cluster. Please double check the input configs\n"
)


async def run(call: Call[Around]) -> int:
    """Remove a revision of the mesh, or with --purge all that there is of Istio."""
    flags, terminal, lab = call.flags, call.context.terminal, call.context.lab
    is_purge, revision = flags.is_on("purge"), flags.text("revision")
    if not (is_purge or revision or flags.text("filename")):
        flag = "--revision (or --set revision=<revision>), --filename or --purge flags"
        raise Failure(f"at least one of the {flag} must be set")
    if call.words:
        raise Failure("istioctl uninstall does not take arguments")
    if flags.text("filename"):
        raise not_here("An IstioOperator file")
    found = [
        (resource, obj)
        for resource in (*PRUNED, *((CRDS,) if is_purge else ()))
        for obj in owned(lab, resource)
        if is_purge or _is_of(obj, revision)
    ]
    if not is_purge and not any(_is_of(obj, revision) for obj in owned(lab, "deployments.apps")):
        raise Failure("could not find target revision")
    if is_purge:
        _tell(call, PURGED)
    elif not found:
        terminal.out(f"{NOTHING}\n")
    is_dry = flags.is_on("dry-run")
    for resource, obj in found:
        terminal.out(_removed(call, resource, obj, is_dry=is_dry))
    is_terminal = call.context.request.is_terminal
    terminal.err("✔ Uninstall complete\n" if is_terminal else "\n✔ Uninstall complete")
    return 0


def _is_of(obj: Obj, revision: str) -> bool:
    labels = labels_of(obj)
    is_base = labels.get("operator.istio.io/component") in KEPT
    return not is_base and labels.get("istio.io/rev") == revision


def _tell(call: Call[Around], said: str) -> None:
    flags, terminal = call.flags, call.context.terminal
    if flags.is_on("dry-run") or flags.is_on("skip-confirmation"):
        terminal.out(f"{said}\n")
    else:
        confirm(terminal, f"{said}Proceed? (y/N) ")


def _removed(call: Call[Around], resource: str, obj: Obj, *, is_dry: bool) -> str:
    group, _, version = text(obj, "apiVersion").rpartition("/")
    name, namespace = name_of(obj), namespace_of(obj)
    told = f"{group}/{version}, Kind={text(obj, 'kind')}/{name}.{namespace}"
    if is_dry:
        return f"Not pruning object {told} because of dry run.\n"
    try:
        call.context.lab.registry.delete(resource, name, namespace, ASK)
    except StatusError as error:
        if error.code != 404:
            raise Failure(
                f"failed to delete control plane resources by revision: {error.message}"
            ) from error
        return f"object: {told} is not being deleted because it no longer exists\n"
    return f"  Removed {told}.\n"


COMMAND: Final[Command[Around]] = Command(
    "uninstall",
    "Uninstall Istio from a cluster",
    run,
    (
        Flag("dry-run", "Say what would be done, and do nothing", "", "bool", "false"),
        Flag("filename", "The filename of the IstioOperator CR.", "f"),
        Flag("force", "Proceed even with validation errors.", "", "bool", "false"),
        Flag("manifests", "A folder of charts and profiles", "d"),
        Flag("purge", "Delete all Istio related sources for all versions", "", "bool", "false"),
        Flag("revision", "Target control plane revision for the command.", "r"),
        Flag("set", "Override a value", "s", "stringArray"),
        Flag("skip-confirmation", "Ask nothing: the answer is yes", "y", "bool", "false"),
        Flag("verbose", "Verbose output.", "v", "bool", "false"),
    ),
    long="The uninstall command uninstalls Istio from a cluster",
    examples=(
        "# A single control plane by revision",
        "istioctl uninstall --revision foo",
        "",
        "# All control planes and shared resources",
        "istioctl uninstall --purge",
    ),
)
