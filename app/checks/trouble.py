"""Why a pod is not ready, in the learner's terms: image, crash, no room, or simply not yet."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from app.clusters.objects import Object
from app.clusters.pods import container_statuses, native_sidecars, readiness, status_word

SETTLED_S: Final = 10.0  # a container that crashed looks ready between two crashes for this long

_IMAGE_WORDS = (
    "ErrImagePull",
    "ImagePullBackOff",
    "InvalidImageName",
    "ErrImageNeverPull",
    "ImageInspectError",
    "RegistryUnavailable",
)
_START_WORDS = ("CreateContainerConfigError", "CreateContainerError", "RunContainerError")


@dataclass(frozen=True)
class Trouble:
    """One cause. `reason` is image, crash, no-resources or not-ready; `look` shows more."""

    reason: str
    text: str
    look: str


def trouble(pod: Object, now: datetime) -> Trouble | None:
    """Return what keeps a pod from being ready, None where it is."""
    statuses = container_statuses(pod)
    found = _unschedulable(pod)
    for cause in (_image, _crash):
        found = found or next(filter(None, (cause(pod, s, now) for s in statuses)), None)
    if found or readiness(pod).is_all:
        return found
    return _not_yet(pod, now)


def _where(pod: Object) -> str:
    return f"{pod.name} -n {pod.namespace}"


def _unschedulable(pod: Object) -> Trouble | None:
    for condition in pod.parts("status.conditions"):
        if condition.text("type") == "PodScheduled" and condition.text("status") == "False":
            words = condition.text("message") or condition.text("reason")
            text = f"Pod {pod.name} finds no node to run on. The scheduler says: {words}"
            return Trouble("no-resources", text, f"kubectl describe pod {_where(pod)}")
    return None


def _image(pod: Object, status: Object, _now: datetime) -> Trouble | None:
    waits = status.text("state.waiting.reason")
    if waits not in _IMAGE_WORDS:
        return None
    words = status.text("state.waiting.message") or waits
    text = (
        f"Pod {pod.name} cannot get the image {_image_of(pod, status)} of its container"
        f" {status.text('name')} ({waits}). The node says: {words}"
    )
    return Trouble("image", text, f"kubectl describe pod {_where(pod)}")


def _image_of(pod: Object, status: Object) -> str:
    """Return the image as the manifest asks for it; the status may name it in another way."""
    for container in pod.parts("spec.initContainers") + pod.parts("spec.containers"):
        if container.text("name") == status.text("name"):
            return container.text("image")
    return status.text("image")


def _crash(pod: Object, status: Object, now: datetime) -> Trouble | None:
    name, waits = status.text("name"), status.text("state.waiting.reason")
    if waits in _START_WORDS:
        words = status.text("state.waiting.message")
        text = f"Container {name} of pod {pod.name} cannot start ({waits}): {words}"
        return Trouble("crash", text, f"kubectl describe pod {_where(pod)}")
    end = _last_end(status)
    is_starter = name not in native_sidecars(pod) and name in {
        c.text("name") for c in pod.parts("spec.initContainers")
    }
    if end is None or (is_starter and end.number("exitCode") == 0):
        return None
    if waits != "CrashLoopBackOff" and _has_recovered(status, now):
        return None
    text = f"Container {name} of pod {pod.name} {_ended(end)}{_again(status)}. {_said(end)}".strip()
    look = f"kubectl logs {pod.name} -c {name} -n {pod.namespace}"
    is_earlier = status.at("lastState.terminated") is not None
    return Trouble("crash", text, look + (" --previous" if is_earlier else ""))


def _last_end(status: Object) -> Object | None:
    for path in ("state.terminated", "lastState.terminated"):
        found = status.at(path)
        if isinstance(found, dict):
            return Object(found)
    return None


def _has_recovered(status: Object, now: datetime) -> bool:
    started = status.text("state.running.startedAt")
    if not started or status.at("ready") is not True:
        return False
    age_s = (now - datetime.fromisoformat(started)).total_seconds()
    return not 0 <= age_s < SETTLED_S  # below 0: the clocks disagree, as after a laptop's sleep


def _ended(end: Object) -> str:
    code, why = end.text("exitCode"), end.text("reason")
    if why == "OOMKilled":
        return f"was ended because it took more memory than its limit (exit code {code})"
    if code == "137":
        return "was killed from outside (exit code 137), most often for want of memory"
    if code == "0":
        return "ended by itself with exit code 0, and a server is expected to go on running"
    return f"crashed with exit code {code}"


def _again(status: Object) -> str:
    count = int(status.number("restartCount") or 0)
    times = "time" if count == 1 else "times"
    return f"; restarted {count} {times} so far" if count else ""


def _said(end: Object) -> str:
    words = end.text("message").strip()
    return f"It said last: {words}" if words else "Its log says more."


def _not_yet(pod: Object, now: datetime) -> Trouble:
    text = (
        f"Pod {pod.name} is {readiness(pod)} ({status_word(pod)}) {_since(pod, now)}:"
        f" {_waited_for(pod)} not ready yet."
    )
    return Trouble("not-ready", text, f"kubectl describe pod {_where(pod)}")


def _waited_for(pod: Object) -> str:
    waiting = [s for s in container_statuses(pod) if s.at("ready") is not True]
    names = [status.text("name") for status in waiting if not _is_done(status)]
    if not names:
        return "its containers are"
    return f"container {names[0]} is" if len(names) == 1 else f"containers {', '.join(names)} are"


def _is_done(status: Object) -> bool:
    return status.number("state.terminated.exitCode") == 0


def _since(pod: Object, now: datetime) -> str:
    stamps = [
        condition.text("lastTransitionTime")
        for condition in pod.parts("status.conditions")
        if condition.text("type") == "Ready" and condition.text("status") == "False"
    ]
    start = datetime.fromisoformat(stamps[0]) if stamps and stamps[0] else pod.created
    return f"for {max(0, round((now - start).total_seconds()))} s"
