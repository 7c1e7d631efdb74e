"""`istioctl install`: applies a profile's objects and waits until its pods are ready."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Final

from app.sandbox.istioctl.lab import VERSION, Around, Lab
from app.sandbox.istioctl.line.command import Call, Command
from app.sandbox.istioctl.line.failure import Cancelled, Failure, not_here
from app.sandbox.istioctl.line.flags import Flag
from app.sandbox.istioctl.terminal import Terminal
from app.sandbox.istioctl.verbs.progress import Progress
from app.sandbox.istiod.install import Component, RefusedSetting, UnknownProfile
from app.sandbox.objects import Obj, items, labels_of, name_of, namespace_of, number, table, text
from app.sandbox.registry.ask import Ask, Patch
from app.sandbox.status import StatusError

NAMESPACE: Final = "istio-system"
LAYERS: Final = (("Base",), ("Pilot",), ("EgressGateways", "IngressGateways"))
FIELDS: Final = frozenset(
    (
        "profile",
        "installPackagePath",
        "hub",
        "tag",
        "namespace",
        "revision",
        "compatibilityVersion",
        "meshConfig",
        "components",
        "values",
        "unvalidatedValues",
    )
)
PARTS: Final = ("base", "pilot", "ingressGateways", "egressGateways", "cni", "ztunnel")
SAIL: Final = (
    "        |\\",
    "        | \\",
    "        |  \\",
    "        |   \\",
    "      /||    \\",
    "     / ||     \\",
    "    /  ||      \\",
    "   /   ||       \\",
    "  /    ||        \\",
    " /     ||         \\",
    "/______||__________\\",
    "____________________",
    "  \\__       _____/",
    "     \\_____/",
)
BANNER: Final = "".join(f"{line:20}\n" for line in SAIL) + "\n"
INJECTOR_KIND: Final = "MutatingWebhookConfiguration"
INJECTOR: Final = "istio-sidecar-injector"
NEVER: Final[Obj] = {"matchLabels": {"istio.io/deactivated": "never-match"}}
ASK: Final = Ask(user="istioctl", field_manager="istio-operator", applies=True)


async def run(call: Call[Around]) -> int:
    """Install the profile of the line."""
    flags, around = call.flags, call.context
    if call.words:
        raise Failure(f"accepts 0 arg(s), received {len(call.words)}")
    if flags.text("revision") not in ("", "default"):
        raise not_here("A revision beside the default one")
    if flags.texts("filename") or flags.text("manifests"):
        raise not_here("An IstioOperator file or a folder of manifests")
    around.terminal.err(BANNER)
    settings = _settings(flags.texts("set"))
    profile = settings.pop("profile", "default")
    components = _components(around.lab, profile, settings)
    is_dry = flags.is_on("dry-run")
    if not is_dry and not flags.is_on("skip-confirmation"):
        asked = f'This will install the Istio {VERSION} profile "{profile}" into the cluster.'
        confirm(around.terminal, f"{asked} Proceed? (y/N) ")
    progress = Progress(around.terminal, is_terminal=around.request.is_terminal)
    await _install(call, components, progress, is_dry=is_dry)
    if not is_dry:
        progress.say("- Pruning removed resources")
        _prune(around.lab, components)
    progress.say("✔ Installation complete", is_last=True)
    return 0


def confirm(terminal: Terminal, question: str) -> None:
    """Return where the person says yes. Raises: Asked, Cancelled."""
    while True:
        answer = terminal.ask(question).strip().upper()
        if answer in ("Y", "YES"):
            return
        if answer in ("N", "NO", ""):
            raise Cancelled


def _settings(written: Sequence[str]) -> dict[str, str]:
    """Return `--set` values by path. Raises: Failure."""
    found = {}
    for each in written:
        key, _, value = each.partition("=")
        top = key.split(".")[0].split("[")[0]
        if top not in FIELDS:
            raise Failure(f'generate config: could not unmarshal: json: unknown field "{top}"')
        part = key.split(".")[1].split("[")[0] if "." in key else ""
        if top == "components" and part not in PARTS:
            raise Failure(f'generate config: could not unmarshal: json: unknown field "{part}"')
        found[key.removeprefix("spec.")] = value
    return found


def _components(lab: Lab, profile: str, settings: Mapping[str, str]) -> Sequence[Component]:
    try:
        return lab.profiles.components(profile, settings)
    except UnknownProfile as unknown:
        said = f'profile "{profile}" not found: open profiles/{profile}.yaml: file does not exist'
        raise Failure(f"generate config: merge inputs: {said}") from unknown
    except RefusedSetting as refused:
        raise not_here(f"The setting {refused}") from refused


async def _install(
    call: Call[Around], components: Sequence[Component], progress: Progress, *, is_dry: bool
) -> None:
    lab, by_name = call.context.lab, {component.name: component for component in components}
    if not is_dry and components and lab.store.get("namespaces", NAMESPACE) is None:
        meta: Obj = {"name": NAMESPACE}
        lab.registry.create({"apiVersion": "v1", "kind": "Namespace", "metadata": meta}, ASK)
    timeout_s = call.flags.seconds("readiness-timeout")
    for layer in LAYERS:
        parts = [by_name[name] for name in layer if name in by_name]
        for part in parts:
            progress.begin(part.name)
        if is_dry:
            for part in parts:
                progress.tell()
                progress.finish(part.name)
        elif parts:
            await _apply(lab, parts, progress, timeout_s)


async def _apply(
    lab: Lab, parts: Sequence[Component], progress: Progress, timeout_s: float
) -> None:
    """Apply parts that do not need each other, and wait until all are ready. Raises: Failure."""
    progress.tell()
    try:
        for part in parts:
            for obj in part.objects:
                apply(lab, _owned(obj, part.name))
        await _ready(lab, parts, progress, timeout_s)
    except (StatusError, Failure) as error:
        why = str(error)
        for name in list(progress.waiting):
            progress.fail(name, why)
        count = f"1 error occurred:\n\t* {why}\n\n"
        raise Failure(f"failed to install manifests: {count}") from error


def _owned(obj: Obj, component: str) -> Obj:
    """Return an object with the labels by which istioctl knows what it has installed.

    The revision's own injector matches nothing: that of the tag `default` stands for it.
    """
    if (text(obj, "kind"), name_of(obj)) == (INJECTOR_KIND, INJECTOR):
        never = {"namespaceSelector": {**NEVER}, "objectSelector": {**NEVER}}
        obj = {**obj, "webhooks": [{**hook, **never} for hook in items(obj, "webhooks")]}
    labels: Obj = {
        **labels_of(obj),
        "install.operator.istio.io/owning-resource": "unknown",
        "install.operator.istio.io/owning-resource-namespace": NAMESPACE,
        "istio.io/rev": "default",
        "operator.istio.io/component": component,
        "operator.istio.io/managed": "Reconcile",
        "operator.istio.io/version": VERSION,
    }
    return {**obj, "metadata": {**table(obj, "metadata"), "labels": labels}}


def apply(lab: Lab, obj: Obj) -> None:
    """Create an object, or make it what it should be. Raises: StatusError."""
    kind = lab.store.kinds.of(obj)
    if kind is None or lab.store.get(kind.resource, name_of(obj), namespace_of(obj)) is None:
        lab.registry.create(obj, ASK)
        return
    form = Patch(
        "merge" if kind.crd or kind.plural == "customresourcedefinitions" else "strategic", obj
    )
    lab.registry.patch(kind.resource, name_of(obj), namespace_of(obj), form, ASK)


async def _ready(
    lab: Lab, parts: Sequence[Component], progress: Progress, timeout_s: float
) -> None:
    """Return once the Deployments of the parts are ready. Raises: Failure when the time is over."""
    names = {
        part.name: [name_of(obj) for obj in part.objects if text(obj, "kind") == "Deployment"]
        for part in parts
    }
    watching = lab.store.watch(["deployments.apps"])
    try:
        async with asyncio.timeout(timeout_s):
            while progress.waiting:
                for part, own in names.items():
                    missing = [name for name in own if not _is_ready(lab, name)]
                    if part in progress.waiting:
                        progress.waiting[part] = [f"Deployment/{NAMESPACE}/{n}" for n in missing]
                for part in [part for part, left in progress.waiting.items() if not left]:
                    progress.finish(part)
                if progress.waiting:
                    progress.tell()
                    await watching.next()
    except TimeoutError as error:
        left = "".join(f"\n  {name}" for found in progress.waiting.values() for name in found)
        told = f"resources not ready after {_duration(timeout_s)}: context deadline exceeded{left}"
        raise Failure(f"failed to wait for resource: {told}") from error
    finally:
        watching.close()


def _is_ready(lab: Lab, name: str) -> bool:
    found = lab.store.get("deployments.apps", name, NAMESPACE)
    wanted = number(found, "spec.replicas", 1)
    is_seen = number(found, "status.observedGeneration") >= number(found, "metadata.generation")
    ready = min(number(found, f"status.{field}") for field in ("readyReplicas", "updatedReplicas"))
    return found is not None and is_seen and ready >= wanted


def _duration(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes}m{rest}s" if minutes else f"{rest}s"


# Kinds that an installation takes away again, in the order of taking.
PRUNED: Final = (
    "deployments.apps",
    "services",
    "configmaps",
    "pods",
    "secrets",
    "serviceaccounts",
    "rolebindings.rbac.authorization.k8s.io",
    "roles.rbac.authorization.k8s.io",
    "poddisruptionbudgets.policy",
    "horizontalpodautoscalers.autoscaling",
    "mutatingwebhookconfigurations.admissionregistration.k8s.io",
    "validatingwebhookconfigurations.admissionregistration.k8s.io",
    "clusterroles.rbac.authorization.k8s.io",
    "clusterrolebindings.rbac.authorization.k8s.io",
)


def _prune(lab: Lab, components: Sequence[Component]) -> None:
    """Take away what an earlier installation had and this one has not."""
    kept = {
        (text(obj, "kind"), name_of(obj)) for component in components for obj in component.objects
    }
    for resource in PRUNED:
        if resource != "pods":
            for obj in owned(lab, resource):
                if (text(obj, "kind"), name_of(obj)) not in kept:
                    lab.registry.delete(resource, name_of(obj), namespace_of(obj), ASK)


def owned(lab: Lab, resource: str) -> list[Obj]:
    """Return the objects that an installation has made."""
    return [o for o in lab.store.list(resource) if "operator.istio.io/component" in labels_of(o)]


COMMAND: Final[Command[Around]] = Command(
    "install",
    "Applies an Istio manifest, installing or reconfiguring Istio on a cluster.",
    run,
    (
        Flag("dry-run", "Say what would be done, and do nothing", "", "bool", "false"),
        Flag("filename", "File with an IstioOperator resource", "f", "strings"),
        Flag("force", "Proceed even with validation errors.", "", "bool", "false"),
        Flag("manifests", "A folder of charts and profiles", "d"),
        Flag("readiness-timeout", "How long to wait for a component", "", "duration", "5m0s"),
        Flag("revision", "Target control plane revision for the command.", "r"),
        Flag("set", "Override a value, for example profile=demo", "s", "stringArray"),
        Flag("skip-confirmation", "Ask nothing: the answer is yes", "y", "bool", "false"),
        Flag("verify", "Verify the control plane after the installation", "", "bool", "false"),
    ),
    aliases=("apply",),
    long="The install command generates an Istio install manifest and applies it to a cluster.",
    examples=(
        "# Apply a default Istio installation",
        "istioctl install",
        "",
        "# The demo profile, without a question",
        "istioctl install --set profile=demo --skip-confirmation",
    ),
    hides=("namespace", "istioNamespace"),
)
