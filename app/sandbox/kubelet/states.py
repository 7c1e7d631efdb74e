"""Where a container stands: waiting, running or ended; and how that is written in a status."""

import secrets
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from app.sandbox.objects import Json, Obj, at, items, number, stamp, table, text

Role: TypeAlias = Literal["init", "sidecar", "app"]
EPOCH = "1970-01-01T00:00:00Z"


@dataclass(frozen=True)
class Waiting:
    """Not started (again) yet, and why."""

    reason: str
    message: str = ""


@dataclass(frozen=True)
class Running:
    """Started, and since when."""

    started_at: str
    container_id: str


@dataclass(frozen=True)
class Ended:
    """Over: its exit code, and from when to when it ran."""

    exit_code: int
    reason: str
    started_at: str
    finished_at: str
    container_id: str
    message: str = ""


State: TypeAlias = Waiting | Running | Ended


@dataclass
class Standing:
    """One container's status while its pod lives; the kubelet alone changes it."""

    spec: Obj
    role: Role
    state: State
    last: Ended | None = None
    restarts: int = 0
    is_ready: bool = False
    is_started: bool = False
    image: str = ""
    image_id: str = ""
    has_been_created: bool = field(default=False)

    @property
    def name(self) -> str:
        """Return the container's name."""
        return text(self.spec, "name")

    @property
    def is_done(self) -> bool:
        """Whether it has ended well, and for good as far as the pod is concerned."""
        return isinstance(self.state, Ended) and self.state.exit_code == 0

    @property
    def is_initialized(self) -> bool:
        """Whether the next may start: a sidecar has to run, an init container to be over."""
        return self.is_started if self.role == "sidecar" else self.is_done


def new_id() -> str:
    """Return a container's id, as containerd gives them."""
    return f"containerd://{secrets.token_hex(32)}"


def ended(running: Running, exit_code: int, message: str = "") -> Ended:
    """Return the end of what was running, now; the message is what it said of that."""
    reason = "Completed" if exit_code == 0 else "Error"
    return Ended(exit_code, reason, running.started_at, stamp(), running.container_id, message)


def standing_of(spec: Obj, role: Role, has_inits: bool, before: Obj) -> Standing:
    """Return the standing with which a container begins.

    `before` is its status where the pod has run already, under a kubelet that is no more.
    """
    waiting = Waiting("PodInitializing" if has_inits else "ContainerCreating")
    made = Standing(spec, role, waiting, image=text(spec, "image"))
    running = table(before, "state.running")
    made.restarts = number(before, "restartCount")
    if running and role != "init":
        made.restarts += 1
        made.last = Ended(
            255, "Unknown", text(running, "startedAt"), stamp(), text(before, "containerID")
        )
    return made


def status_of(standing: Standing) -> Obj:
    """Return the container's entry in its pod's status."""
    state = standing.state
    shown = state.container_id if not isinstance(state, Waiting) else ""
    if not shown and standing.last is not None:
        shown = standing.last.container_id
    status: Obj = {
        "name": standing.name,
        "image": standing.image,
        "imageID": standing.image_id,
        "lastState": {"terminated": _ended(standing.last)} if standing.last else {},
        "ready": standing.is_ready,
        "restartCount": standing.restarts,
        "started": standing.is_started,
        "state": _state(state),
        **({"containerID": shown} if shown else {}),
    }
    if standing.has_been_created:
        resources = table(standing.spec, "resources")
        status["resources"] = resources
        if table(resources, "requests"):
            status["allocatedResources"] = table(resources, "requests")
    mounts: list[Json] = [_mount(one) for one in items(standing.spec, "volumeMounts")]
    if mounts:
        status["volumeMounts"] = mounts
    return status


def _state(state: State) -> Obj:
    if isinstance(state, Running):
        return {"running": {"startedAt": state.started_at}}
    if isinstance(state, Ended):
        return {"terminated": _ended(state)}
    message: Obj = {"message": state.message} if state.message else {}
    return {"waiting": {"reason": state.reason, **message}}


def _ended(state: Ended) -> Obj:
    return {
        "exitCode": state.exit_code,
        "reason": state.reason,
        "startedAt": state.started_at,
        "finishedAt": state.finished_at,
        **({"message": state.message} if state.message else {}),
        **({"containerID": state.container_id} if state.container_id else {}),
    }


def _mount(mount: Obj) -> Obj:
    kept: Obj = {key: mount[key] for key in ("mountPath", "name") if key in mount}
    if at(mount, "readOnly") is True:
        kept |= {"readOnly": True, "recursiveReadOnly": "Disabled"}
    return kept
