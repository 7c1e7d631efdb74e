"""The verbs on objects, each whole and at once."""

from app.sandbox.objects import Obj
from app.sandbox.registry.ask import Admission, Ask, Patch
from app.sandbox.status import StatusError
from app.sandbox.store.kinds import Kinds
from app.sandbox.store.store import Store

NOBODY = Ask()


class Registry:
    """What may be done to the store's objects. Raises, all of it: StatusError."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.admission: list[Admission] = []

    @property
    def kinds(self) -> Kinds:
        """Return the kinds that there are."""
        return self.store.kinds

    def create(self, obj: Obj, ask: Ask = NOBODY) -> Obj:
        """Return the new object as it is stored."""
        return self.store.create(obj)

    def update(self, obj: Obj, ask: Ask = NOBODY, *, subresource: str = "") -> Obj:
        """Return the changed object; `subresource` "status" changes its status alone."""
        return self.store.update(obj)

    def patch(
        self,
        resource: str,
        name: str,
        namespace: str,
        patch: Patch,
        ask: Ask = NOBODY,
        *,
        subresource: str = "",
    ) -> Obj:
        """Return the object after the patch."""
        raise StatusError(500, "InternalError", "patches are not written yet")

    def delete(
        self,
        resource: str,
        name: str,
        namespace: str = "",
        ask: Ask = NOBODY,
        *,
        grace_s: int | None = None,
        propagation: str = "Background",
    ) -> Obj:
        """Return the object as it was last: gone, or ending."""
        return self.store.remove(resource, name, namespace)
