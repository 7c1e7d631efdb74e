"""Rules of what makes pods, and of a Pod itself."""

import re
from collections.abc import Iterator

from app.sandbox.objects import Obj, at, items, number, strings, table, text
from app.sandbox.registry.causes import barred, quoted, required, unsupported, wrong
from app.sandbox.registry.names import label_causes
from app.sandbox.registry.rules.pods import spec_causes
from app.sandbox.registry.selectors import matcher_of
from app.sandbox.schemas.internal.written import spec_written, specs_differ, template_written
from app.sandbox.status import Cause

IMMUTABLE = "field is immutable"
JOB_COUNTS = (
    "spec.parallelism",
    "spec.completions",
    "spec.activeDeadlineSeconds",
    "spec.backoffLimit",
    "spec.ttlSecondsAfterFinished",
)
OPERATORS = ("In", "NotIn", "Exists", "DoesNotExist")
OPERATOR = "not a valid selector operator"
STRATEGIES = ("Recreate", "RollingUpdate")
PERCENT_RULE = (
    "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or "
    "'93%', regex used for validation is '[0-9]+%')"
)
POD_CHANGES = (
    "pod updates may not change fields other than `spec.containers[*].image`,"
    "`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only "
    "additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set "
    "to 1 if it was previously negative)"
)


def pod_causes(pod: Obj, before: Obj | None) -> Iterator[Cause]:
    """Yield what is wrong in a Pod."""
    if before is None:
        yield from spec_causes(table(pod, "spec"), "spec")
        return
    for part in ("containers", "initContainers"):
        if len(items(pod, f"spec.{part}")) != len(items(before, f"spec.{part}")):
            yield barred(f"spec.{part}", "pod updates may not add or remove containers")
            return
    yield from spec_causes(table(pod, "spec"), "spec")
    old, new = table(before, "spec"), _fixed(pod, before)
    if spec_written(new) != spec_written(old):
        yield barred("spec", f"{POD_CHANGES}\n{specs_differ(old, new)}")


def _fixed(pod: Obj, before: Obj) -> Obj:
    """Return a pod's spec with what may change as it was before."""
    old = table(before, "spec")
    loose = ("activeDeadlineSeconds", "ephemeralContainers", "nodeName", "tolerations")
    fixed = {**table(pod, "spec"), **{key: old.get(key) for key in loose}}
    for part in ("containers", "initContainers"):
        pairs = zip(items(pod, f"spec.{part}"), items(before, f"spec.{part}"), strict=True)
        fixed[part] = [{**one, "image": text(was, "image")} for one, was in pairs]
    return fixed


def _template_causes(obj: Obj, policies: tuple[str, ...]) -> Iterator[Cause]:
    template = table(obj, "spec.template")
    yield from label_causes("spec.template.labels", strings(template, "metadata.labels"))
    spec = table(template, "spec")
    yield from spec_causes(spec, "spec.template.spec")
    policy, field = text(spec, "restartPolicy", "Always"), "spec.template.spec.restartPolicy"
    if policy == "Always" and policy not in policies:
        yield required(field, f"valid values: {', '.join(quoted(one) for one in policies)}")
    elif policy not in policies:
        yield unsupported(field, policy, policies)


def _selector_causes(obj: Obj, before: Obj | None) -> Iterator[Cause]:
    selector = table(obj, "spec.selector")
    labels = at(obj, "spec.template.metadata.labels")
    bad = label_causes("spec.selector.matchLabels", strings(selector, "matchLabels"))
    bad += [
        wrong(f"spec.selector.matchExpressions[{place}].operator", text(one, "operator"), OPERATOR)
        for place, one in enumerate(items(selector, "matchExpressions"))
        if text(one, "operator") not in OPERATORS
    ]
    yield from bad
    is_empty = not table(selector, "matchLabels") and not items(selector, "matchExpressions")
    if at(obj, "spec.selector") is None:
        yield required("spec.selector")
    elif is_empty:
        yield wrong("spec.selector", {}, "empty selector is invalid for deployment")
    if bad:
        yield wrong("spec.selector", selector, "invalid label selector")
        return
    fits = is_empty or matcher_of(selector)(strings(obj, "spec.template.metadata.labels"))
    if at(obj, "spec.selector") is None or not fits:
        said = "`selector` does not match template `labels`"
        yield wrong("spec.template.metadata.labels", labels, said)
    if before is not None and table(before, "spec.selector") != selector:
        yield wrong("spec.selector", selector, IMMUTABLE)


def _count_causes(obj: Obj, *fields: str) -> Iterator[Cause]:
    for field in fields:
        if number(obj, field) < 0:
            yield wrong(field, at(obj, field), "must be greater than or equal to 0")


def deployment_causes(obj: Obj, before: Obj | None) -> Iterator[Cause]:
    """Yield what is wrong in a Deployment."""
    yield from _count_causes(obj, "spec.replicas", "spec.minReadySeconds")
    yield from _selector_causes(obj, before)
    yield from _template_causes(obj, ("Always",))
    yield from _strategy_causes(obj)
    least = number(obj, "spec.minReadySeconds")
    if 0 < number(obj, "spec.progressDeadlineSeconds", 600) <= least:
        wait = at(obj, "spec.progressDeadlineSeconds")
        yield wrong("spec.progressDeadlineSeconds", wait, "must be greater than minReadySeconds")


def _strategy_causes(obj: Obj) -> Iterator[Cause]:
    kind = text(obj, "spec.strategy.type")
    if kind not in STRATEGIES:
        yield unsupported("spec.strategy", {"Type": kind, "RollingUpdate": None}, STRATEGIES)
    rolling = table(obj, "spec.strategy.rollingUpdate")
    for key in ("maxUnavailable", "maxSurge"):
        value = rolling.get(key)
        if isinstance(value, str) and not re.fullmatch("[0-9]+%", value):
            yield wrong(f"spec.strategy.rollingUpdate.{key}", value, PERCENT_RULE)
        elif isinstance(value, int) and value < 0:
            said = "must be greater than or equal to 0"
            yield wrong(f"spec.strategy.rollingUpdate.{key}", value, said)
    if kind == "Recreate" and rolling:
        said = "may not be specified when strategy `type` is 'Recreate'"
        yield barred("spec.strategy.rollingUpdate", said)
    none = (0, "0%")
    if rolling and rolling.get("maxSurge") in none and rolling.get("maxUnavailable") in none:
        said = "may not be 0 when `maxSurge` is 0"
        yield wrong("spec.strategy.rollingUpdate.maxUnavailable", rolling["maxUnavailable"], said)


def replicaset_causes(obj: Obj, before: Obj | None) -> Iterator[Cause]:
    """Yield what is wrong in a ReplicaSet."""
    yield from _count_causes(obj, "spec.replicas", "spec.minReadySeconds")
    yield from _selector_causes(obj, before)
    yield from _template_causes(obj, ("Always",))


def job_causes(obj: Obj, before: Obj | None) -> Iterator[Cause]:
    """Yield what is wrong in a Job."""
    yield from _count_causes(obj, *JOB_COUNTS)
    yield from _template_causes(obj, ("OnFailure", "Never"))
    if before is not None:
        for field in ("spec.selector", "spec.template", "spec.completions"):
            if at(before, field) != at(obj, field):
                shown = at(obj, field)
                if field == "spec.template":
                    shown = template_written(table(obj, field))
                yield wrong(field, shown, IMMUTABLE)
