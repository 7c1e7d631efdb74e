"""`istioctl x check-inject`: which webhook gives a pod its sidecar, or why none does."""

from collections.abc import Mapping
from typing import Final

from app.sandbox.istioctl.analyze.labels import matches_expressions
from app.sandbox.istioctl.lab import Around
from app.sandbox.istioctl.line.command import Call, Command
from app.sandbox.istioctl.line.failure import Failure
from app.sandbox.istioctl.line.flags import Flag
from app.sandbox.istioctl.line.table import tabulated
from app.sandbox.istioctl.line.usage import usage_of
from app.sandbox.istioctl.pods import PodName, pod_of
from app.sandbox.objects import Obj, items, labels_of, name_of, table, text, words

HOOKS: Final = "mutatingwebhookconfigurations.admissionregistration.k8s.io"
NEVER: Final[Obj] = {"matchLabels": {"istio.io/deactivated": "never-match"}}
INJECTION: Final = "istio-injection"
WIDTH: Final = 14  # of the column of marks: their bytes, colors counted, and two more
YES, NO = "\033[32m✔\033[0m", "\033[31m✘\033[0m"


async def run(call: Call[Around]) -> int:
    """Print a row for each of Istio's webhooks."""
    asked, store = call.flags.text("labels"), call.context.lab.store
    if len(call.words) != 1 and not asked:
        call.context.terminal.err(f"{usage_of(call.found)}\n")
        raise Failure("check-inject requires only [<resource-type>/]<resource-name>[.<namespace>]")
    if asked:
        namespace = call.flags.text("namespace") or call.context.request.namespace
        labels = dict(pair.partition("=")[::2] for pair in asked.split(","))
    else:
        named = pod_of(call, call.words[0])
        labels, namespace = _labels(call, named), named.namespace
    home = store.get("namespaces", namespace)
    if home is None:
        raise Failure(f'namespaces "{namespace}" not found')
    rows = [["WEBHOOK", "REVISION", f"{'INJECTED':{WIDTH}}REASON"]]
    for configuration in store.list(HOOKS):
        hooks = items(configuration, "webhooks")
        if any(text(hook, "name").endswith("istio.io") for hook in hooks):
            reason, is_injected = why(hooks, labels, labels_of(home))
            revision = labels_of(configuration).get("istio.io/rev", "")
            mark = (YES if is_injected else NO) + " " * (WIDTH - 1)
            rows.append([name_of(configuration), revision, mark + reason])
    if len(rows) == 1:
        call.context.terminal.out("ERROR: no Istio injection hooks present.\n")
    else:
        call.context.terminal.out(tabulated(rows, padding=2))
    return 0


def _labels(call: Call[Around], named: PodName) -> dict[str, str]:
    found = call.context.lab.store.get("pods", named.name, named.namespace)
    if found is None:
        raise Failure(f'pods "{named.name}" not found')
    return labels_of(found)


def why(hooks: list[Obj], pod: Mapping[str, str], around: Mapping[str, str]) -> tuple[str, bool]:
    """Return why a configuration injects a pod of those labels or does not, and which it is."""
    for hook in hooks:
        in_namespace, of_namespace = _match(table(hook, "namespaceSelector"), around)
        in_pod, of_pod = _match(table(hook, "objectSelector"), pod)
        if in_namespace and in_pod:
            if of_namespace and of_pod:
                return (
                    f"Namespace label {of_namespace} matches, and pod label {of_pod} matches",
                    True,
                )
            if of_namespace or of_pod:
                what = f"Namespace label {of_namespace}" if of_namespace else f"Pod label {of_pod}"
                return f"{what} matches", True
        elif in_namespace:
            prevented = _prevented(table(hook, "objectSelector"), pod)
            if prevented:
                return f"Pod has {prevented} label, preventing injection", False
        elif in_pod and around.get(INJECTION, "enabled") != "enabled":
            said = f"{INJECTION}={around[INJECTION]}"
            return f"Namespace has {said} label, preventing injection", False
    return _nothing(hooks), False


def _match(selector: Obj, labels: Mapping[str, str]) -> tuple[bool, str]:
    """Return whether a selector takes the labels, and the first of them that it names."""
    if not matches_expressions(selector, labels):
        return False, ""
    for each in items(selector, "matchExpressions"):
        key = text(each, "key")
        if text(each, "operator") in ("In", "NotIn") and key in labels:
            return True, f"{key}={labels[key]}"
    return True, ""


def _prevented(selector: Obj, labels: Mapping[str, str]) -> str:
    for each in items(selector, "matchExpressions"):
        key, operator = text(each, "key"), text(each, "operator")
        is_named = operator == "NotIn" and labels.get(key) in words(each, "values")
        if key in labels and (operator == "DoesNotExist" or is_named):
            return f"{key}={labels[key]}"
    return ""


def _nothing(hooks: list[Obj]) -> str:
    selectors = ("namespaceSelector", "objectSelector")
    if any(all(table(hook, field) == NEVER for field in selectors) for hook in hooks):
        return "The injection webhook is deactivated, and will never match labels."
    known = (", ".join(p for hook in hooks for p in _wanted(table(hook, f))) for f in selectors)
    return "No matching namespace labels ({}) or pod labels ({})".format(*known)


def _wanted(selector: Obj) -> list[str]:
    return [
        f"{text(each, 'key')}={value}"
        for each in items(selector, "matchExpressions")
        if text(each, "operator") == "In"
        for value in words(each, "values")
    ]


COMMAND: Final[Command[Around]] = Command(
    "check-inject",
    "Check the injection status or inject-ability of a given resource, explains why it is (or "
    "will be) injected or not",
    run,
    (Flag("labels", "Labels to ask about instead of a pod's, with commas", "l"),),
    usage="check-inject [<type>/]<name>[.<namespace>]",
)
