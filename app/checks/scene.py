"""What a host's route is judged by: every object that may speak for it, and who asks."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict

from app.checks.backends import Backend, backend
from app.checks.inforce import (
    Rules,
    destination_rules,
    full_name,
    hosts_of,
    is_exported,
    is_for_sidecars,
    virtual_services,
)
from app.clusters.cluster import Cluster
from app.clusters.objects import Object

Problem = tuple[str, str]  # reason, message


class Destination(BaseModel):
    """One destination that a lesson asks for."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    host: str
    subset: str = ""
    port: int | None = None
    weight: int | None = None


@dataclass(frozen=True)
class Wish:
    """What a lesson asks of a host's route. None means that it does not matter."""

    to: tuple[Destination, ...] = ()
    timeout_s: float | None = None
    attempts: int | None = None
    per_try_timeout_s: float | None = None
    retry_on: tuple[str, ...] = ()


@dataclass(frozen=True)
class Scene:
    """What a route is judged by: the host, everything that may speak for it, and who asks."""

    namespace: str
    backend: Backend
    services: Sequence[Object]
    virtual_services: Sequence[Object]
    destination_rules: Sequence[Object]
    rules: Rules
    caller_namespace: str

    @property
    def host(self) -> str:
        """The host by its full name."""
        return self.backend.host

    def is_lost(self, host: str, namespace: str) -> bool:
        """Return whether a host, as written in a namespace, means no Service at all."""
        known = {full_name(each.name, each.namespace) for each in self.services}
        return full_name(host, namespace) not in known

    def in_force(self) -> list[Object]:
        """Return the VirtualServices for the host; the first one wins."""
        return virtual_services(self.host, self.virtual_services, self.caller_namespace)


async def scene_of(cluster: Cluster, host: str, namespace: str, caller_namespace: str) -> Scene:
    """Read everything that may speak for a host."""
    behind, services, routes, rules = await asyncio.gather(
        backend(cluster, host, namespace),
        cluster.list("Service"),
        cluster.list("VirtualService"),
        cluster.list("DestinationRule"),
    )
    merged = destination_rules(behind.host, behind.namespace, rules, caller_namespace)
    return Scene(namespace, behind, services, routes, rules, merged, caller_namespace)


def absence(scene: Scene) -> Problem:
    """Return why no VirtualService speaks for the host."""
    host, short = scene.host, scene.host.partition(".")[0]
    mine = [each for each in scene.virtual_services if host in hosts_of(each)]
    for each in mine:
        if not is_for_sidecars(each):
            return "gateway-only", (
                f"{each.name} names the host, but is bound to gateways alone "
                f"({', '.join(each.texts('spec.gateways'))}). Callers inside the mesh do not use "
                "it."
            )
        if not is_exported(each, scene.caller_namespace):
            return "not-exported", (
                f"{each.name} names the host, but exportTo keeps it from callers in other "
                "namespaces."
            )
    return _misplaced(scene, short) or _misnamed(scene, short) or _nothing(scene)


def _misplaced(scene: Scene, short: str) -> Problem | None:
    for each in scene.virtual_services:
        if each.namespace != scene.namespace and scene.is_lost(short, each.namespace):
            if short not in each.texts("spec.hosts"):
                continue
            return "other-namespace", (
                f"{each.name} is in namespace {each.namespace}, where the short name {short} "
                f"means {full_name(short, each.namespace)}. Expected was one for {scene.host}."
            )
    return None


def _misnamed(scene: Scene, short: str) -> Problem | None:
    for each in scene.virtual_services:
        if each.namespace != scene.namespace:
            continue
        targets = {
            full_name(d.text("destination.host"), each.namespace) for d in destinations(each)
        }
        strange = [name for name in hosts_of(each) if scene.is_lost(name, each.namespace)]
        if strange and (scene.host in targets or any(short in name for name in strange)):
            return "wrong-host", (
                f"{each.name} is for the host {', '.join(each.texts('spec.hosts'))}, which no "
                f"Service here has. Expected was a VirtualService for {short} (in full: "
                f"{scene.host})."
            )
    return None


def _nothing(scene: Scene) -> Problem:
    return "no-virtualservice", (
        f"No VirtualService speaks for {scene.host}. Expected was one in namespace "
        f"{scene.namespace}."
    )


def ordinary_route(virtual_service: Object) -> Object | None:
    """Return the part of `spec.http` for an ordinary request: the first without conditions."""
    for part in virtual_service.parts("spec.http"):
        conditions = part.parts("match")
        if not conditions or any(_matches_all(each) for each in conditions):
            return part
    return None


def _matches_all(condition: Object) -> bool:
    keys = set(condition.raw) - {"name"}
    return not keys or (keys == {"uri"} and condition.text("uri.prefix") == "/")


def destinations(virtual_service: Object) -> list[Object]:
    """Return all destinations of all its HTTP routes."""
    return [d for part in virtual_service.parts("spec.http") for d in part.parts("route")]
