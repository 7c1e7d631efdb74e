"""The one table of all kinds of checks: the name that a lesson writes, and what it means."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from app.checks import (
    absent,
    addons,
    analyze,
    mesh_installed,
    namespace,
    object,
    question,
    reachable,
    service,
    sidecars,
    single,
    subsets,
)
from app.checks.kind import AnyKind

_ALL: Final[tuple[AnyKind, ...]] = (
    reachable.KIND,
    mesh_installed.KIND,
    namespace.KIND,
    sidecars.KIND,
    service.KIND,
    object.KIND,
    single.KIND,
    subsets.KIND,
    absent.KIND,
    addons.KIND,
    question.KIND,
    analyze.KIND,
)

KINDS: Final[Mapping[str, AnyKind]] = MappingProxyType({kind.name: kind for kind in _ALL})
