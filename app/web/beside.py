"""The cluster beside the text: the live view's objects as the rows of the panel."""

from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final, Literal

import yaml

from app.clusters.kinds import PANEL_KINDS
from app.clusters.live import Snapshot as Known
from app.clusters.objects import Object
from app.clusters.pods import (
    container_statuses,
    has_sidecar,
    readiness,
    restarts,
    status_word,
)
from app.commands.redact import Redactor
from app.errors import NotFound
from app.practice.workplace import Workplace
from app.web.panel import EventRow, Mood, ObjectRow, PodRow, Snapshot

MESH_KINDS: Final = (
    "VirtualService",
    "DestinationRule",
    "Gateway",
    "PeerAuthentication",
    "AuthorizationPolicy",
)
MOST_EVENTS: Final = 12  # newest first; older ones are in describe
RECENT: Final = timedelta(minutes=30)
MOST_LOG_LINES: Final = "500"
BUSY: Final = ("Pending", "ContainerCreating", "PodInitializing", "Terminating", "Init:")


class Beside:
    """Keeps the Protocol `LiveViews` over the cluster that is chosen."""

    def __init__(self, workplace: Workplace) -> None:
        self._workplace = workplace

    async def watch(self, namespaces: Sequence[str]) -> AsyncIterator[Snapshot]:
        """Yield what is there now, then anew whenever it changes. Raises: ClusterUnavailable."""
        bench = await self._workplace.bench()
        async with aclosing(bench.live.watch(namespaces)) as views:
            async for known in views:
                panel = as_panel(known, namespaces)
                yield replace(panel, context=bench.context, is_sandbox=bench.is_sandbox)

    async def names(self, kind: str, namespace: str) -> list[str]:
        """Return the names of the objects of a kind. Raises: ClusterUnavailable, NotAllowed."""
        bench = await self._workplace.bench()
        return [found.name for found in await bench.cluster.list(kind, namespace)]

    async def describe(
        self, what: Literal["yaml", "describe", "logs"], kind: str, name: str, namespace: str
    ) -> str:
        """Return one object as text. Raises: NotFound, ClusterUnavailable, ToolMissing."""
        if kind not in PANEL_KINDS:
            raise NotFound(f"The panel does not show objects of the kind {kind}.")
        bench = await self._workplace.bench()
        found = await bench.cluster.get(kind, name, namespace)
        if found is None:
            raise NotFound(f"{kind} {name} is not in namespace {namespace} any more.")
        if what == "yaml":
            text = yaml.safe_dump(dict(found.raw), sort_keys=False, allow_unicode=True)
        else:
            argv = ["kubectl", "describe", f"--namespace={namespace}", kind, name]
            if what == "logs":
                argv = ["kubectl", "logs", f"--namespace={namespace}", f"--tail={MOST_LOG_LINES}"]
                argv += ["--all-containers", "--prefix", f"pod/{name}"]
            said = await bench.programs.run(argv, timeout_s=15)
            text = said.stdout or said.stderr or "It has said nothing yet."
        redactor = Redactor()
        return "\n".join(redactor.line(line) for line in text.splitlines())


def as_panel(known: Known, namespaces: Sequence[str]) -> Snapshot:
    """Return the panel of what is known of these namespaces; events are those of the first."""
    now = datetime.now(UTC)
    since = known.broken_since
    there = {namespace.name for namespace in known.of("Namespace")}
    return Snapshot(
        pods=[_pod(pod, now) for pod in known.of("Pod")],
        services=[_service(each) for each in known.of("Service") if not _is_api_server(each)],
        mesh=[_mesh(each) for kind in MESH_KINDS for each in known.of(kind)],
        events=_events(known.of("Event", *namespaces[:1]), now),
        missing=[name for name in namespaces if "Namespace" in known.objects and name not in there],
        trouble=f"It has not answered for {age(now, since)}." if since else "",
    )


def age(now: datetime, then: datetime) -> str:
    """Return how long ago that was, as kubectl's AGE column says it: 42s, 5m, 3h, 2d."""
    seconds = max(0, int((now - then).total_seconds()))
    for size, unit in ((86400, "d"), (3600, "h"), (60, "m")):
        if seconds >= 2 * size:
            return f"{seconds // size}{unit}"
    return f"{seconds}s"


