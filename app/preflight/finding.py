"""One thing that preflight looked at, and what came of it."""

from dataclasses import asdict, dataclass
from typing import Literal

State = Literal["ok", "warning", "problem", "unknown"]


@dataclass(frozen=True)
class Finding:
    """`why` says why it matters; `mend` is the command, or the sentence, that sets it right.

    A problem keeps the course from working, a warning makes a part of it differ; unknown means
    that the question could not be answered. `where` is where `mend` belongs: `here` is a command
    that the lab may run, `terminal` one for the learner's own terminal, since it installs something
    or asks for a password.
    """

    id: str
    state: State
    title: str
    detail: str = ""
    why: str = ""
    mend: str = ""
    where: Literal["", "here", "terminal"] = ""

    def as_row(self) -> dict[str, str]:
        """Return the finding for JSON. Shape: {field: text}."""
        return asdict(self)
