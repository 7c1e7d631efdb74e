"""What the add-ons have in common: who of them runs, and what the others get from it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from app.sandbox.addons.metrics.collector import Collector
from app.sandbox.addons.metrics.database import Database


@dataclass(frozen=True)
class Mark:
    """What an analysis says of an object; `level` is Error, Warning or Info."""

    kind: str
    namespace: str
    name: str
    level: str
    code: str
    text: str


Marks: TypeAlias = Callable[[], Sequence[Mark]]


@dataclass
class Observatory:
    """The numbers are there while a Prometheus runs; `marks` tells what is wrong in the mesh."""

    marks: Marks = field(default=lambda: ())
    database: Database | None = None
    collector: Collector | None = None
