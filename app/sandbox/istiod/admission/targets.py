"""What a policy is attached to: workloads by labels, or other objects by name."""

from app.sandbox.istiod.admission.findings import Findings
from app.sandbox.objects import Obj, items, strings, table, text

ALLOWED = ("core/v1/Service", "networking.istio.io/v1/ServiceEntry",
           "gateway.networking.k8s.io/v1/Gateway",
           "gateway.networking.k8s.io/v1/GatewayClass")  # fmt: skip


def attached(spec: Obj, found: Findings, where: str = "") -> None:
    """Check selector, targetRef and targetRefs of a policy; `where` names it in errors."""
    if sum(bool(spec.get(key)) for key in ("selector", "targetRef", "targetRefs")) > 1:
        found.error(f"{where}only one of targetRefs or workloadSelector can be set")
    found.selector(spec.get("selector"))
    for key, value in strings(spec, "selector.matchLabels").items():
        if "*" in key or "*" in value:
            found.error(f'{where}wildcard is not supported in selector: "{key}={value}"')
    for target in [table(spec, "targetRef"), *items(spec, "targetRefs")]:
        if target:
            _target(target, found, where)


def _target(target: Obj, found: Findings, where: str) -> None:
    if not text(target, "name"):
        found.error(f"{where}targetRef name must be set")
    if text(target, "namespace"):
        found.error(
            f"{where}targetRef namespace must not be set; "
            "cross namespace referencing is not supported"
        )
    group, kind = text(target, "group"), text(target, "kind")
    known = (each.split("/") for each in ALLOWED)
    if not any((group or "core", kind) == (each[0], each[-1]) for each in known):
        said = f"targetRef must be to one of [{' '.join(ALLOWED)}] but was {group}/{kind}"
        found.error(where + said)
