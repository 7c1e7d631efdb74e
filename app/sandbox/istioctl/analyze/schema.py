"""What the control plane's own validation says of each of Istio's objects."""

import re
from collections.abc import Callable, Iterator, Sequence

from app.sandbox.istioctl.analyze.messages import Message
from app.sandbox.istioctl.analyze.snapshot import GROUPS, Snapshot
from app.sandbox.objects import Obj

# An object → what is wrong with it, and what is doubtful.
Validate = Callable[[Obj], tuple[Sequence[str], Sequence[str]]]
REACH = re.compile(r"virtualService rule .* (?:not used|is not used) \(", re.IGNORECASE)
SEVERAL = re.compile(r"\d+ errors? occurred:\n")


def validation(snapshot: Snapshot, validate: Validate) -> Iterator[Message]:
    """Yield what an admission would refuse or warn of."""
    for kind in (kind for kind, group in GROUPS.items() if group.endswith("istio.io")):
        for resource in snapshot.all(kind):
            errors, warnings = validate(resource.obj)
            for error in errors:
                yield Message("IST0106", resource, (error,))
            for warning in warnings:
                if not REACH.match(warning):  # `reachability` has these, with codes of their own
                    yield Message("IST0133", resource, (warning,))


def parts(said: str) -> list[str]:
    """Return the single mistakes of a sentence that counts several."""
    if not SEVERAL.match(said):
        return [said]
    return [line.strip().removeprefix("* ") for line in said.splitlines()[1:] if line.strip()]
