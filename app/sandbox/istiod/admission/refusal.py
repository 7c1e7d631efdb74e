"""The validating webhook: whether it is asked, and how its refusal reads."""

from app.sandbox.objects import Obj
from app.sandbox.registry.ask import Ask
from app.sandbox.store.store import Store


def refuse(obj: Obj, store: Store, ask: Ask, *, is_working: bool) -> None:
    """Raise the StatusError of what Istio would not take."""
