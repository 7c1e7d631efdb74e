"""What the control plane's own validation says of each of Istio's objects."""

import re
from collections.abc import Iterator
from typing import Final

from app.sandbox.istioctl.analyze.messages import Message
from app.sandbox.istioctl.analyze.snapshot import GROUPS, Snapshot
from app.sandbox.istiod.admission.findings import Findings
from app.sandbox.istiod.admission.refusal import CHECKS
from app.sandbox.objects import Obj, text

# Warnings that `reachability` tells, with codes of their own.
REACH: Final = re.compile(r"virtualService rule .* (?:not used|is not used) \(", re.IGNORECASE)


def findings(obj: Obj) -> tuple[list[str], list[str]]:
    """Return what the control plane would refuse in an object, and what it would warn of."""
    found = Findings()
    check = CHECKS.get(text(obj, "kind"))
    if check is not None:
        check(obj, found)
    return found.errors, [said for said in found.warnings if not REACH.match(said)]


def validation(snapshot: Snapshot) -> Iterator[Message]:
    """Yield what an admission would refuse or warn of."""
    for kind in (kind for kind, group in GROUPS.items() if group.endswith("istio.io")):
        for resource in snapshot.all(kind):
            errors, warnings = findings(resource.obj)
            yield from (Message("IST0106", resource, (error,)) for error in errors)
            yield from (Message("IST0133", resource, (warning,)) for warning in warnings)
