"""Small verbs: precheck, the revision's tags, the clusters of the mesh."""

import json
import re
from typing import Final

import yaml

from app.sandbox.istioctl.lab import Around
from app.sandbox.istioctl.line.command import Call, Command
from app.sandbox.istioctl.line.failure import Failure, not_here
from app.sandbox.istioctl.line.flags import Flag
from app.sandbox.istioctl.line.table import tabulated
from app.sandbox.istioctl.verbs.check_inject import HOOKS
from app.sandbox.objects import Obj, labels_of, name_of, text

FINE: Final = (
    "✔ No issues found when checking the cluster. Istio is safe to install or upgrade!\n"
    "  To get started, check out https://istio.io/latest/docs/setup/getting-started/.\n"
)
REVISION, TAG = "istio.io/rev", "istio.io/tag"


async def run_precheck(call: Call[Around]) -> int:
    """Say that the cluster can take Istio: this one always can."""
    form = call.flags.text("output")
    if form not in ("log", "json", "yaml"):
        raise Failure(f"{form} not a valid option for format. See istioctl precheck --help")
    since = call.flags.text("from-version")
    if since and not re.fullmatch(r"v?\d+\.\d+(?:\..*)?", since, re.ASCII):
        raise Failure(f"invalid version {since}, expected format like '1.0'")
    call.context.terminal.err(FINE)
    return 0


async def run_tags(call: Call[Around]) -> int:
    """Print the tags, each with its revision and the namespaces that name it."""
    store, terminal, form = call.context.lab.store, call.context.terminal, call.flags.text("output")
    hooks = [hook for hook in store.list(HOOKS) if TAG in labels_of(hook)]
    tags: list[Obj] = []
    for hook in hooks:
        tag = labels_of(hook)[TAG]
        named = [name_of(n) for n in store.list("namespaces") if labels_of(n).get(REVISION) == tag]
        tags.append(
            {"tag": tag, "revision": labels_of(hook).get(REVISION, ""), "namespaces": [*named]}
        )
    if form == "json":
        terminal.out(json.dumps(tags, indent="\t") + "\n")
    elif form == "yaml":
        terminal.out(f"{yaml.safe_dump(tags, sort_keys=True, width=1_000_000)}\n")
    elif form not in ("", "table"):
        raise Failure(f"unknown format: {form}")
    elif not tags:
        terminal.out("No Istio revision tags found.\n")
    else:
        rows = [["TAG", "REVISION", "NAMESPACES"]]
        for each in tags:
            named_ = each["namespaces"]
            shown = ",".join(map(str, named_)) if isinstance(named_, list) else ""
            rows.append([text(each, "tag"), text(each, "revision"), shown])
        terminal.out(tabulated(rows, padding=1))
    return 0


async def run_clusters(call: Call[Around]) -> int:
    """Print the one cluster that there is."""
    namespace = call.flags.text("istioNamespace")
    pods = [
        pod
        for pod in call.context.lab.store.list("pods", namespace)
        if labels_of(pod).get("app") == "istiod" and text(pod, "status.phase") == "Running"
    ]
    if not pods:
        raise Failure("unable to find any Istiod instances")
    rows = [["NAME", "SECRET", "STATUS", "ISTIOD", "REVISION"]]
    for pod in pods:
        revision = labels_of(pod).get(REVISION, "")
        rows.append(["Kubernetes", "", "synced", name_of(pod), revision])
    call.context.terminal.out(tabulated(rows))
    return 0


def refused(name: str, short: str, *aliases: str, is_hidden: bool = False) -> Command[Around]:
    """Return a command that the real istioctl has and this one refuses, whatever its flags."""

    async def run(call: Call[Around]) -> int:
        raise not_here(f"`istioctl {' '.join(call.found.path[1:])}`")

    return Command(name, short, run, aliases=aliases, is_open=True, is_hidden=is_hidden)


def _of_tag(name: str, short: str, missing: str, *aliases: str) -> Command[Around]:
    """Return a command on one tag, which is refused once the line is right."""

    async def run(call: Call[Around]) -> int:
        if not call.words:
            raise Failure(f"must provide a tag for {missing}")
        if "revision" in call.flags.flags and not call.flags.has("revision"):
            raise Failure('required flag(s) "revision" not set')
        hooks = call.context.lab.store.list(HOOKS)
        tags = {labels_of(hook).get(TAG, "") for hook in hooks}
        if name == "remove" and call.words[0] not in tags:
            why = "cannot find MutatingWebhookConfiguration or Service for tag"
            raise Failure(f'cannot remove tag "{call.words[0]}": {why}')
        raise not_here(f"`istioctl tag {name}`")

    flags = [
        Flag("manifests", "Where charts are", "d"),
        Flag("overwrite", "Replace a tag that is there", "", "bool", "false"),
        Flag("revision", "Control plane revision", "r"),
        Flag("webhook-name", "Name of the webhook"),
        Flag("skip-confirmation", "Do not ask", "y", "bool", "false"),
    ]
    taken = flags[-1:] if name == "remove" else flags
    return Command(name, short, run, tuple(taken), aliases=aliases)


PRECHECK: Final[Command[Around]] = Command(
    "precheck",
    "Check whether Istio can safely be installed or upgraded",
    run_precheck,
    (
        Flag("from-version", "Version to upgrade from", "f"),
        Flag("output", "Output format: one of [log json yaml]", "o", default="log"),
        Flag("output-threshold", "From which level on to print", "", "Level", "Warning"),
        Flag("skip-controlplane", "Skip the control plane", "", "bool", "false"),
        Flag("revision", "Control plane revision", "r"),
    ),
)
TAGS: Final[Command[Around]] = Command(
    "tag",
    "Command group used to interact with revision tags",
    unknown="unknown subcommand",
    commands=(
        Command(
            "list",
            "List existing revision tags",
            run_tags,
            (Flag("output", "Output format: one of table|json", "o", default="table"),),
            aliases=("show",),
        ),
        _of_tag("generate", "Generate configuration for a revision tag", "modification"),
        _of_tag("remove", "Remove Istio control plane revision tag", "removal", "delete"),
        _of_tag("set", "Create or modify revision tags", "modification"),
    ),
)
CLUSTERS: Final[Command[Around]] = Command(
    "remote-clusters",
    "Lists the remote clusters each istiod instance is connected to.",
    run_clusters,
    (Flag("revision", "Control plane revision", "r"),),
)
REFUSED: Final = (
    refused("authz", "(authz is experimental. Use `istioctl experimental authz`)"),
    refused("admin", "Manage control plane (istiod) configuration", "istiod"),
    refused("bug-report", "Cluster information and log capture support tool."),
    refused("completion", "Generate the autocompletion script for the specified shell"),
    refused("create-remote-secret", "Create a secret with credentials for a remote cluster"),
    refused("manifest", "Commands related to Istio manifests"),
    refused("upgrade", "Upgrade Istio control plane in-place"),
    refused("waypoint", "Manage waypoint configuration"),
    refused("ztunnel-config", "Update or retrieve current Ztunnel configuration.", "zc"),
)
REFUSED_EXPERIMENTS: Final = (
    refused("config", "Configure istioctl defaults"),
    refused("envoy-stats", "Retrieves Envoy metrics in the specified pod", "es"),
    refused("injector", "List sidecar injector and sidecar versions"),
    refused("internal-debug", "Retrieves the debug information of istio"),
    refused("metrics", "Prints the metrics for the specified workload(s)", "m"),
    refused("workload", "Commands for workloads running on VMs"),
)
