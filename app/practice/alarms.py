"""Contexts that look like production: why, and which of them the learner has confirmed."""

import asyncio
import hashlib
from collections.abc import Sequence

from app.clusters.cluster import Cluster
from app.clusters.kubeconfig import Context
from app.clusters.production import reasons_by_address, reasons_by_content
from app.errors import NotAllowed, Refused
from app.progress.queries import Progress

CONFIRMED = "confirmed"  # the name under which a confirmation is kept


class Alarms:
    """Knows why a context should not be touched. `owner` is whose confirmations count."""

    def __init__(self, progress: Progress, owner: str) -> None:
        self._progress = progress
        self._owner = owner
        self._seen: dict[str, str] = {}  # of contexts that were refused for what they hold

    async def standing(self, context: Context) -> str:
        """Return why it looks like production; empty where it does not, or was confirmed."""
        if await self._is_confirmed(context.name):
            return ""
        return self._seen.get(context.name) or _told(context, ())

    async def confirm(self, name: str) -> None:
        """Take the learner's word that the context is theirs to play with."""
        await self._progress.choose(self._owner, _confirmed(name), "yes")

    async def look(self, context: Context, cluster: Cluster) -> None:
        """Look at what the cluster holds. Raises: Refused where it looks like production."""
        try:
            nodes, namespaces = await asyncio.gather(
                cluster.list("Node"), cluster.list("Namespace")
            )
            seen = reasons_by_content(nodes, namespaces)
        except NotAllowed:
            seen = ["this account may not see its nodes, as where a cluster is shared"]
        alarm = _told(context, seen)
        if alarm and not await self._is_confirmed(context.name):
            self._seen[context.name] = alarm
            raise refusal(context.name, alarm)

    async def _is_confirmed(self, name: str) -> bool:
        return bool(await self._progress.choice(self._owner, _confirmed(name)))


def refusal(name: str, alarm: str) -> Refused:
    """Return the error that asks for the context's name."""
    return Refused(
        f"The context “{name}” looks like production: {alarm}.",
        hint="The course creates and deletes namespaces. If this cluster is yours to play with, "
        "type the context's name in the settings.",
    )


def _told(context: Context, by_content: Sequence[str]) -> str:
    return "; ".join([*reasons_by_address(context), *by_content])


def _confirmed(name: str) -> str:
    """Names of managed clusters are long and alike, and a choice's name is short."""
    return f"{CONFIRMED}:{hashlib.sha256(name.encode()).hexdigest()[:32]}"
