"""What the control plane's own validation says of each of Istio's objects."""

import re
from collections.abc import Iterator
from typing import Final

from app.sandbox.istioctl.analyze.messages import Message
from app.sandbox.istioctl.analyze.snapshot import GROUPS, Snapshot
from app.sandbox.istioctl.line.flags import seconds
from app.sandbox.istiod.admission.findings import Findings
from app.sandbox.istiod.admission.refusal import CHECKS
from app.sandbox.objects import Obj, items, table, text

# Warnings that `reachability` tells, with codes of their own.
REACH: Final = re.compile(r"virtualService rule .* (?:not used|is not used) \(", re.IGNORECASE)
TOO_SHORT: Final = "duration must be greater than 1ms"
SHORTEST_S: Final = 0.001
OF_POLICIES: Final = (
    "connectionPool.tcp.connectTimeout",
    "outlierDetection.baseEjectionTime",
    "outlierDetection.interval",
)


def findings(obj: Obj) -> tuple[list[str], list[str]]:
    """Return what the control plane would refuse in an object, and what it would warn of."""
    found = Findings()
    check = CHECKS.get(text(obj, "kind"))
    if check is not None:
        check(obj, found)
    found.errors.extend(TOO_SHORT for written in _durations(obj) if _is_too_short(written))
    return found.errors, [said for said in found.warnings if not REACH.match(said)]


def _durations(obj: Obj) -> Iterator[str]:
    """Yield durations of which a cluster's schema refuses short ones before an admission does."""
    for route in items(obj, "spec.http"):
        yield from (text(route, "timeout"), text(route, "retries.perTryTimeout"))
    for held in (table(obj, "spec"), *items(obj, "spec.subsets")):
        policy = table(held, "trafficPolicy")
        for each in (policy, *items(policy, "portLevelSettings")):
            yield from (text(each, path) for path in OF_POLICIES)


def _is_too_short(written: str) -> bool:
    length_s = seconds(written) if written else None
    return length_s is not None and length_s < SHORTEST_S


def validation(snapshot: Snapshot) -> Iterator[Message]:
    """Yield what an admission would refuse or warn of."""
    for kind in (kind for kind, group in GROUPS.items() if group.endswith("istio.io")):
        for resource in snapshot.all(kind):
            errors, warnings = findings(resource.obj)
            yield from (Message("IST0106", resource, (error,)) for error in errors)
            yield from (Message("IST0133", resource, (warning,)) for warning in warnings)
