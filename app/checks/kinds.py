"""The one table of all kinds of checks: the name that a lesson writes, and what it means."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from app.checks import (
    absent,
    addons,
    analyze,
    answers,
    attempts,
    ejection,
    gateway,
    mesh_installed,
    mtls,
    namespace,
    object,
    policy,
    question,
    reachable,
    route,
    service,
    sidecars,
    single,
    subsets,
    timeout,
    weights,
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
    route.KIND,
    policy.KIND,
    weights.KIND,
    answers.KIND,
    timeout.KIND,
    attempts.KIND,
    ejection.KIND,
    mtls.KIND,
    gateway.KIND,
    analyze.KIND,
)

KINDS: Final[Mapping[str, AnyKind]] = MappingProxyType({kind.name: kind for kind in _ALL})
