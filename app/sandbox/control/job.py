"""Jobs: pods that run until enough of them have succeeded.

Not emulated: indexed completion, success and failure policies. Such a Job runs as a plain one.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from app.sandbox.control.owners import (
    condition,
    controlled,
    itself_or_controller,
    reference_to,
    set_status,
)
from app.sandbox.control.pods import is_active, is_ready, of_template
from app.sandbox.control.work import Key
from app.sandbox.objects import (
    Json,
    Obj,
    at,
    is_ending,
    items,
    name_of,
    namespace_of,
    number,
    parse_stamp,
    stamp,
    table,
    text,
)
from app.sandbox.registry.ask import Ask
from app.sandbox.registry.events import Events
from app.sandbox.registry.registry import Registry
from app.sandbox.status import StatusError
from app.sandbox.store.store import Change

SOURCE = "job-controller"
ASK = Ask(user="system:serviceaccount:kube-system:job-controller")
FIRST_BACKOFF_S = 10.0
LONGEST_BACKOFF_S = 600.0
FAILURES = {
    "BackoffLimitExceeded": "Job has reached the specified backoff limit",
    "DeadlineExceeded": "Job was active longer than specified deadline",
}


@dataclass(frozen=True)
class Pods:
    """A Job's pods by how far they are."""

    active: Sequence[Obj]
    succeeded: Sequence[Obj]
    failed: Sequence[Obj]


class Jobs:
    """The controller of Jobs. `pace` scales the wait after a failed pod."""

    resources = frozenset({"jobs.batch", "pods"})

    def __init__(self, registry: Registry, events: Events, pace: float) -> None:
        self._registry = registry
        self._store = registry.store
        self._events = events
        self._pace = pace

    def touched(self, change: Change) -> Iterable[Key]:
        """Return the Job itself, or the one that a pod belongs to."""
        return itself_or_controller(change, "jobs.batch", "Job")

    def look(self, key: Key) -> float | None:
        """Start the pods that are missing, end a Job that is done or has failed, count."""
        job = self._store.get("jobs.batch", key[1], key[0])
        if job is None or is_ending(job):
            return None
        if _finished_at(job) is not None:
            return self._expire(job)
        pods = sorted_out(controlled(self._store, "pods", job))
        why = failure_of(job, pods)
        after_s: float | None = None
        lost = 0
        if why:
            lost = len(pods.active)
            self._remove(job, pods.active)
            self._events.record(job, "Warning", why, FAILURES[why], SOURCE)
        elif at(job, "spec.suspend") is True:
            self._remove(job, pods.active)
        elif missing(job, pods) > 0:
            after_s = self._wait_s(pods)
            if not after_s:
                self._start(job, missing(job, pods))
        pods = sorted_out(controlled(self._store, "pods", job))
        self._tell(job, pods, why, lost)
        left_s = _left_s(job)
        return min((wait for wait in (after_s, left_s) if wait is not None), default=None)

    def _start(self, job: Obj, count: int) -> None:
        template = table(job, "spec.template")
        labels: Obj = {
            "batch.kubernetes.io/controller-uid": text(job, "metadata.uid"),
            "batch.kubernetes.io/job-name": name_of(job),
            "controller-uid": text(job, "metadata.uid"),
            "job-name": name_of(job),
        }
        meta = table(template, "metadata")
        labelled: Obj = {**meta, "labels": {**table(meta, "labels"), **labels}}
        pod = of_template(
            {**template, "metadata": labelled}, namespace_of(job), name_of(job), reference_to(job)
        )
        for _ in range(count):
            try:
                made = self._registry.create(pod, ASK)
            except StatusError as refused:
                told = f"Error creating: {refused.message}"
                self._events.record(job, "Warning", "FailedCreate", told, SOURCE)
                raise
            told = f"Created pod: {name_of(made)}"
            self._events.record(job, "Normal", "SuccessfulCreate", told, SOURCE)

    def _remove(self, job: Obj, pods: Sequence[Obj]) -> None:
        for pod in pods:
            self._registry.delete("pods", name_of(pod), namespace_of(pod), ASK)
            told = f"Deleted pod: {name_of(pod)}"
            self._events.record(job, "Normal", "SuccessfulDelete", told, SOURCE)

    def _wait_s(self, pods: Pods) -> float:
        """Return how long to wait before the next pod, after the last one failed."""
        if not pods.failed:
            return 0.0
        last = max(_ended_at(pod) for pod in pods.failed)
        backoff_s = min(FIRST_BACKOFF_S * 2.0 ** (len(pods.failed) - 1), LONGEST_BACKOFF_S)
        since_s = (datetime.now(UTC) - last).total_seconds()
        return max(0.0, backoff_s * self._pace - since_s)

    def _tell(self, job: Obj, pods: Pods, why: str, lost: int) -> None:
        job = self._store.get("jobs.batch", name_of(job), namespace_of(job)) or job
        ready = sum(is_ready(pod) for pod in pods.active)
        counts = {
            "active": len(pods.active),
            "succeeded": len(pods.succeeded),
            "failed": len(pods.failed) + lost,  # what a failed Job ends counts as failed
        }
        status: Obj = {
            **{key: count for key, count in counts.items() if count},
            "ready": ready,
            "terminating": 0,
            "uncountedTerminatedPods": {},
        }
        conditions: list[Json] = [*self._suspension(job)]
        started = text(job, "status.startTime")
        if at(job, "spec.suspend") is not True:
            was = condition(items(job, "status.conditions"), "Suspended")
            is_resumed = was is not None and was.get("status") == "True"
            status["startTime"] = stamp() if is_resumed or not started else started
        elif started:
            status["startTime"] = started
        if why:
            conditions += [
                _true(type_, why, FAILURES[why]) for type_ in ("FailureTarget", "Failed")
            ]
        elif not pods.active and missing(job, pods) <= 0:
            told = ("CompletionsReached", "Reached expected number of succeeded pods")
            conditions += [_true(type_, *told) for type_ in ("SuccessCriteriaMet", "Complete")]
            status["completionTime"] = stamp()
            self._events.record(job, "Normal", "Completed", "Job completed", SOURCE)
        if conditions:
            status["conditions"] = conditions
        set_status(self._store, job, status)

    def _suspension(self, job: Obj) -> list[Obj]:
        """Return a Job's conditions with the one that says whether it is suspended."""
        conditions = items(job, "status.conditions")
        was = condition(conditions, "Suspended")
        is_suspended = at(job, "spec.suspend") is True
        if is_suspended == (was is not None and was.get("status") == "True"):
            return conditions
        word = "Suspended" if is_suspended else "Resumed"
        told = f"Job {word.lower()}"
        self._events.record(job, "Normal", word, told, SOURCE)
        status = "True" if is_suspended else "False"
        now = {**_true("Suspended", f"Job{word}", told), "status": status}
        return [*(one for one in conditions if one is not was), now]

    def _expire(self, job: Obj) -> float | None:
        """Delete a finished Job whose time is over; return how long it still has."""
        ttl = at(job, "spec.ttlSecondsAfterFinished")
        finished = _finished_at(job)
        if not isinstance(ttl, int) or finished is None:
            return None
        left_s = ttl - (datetime.now(UTC) - finished).total_seconds()
        if left_s > 0:
            return left_s
        self._registry.delete("jobs.batch", name_of(job), namespace_of(job), ASK)
        return None


