"""Indexed Jobs: which of a Job's numbers are done, have failed, or wait for a pod.

Source: https://kubernetes.io/docs/concepts/workloads/controllers/job/#completion-mode
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from app.sandbox.objects import Json, Obj, annotations_of, at, items, name_of, number, table, text

INDEX = "batch.kubernetes.io/job-completion-index"
FAILURES = "batch.kubernetes.io/job-index-failure-count"
VARIABLE = "JOB_COMPLETION_INDEX"


@dataclass(frozen=True)
class Indexes:
    """`free` wait for a pod, in order; `failures` counts the failed pods of each.

    `is_limited`: each may fail only so often, and `failed` are those that did too often.
    """

    completed: frozenset[int]
    failed: frozenset[int]
    free: Sequence[int]
    failures: Counter[int]
    is_limited: bool


def is_indexed(job: Obj) -> bool:
    """Whether each pod of a Job has a number of its own."""
    return text(job, "spec.completionMode") == "Indexed"


def index_of(pod: Obj) -> int:
    """Return a pod's number, -1 where it has none."""
    said = annotations_of(pod).get(INDEX, "")
    return int(said) if said.isdigit() else -1


def indexes_of(
    job: Obj, active: Iterable[Obj], succeeded: Iterable[Obj], failed: Iterable[Obj]
) -> Indexes:
    """Return how far the numbers of an indexed Job are, by its pods and what was counted before."""
    every = range(number(job, "spec.completions"))
    done = read_ranges(text(job, "status.completedIndexes")) | {index_of(pod) for pod in succeeded}
    completed = frozenset(index for index in done if index in every)
    failures = Counter(index_of(pod) for pod in failed)
    limit = at(job, "spec.backoffLimitPerIndex")
    lost = frozenset(
        index
        for index, count in failures.items()
        if isinstance(limit, int) and count > limit and index in every and index not in completed
    )
    taken = completed | lost | {index_of(pod) for pod in active}
    free = [index for index in every if index not in taken]
    return Indexes(completed, lost, free, failures, isinstance(limit, int))


def why_failed(job: Obj, indexes: Indexes, is_busy: bool) -> str:
    """Return the reason for which a Job's numbers make it fail, empty where they do not."""
    most = at(job, "spec.maxFailedIndexes")
    if isinstance(most, int) and len(indexes.failed) > most:
        return "MaxFailedIndexesExceeded"
    return "FailedIndexes" if indexes.failed and not indexes.free and not is_busy else ""


def with_index(job: Obj, pod: Obj, index: int, indexes: Indexes) -> Obj:
    """Return a pod of a Job's template as the pod of one number: named and told so."""
    meta, spec = table(pod, "metadata"), table(pod, "spec")
    shown: Obj = {INDEX: str(index)}
    marks = shown | ({FAILURES: str(indexes.failures[index])} if indexes.is_limited else {})
    return {
        **pod,
        "metadata": {
            **meta,
            "generateName": f"{name_of(job)}-{index}-",
            "labels": {**table(meta, "labels"), **shown},
            "annotations": {**table(meta, "annotations"), **marks},
        },
        "spec": {
            **spec,
            "hostname": f"{name_of(job)}-{index}",
            **{
                kind: [_told(one) for one in items(spec, kind)]
                for kind in ("initContainers", "containers")
                if items(spec, kind)
            },
        },
    }


def _told(container: Obj) -> Obj:
    """Return a container that has its number as a variable, unless it has one of that name."""
    env = items(container, "env")
    if any(one.get("name") == VARIABLE for one in env):
        return container
    path = f"metadata.labels['{INDEX}']"
    own: Obj = {"name": VARIABLE, "valueFrom": {"fieldRef": {"fieldPath": path}}}
    every: list[Json] = [*env, own]
    return {**container, "env": every}


def written_ranges(indexes: Iterable[int]) -> str:
    """Return numbers as a Job's status shows them: `0,2,3,5-9`."""
    runs: list[list[int]] = []
    for index in sorted(indexes):
        if runs and runs[-1][-1] == index - 1:
            runs[-1].append(index)
        else:
            runs.append([index])
    return ",".join(_run(run) for run in runs)


def _run(run: Sequence[int]) -> str:
    if len(run) == 1:
        return str(run[0])
    return f"{run[0]}{',' if len(run) == 2 else '-'}{run[-1]}"


def read_ranges(said: str) -> frozenset[int]:
    """Return the numbers that `written_ranges` has written."""
    found: set[int] = set()
    for part in said.split(",") if said else []:
        first, _, last = part.partition("-")
        found |= set(range(int(first), int(last or first) + 1))
    return frozenset(found)
