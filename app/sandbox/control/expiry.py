"""Events go after an hour, as in Kubernetes."""

from collections.abc import Iterable
from datetime import UTC, datetime

from app.sandbox.control.work import Key
from app.sandbox.objects import Obj, name_of, namespace_of, parse_stamp, text
from app.sandbox.store.store import Change, Store

LIFE_S = 3600.0
ROUND_S = 60.0  # those that are due within it go together: one timer, however many Events
ALL: Key = ("", "events")


class Expiry:
    """Removes old Events. It sleeps until the oldest is due, and while there is none."""

    resources = frozenset({"events"})

    def __init__(self, store: Store) -> None:
        self._store = store
        self._is_waiting = False

    def touched(self, change: Change) -> Iterable[Key]:
        """Return the one key, unless its timer runs."""
        return [] if self._is_waiting or change.type != "ADDED" else [ALL]

    def look(self, key: Key) -> float | None:
        """Remove what is too old; return when the next is due."""
        now = datetime.now(UTC)
        oldest_s: float | None = None
        for event in self._store.list("events"):
            age_s = (now - last_seen(event)).total_seconds()
            if age_s >= LIFE_S:
                self._store.remove("events", name_of(event), namespace_of(event))
            elif oldest_s is None or age_s > oldest_s:
                oldest_s = age_s
        self._is_waiting = oldest_s is not None
        return None if oldest_s is None else LIFE_S - oldest_s + ROUND_S


def last_seen(event: Obj) -> datetime:
    """Return when an Event was told last."""
    written = text(event, "lastTimestamp") or text(event, "eventTime")
    return parse_stamp(written or text(event, "metadata.creationTimestamp"))
