"""Events: what happened to an object, counted where it happens again."""

from app.sandbox.objects import Obj
from app.sandbox.registry.registry import Registry


class Events:
    """Records what controllers and the kubelet tell about objects."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    def record(
        self, obj: Obj, type_: str, reason: str, message: str, source: str, *, field: str = ""
    ) -> None:
        """Write an Event (`type_` Normal or Warning) about an object, or count it once more.

        `field` is the part of the object that is meant (`spec.containers{web}`), written as
        involvedObject.fieldPath. What `default-scheduler` tells has eventTime, action and
        reportingComponent in place of source and count.
        """
