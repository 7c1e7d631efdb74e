"""How far a Job is: its pods counted, how many are missing, and whether it has failed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from app.sandbox.control.job.indexes import (
    Indexes,
    indexes_of,
    is_indexed,
    why_failed,
    written_ranges,
)
from app.sandbox.control.owners import condition
from app.sandbox.control.pods import is_active
from app.sandbox.objects import Obj, at, items, number, parse_stamp, stamp, text


@dataclass(frozen=True)
class Pods:
    """A Job's pods by how far they are, and its numbers where it is an indexed one."""

    active: Sequence[Obj]
    succeeded: Sequence[Obj]
    failed: Sequence[Obj]
    indexes: Indexes | None = None

    @property
    def done(self) -> int:
        """How many of the completions are there."""
        return len(self.indexes.completed) if self.indexes else len(self.succeeded)


def sorted_out(job: Obj, pods: Sequence[Obj]) -> Pods:
    """Return a Job's pods by how far they are."""

    def of(phase: str) -> list[Obj]:
        return [pod for pod in pods if text(pod, "status.phase") == phase]

    active, succeeded, failed = [p for p in pods if is_active(p)], of("Succeeded"), of("Failed")
    indexes = indexes_of(job, active, succeeded, failed) if is_indexed(job) else None
    return Pods(active, succeeded, failed, indexes)


def told_indexes(indexes: Indexes | None) -> Obj:
    """Return what a status says of the numbers of an indexed Job."""
    if indexes is None:
        return {}
    done: Obj = {"completedIndexes": written_ranges(indexes.completed)} if indexes.completed else {}
    lost: Obj = {"failedIndexes": written_ranges(indexes.failed)} if indexes.is_limited else {}
    return done | lost


def missing(job: Obj, pods: Pods) -> int:
    """Return how many pods are to be started now."""
    parallel = number(job, "spec.parallelism", 1)
    completions = at(job, "spec.completions")
    if pods.indexes is not None:
        return max(min(parallel - len(pods.active), len(pods.indexes.free)), 0)
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
    if pods.indexes and (why := why_failed(job, pods.indexes, bool(pods.active))):
        return why
    still_s = left_s(job)
    return "DeadlineExceeded" if still_s is not None and still_s <= 0 else ""


def left_s(job: Obj) -> float | None:
    """Return how long a Job may still run, None where it may for ever."""
    deadline = at(job, "spec.activeDeadlineSeconds")
    started = text(job, "status.startTime")
    if not isinstance(deadline, int) or not started or at(job, "spec.suspend") is True:
        return None
    return deadline - (datetime.now(UTC) - parse_stamp(started)).total_seconds()


def finished_at(job: Obj) -> datetime | None:
    """Return when a Job has ended, well or not; None where it goes on."""
    for type_ in ("Complete", "Failed"):
        found = condition(items(job, "status.conditions"), type_)
        if found is not None and found.get("status") == "True":
            return parse_stamp(text(found, "lastTransitionTime"))
    return None


def ended_at(pod: Obj) -> datetime:
    """Return when a pod's containers have ended."""
    ends = [
        text(status, "state.terminated.finishedAt")
        for status in items(pod, "status.containerStatuses")
    ]
    return parse_stamp(max((end for end in ends if end), default=stamp()))