def _pod(pod: Object, now: datetime) -> PodRow:
    ready, word = readiness(pod), status_word(pod)
    return PodRow(
        namespace=pod.namespace,
        name=pod.name,
        ready=str(ready),
        status=word,
        restarts=restarts(pod),
        age=age(now, pod.created),
        mood=_mood(word, is_ready=ready.is_all),
        reason=_reason(pod),
        has_sidecar=has_sidecar(pod),
    )


def _mood(word: str, *, is_ready: bool) -> Mood:
    if word == "Running":
        return "good" if is_ready else "busy"
    if word in ("Completed", "Succeeded"):
        return "plain"
    is_wrong = any(sign in word for sign in ("Err", "BackOff", "Error", "Invalid"))
    return "busy" if word.startswith(BUSY) and not is_wrong else "bad"


def _reason(pod: Object) -> str:
    for status in container_statuses(pod):
        if message := status.text("state.waiting.message"):
            return message
        if ended := status.text("lastState.terminated.reason"):
            return f"{status.text('name')} ended before: {ended}"
    for condition in pod.parts("status.conditions"):
        if condition.text("reason") == "Unschedulable":
            return condition.text("message")
    return ""


def _is_api_server(service: Object) -> bool:
    """Every cluster has it, and no lesson is about it."""
    return (service.namespace, service.name) == ("default", "kubernetes")


def _service(service: Object) -> ObjectRow:
    ports = ", ".join(
        f"{port.text('port')}→{port.text('targetPort') or port.text('port')}"
        for port in service.parts("spec.ports")
    )
    return ObjectRow("Service", service.namespace, service.name, ports)


def _mesh(each: Object) -> ObjectRow:
    return ObjectRow(each.kind, each.namespace, each.name, _detail(each))


def _detail(each: Object) -> str:
    if each.kind == "VirtualService":
        return f"{', '.join(each.texts('spec.hosts'))}: {_routes(each)}"
    if each.kind == "DestinationRule":
        subsets = ", ".join(part.text("name") for part in each.parts("spec.subsets"))
        policy = ", ".join(_keys(each, "spec.trafficPolicy"))
        words = [each.text("spec.host"), subsets and f"subsets {subsets}", policy]
        return " · ".join(word for word in words if word)
    if each.kind == "PeerAuthentication":
        return each.text("spec.mtls.mode", "UNSET")
    if each.kind == "Gateway":
        return ", ".join(
            host for part in each.parts("spec.servers") for host in part.texts("hosts")
        )
    return each.text("spec.action", "ALLOW")


def _routes(virtual_service: Object) -> str:
    parts = virtual_service.parts("spec.http")
    texts = []
    for route in parts[0].parts("route") if parts else []:
        target = route.text("destination.subset") or route.text("destination.host")
        weight = route.text("weight")
        texts.append(f"{target} {weight} %" if weight else target)
    more = f" and {len(parts) - 1} more" if len(parts) > 1 else ""
    return ", ".join(texts) + more


def _keys(each: Object, path: str) -> list[str]:
    found = each.at(path)
    return sorted(found) if isinstance(found, dict) else []


def _events(events: Sequence[Object], now: datetime) -> list[EventRow]:
    recent = [event for event in events if now - _last_seen(event) < RECENT]
    newest = sorted(recent, key=_last_seen, reverse=True)[:MOST_EVENTS]
    return [
        EventRow(
            age=age(now, _last_seen(event)),
            type=event.text("type"),
            reason=event.text("reason"),
            object=f"{event.text('involvedObject.kind')} {event.text('involvedObject.name')}",
            message=event.text("message"),
            count=int(event.number("count") or 1),
        )
        for event in newest
    ]


def _last_seen(event: Object) -> datetime:
    for path in ("series.lastObservedTime", "lastTimestamp", "eventTime"):
        if stamp := event.text(path):
            return datetime.fromisoformat(stamp)
    return event.created
