"""Jobs: pods that run until enough of them have succeeded.

Not emulated: success and failure policies. Such a Job runs as a plain one.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from app.sandbox.control.job.counts import (
    Pods,
    ended_at,
    failure_of,
    finished_at,
    left_s,
    missing,
    sorted_out,
    told_indexes,
)
from app.sandbox.control.job.indexes import Indexes, index_of, with_index
from app.sandbox.control.owners import (
    condition,
    controlled,
    itself_or_controller,
    reference_to,
    set_status,
)
from app.sandbox.control.pods import is_ready, of_template
from app.sandbox.control.work import Key
from app.sandbox.objects import (
    Json,
    Obj,
    at,
    is_ending,
    items,
    name_of,
    namespace_of,
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
    "FailedIndexes": "Job has failed indexes",
    "MaxFailedIndexesExceeded": "Job has exceeded the specified maximal number of failed indexes",
}


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
        if finished_at(job) is not None:
            return self._expire(job)
        pods = sorted_out(job, controlled(self._store, "pods", job))
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
            after_s = self._start(job, pods)
        pods = sorted_out(job, controlled(self._store, "pods", job))
        self._tell(job, pods, why, lost)
        still_s = left_s(job)
        return min((wait for wait in (after_s, still_s) if wait is not None), default=None)

    def _start(self, job: Obj, pods: Pods) -> float | None:
        """Start the pods that are missing; return after how long those that have to wait may."""
        count, wait_s = missing(job, pods), self._wait_s(pods.failed)
        indexes = pods.indexes
        if indexes is None or not indexes.is_limited:
            if wait_s:
                return wait_s
            for index in indexes.free[:count] if indexes else [None] * count:
                self._start_one(job, indexes, index)
            return None
        waits = {  # each number waits for failures of its own
            index: self._wait_s([pod for pod in pods.failed if index_of(pod) == index])
            for index in indexes.free
        }
        for index in [index for index, each_s in waits.items() if not each_s][:count]:
            self._start_one(job, indexes, index)
        return min((each_s for each_s in waits.values() if each_s), default=None)

    def _start_one(self, job: Obj, indexes: Indexes | None, index: int | None) -> None:
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
        if indexes is not None and index is not None:
            pod = with_index(job, pod, index, indexes)
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

    def _wait_s(self, failed: Sequence[Obj]) -> float:
        """Return how long to wait before the next pod, after the last one failed."""
        if not failed:
            return 0.0
        last = max(ended_at(pod) for pod in failed)
        backoff_s = min(FIRST_BACKOFF_S * 2.0 ** min(len(failed) - 1, 10), LONGEST_BACKOFF_S)
        since_s = (datetime.now(UTC) - last).total_seconds()
        return max(0.0, backoff_s * self._pace - since_s)

    def _tell(self, job: Obj, pods: Pods, why: str, lost: int) -> None:
        job = self._store.get("jobs.batch", name_of(job), namespace_of(job)) or job
        ready = sum(is_ready(pod) for pod in pods.active)
        counts = {
            "active": len(pods.active),
            "succeeded": pods.done,
            "failed": len(pods.failed) + lost,  # what a failed Job ends counts as failed
        }
        status: Obj = {
            **{key: count for key, count in counts.items() if count},
            "ready": ready,
            "terminating": 0,
            "uncountedTerminatedPods": {},
            **told_indexes(pods.indexes),
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
        finished = finished_at(job)
        if not isinstance(ttl, int) or finished is None:
            return None
        still_s = ttl - (datetime.now(UTC) - finished).total_seconds()
        if still_s > 0:
            return still_s
        self._registry.delete("jobs.batch", name_of(job), namespace_of(job), ASK)
        return None


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