def sorted_out(pods: Sequence[Obj]) -> Pods:
    """Return a Job's pods by how far they are."""

    def of(phase: str) -> list[Obj]:
        return [pod for pod in pods if text(pod, "status.phase") == phase]

    return Pods([pod for pod in pods if is_active(pod)], of("Succeeded"), of("Failed"))


def missing(job: Obj, pods: Pods) -> int:
    """Return how many pods are to be started now."""
    parallel = number(job, "spec.parallelism", 1)
    completions = at(job, "spec.completions")
    if isinstance(completions, int):
        wanted = min(parallel, completions - len(pods.succeeded))
    else:
        wanted = 0 if pods.succeeded else parallel
    return max(wanted - len(pods.active), 0)


def failure_of(job: Obj, pods: Pods) -> str:
    """Return the reason for which a Job has failed, empty where it has not."""
    restarts = sum(
        number(status, "restartCount")
        for pod in pods.active
        for status in items(pod, "status.containerStatuses")
        if text(job, "spec.template.spec.restartPolicy") == "OnFailure"
    )
    if len(pods.failed) + restarts > number(job, "spec.backoffLimit", 6):
        return "BackoffLimitExceeded"
    left_s = _left_s(job)
    return "DeadlineExceeded" if left_s is not None and left_s <= 0 else ""


def _left_s(job: Obj) -> float | None:
    deadline = at(job, "spec.activeDeadlineSeconds")
    started = text(job, "status.startTime")
    if not isinstance(deadline, int) or not started or at(job, "spec.suspend") is True:
        return None
    return deadline - (datetime.now(UTC) - parse_stamp(started)).total_seconds()


def _finished_at(job: Obj) -> datetime | None:
    for type_ in ("Complete", "Failed"):
        found = condition(items(job, "status.conditions"), type_)
        if found is not None and found.get("status") == "True":
            return parse_stamp(text(found, "lastTransitionTime"))
    return None


def _ended_at(pod: Obj) -> datetime:
    ends = [
        text(status, "state.terminated.finishedAt")
        for status in items(pod, "status.containerStatuses")
    ]
    return parse_stamp(max((end for end in ends if end), default=stamp()))


def _true(type_: str, reason: str, message: str) -> Obj:
    now = stamp()
    return {
        "type": type_,
        "status": "True",
        "lastProbeTime": now,
        "lastTransitionTime": now,
        "reason": reason,
        "message": message,
    }
