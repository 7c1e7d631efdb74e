"""A span: one station of a request, as one proxy or program saw it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

CLIENT, SERVER = "client", "server"


@dataclass(frozen=True)
class Span:
    """`trace`, `id` and `parent` are hex; `start` is seconds since 1970; `kind` may be empty."""

    trace: str
    id: str
    parent: str
    service: str
    name: str
    kind: str
    start: float
    duration_s: float
    tags: Mapping[str, str] = field(default_factory=dict)
    is_error: bool = False

    @property
    def end(self) -> float:
        """Return when it ended."""
        return self.start + self.duration_s
