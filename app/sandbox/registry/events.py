"""Events: what happened to an object, counted where it happens again."""

from app.sandbox.objects import Obj
from app.sandbox.registry.registry import Registry


class Events:
    """Records what controllers and the kubelet tell about objects."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    def record(self, obj: Obj, type_: str, reason: str, message: str, source: str) -> None:
        """Write an Event (`type_` Normal or Warning) about an object, or count it once more."""
