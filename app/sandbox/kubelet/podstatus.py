"""A pod's status, made of where its containers stand.

Source: https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/
"""

from collections.abc import Sequence

from app.sandbox.kubelet.states import Ended, Running, Standing, Waiting, status_of
from app.sandbox.objects import Json, Obj, items, number, stamp, table, text


def pod_status(
    pod: Obj, standings: Sequence[Standing], *, addresses: Obj, on_network: bool, is_over: bool
) -> Obj:
    """Return the status of a pod. `is_over`: its containers will not be started again."""
    phase = phase_of(pod, standings, is_over=is_over)
    inits: list[Json] = [status_of(one) for one in standings if one.role != "app"]
    named = sorted((one for one in standings if one.role == "app"), key=lambda one: one.name)
    apps: list[Json] = [status_of(one) for one in named]  # by name, as a kubelet lists them
    before = table(pod, "status")
    status: Obj = {
        "phase": phase,
        "conditions": _conditions(pod, standings, phase, on_network=on_network),
        **addresses,
        "startTime": text(before, "startTime") or stamp(),
        **({"initContainerStatuses": inits} if inits else {}),
        "containerStatuses": apps,
        "qosClass": text(before, "qosClass", "BestEffort"),
        "observedGeneration": number(pod, "metadata.generation", 1),
    }
    return status


def phase_of(pod: Obj, standings: Sequence[Standing], *, is_over: bool) -> str:
    """Return the phase of a pod."""
    policy = text(pod, "spec.restartPolicy", "Always")
    apps = [one for one in standings if one.role == "app"]
    if is_over:
        ends = [one.state for one in apps]
        good = all(isinstance(end, Ended) and end.exit_code == 0 for end in ends)
        return "Succeeded" if good else "Failed"
    for one in standings:
        if one.role == "init" and not one.is_initialized:
            failed = isinstance(one.state, Ended) and one.state.exit_code != 0
            return "Failed" if failed and policy == "Never" else "Pending"
        if one.role == "sidecar" and not one.is_started and not one.has_been_created:
            return "Pending"
    if any(isinstance(one.state, Waiting) and one.last is None for one in apps):
        return "Pending"
    if any(isinstance(one.state, Running) for one in apps) or policy == "Always":
        return "Running"
    codes = [one.state.exit_code for one in apps if isinstance(one.state, Ended)]
    if len(codes) < len(apps):
        return "Running"
    if not any(codes):
        return "Succeeded"
    return "Failed" if policy == "Never" else "Running"


def _conditions(
    pod: Obj, standings: Sequence[Standing], phase: str, *, on_network: bool
) -> list[Json]:
    initialized = _initialized(standings, phase)
    ready = _ready(standings, phase)
    made = [
        _new(pod, "PodReadyToStartContainers", is_true=on_network),
        _new(
            pod,
            "Initialized",
            is_true=not initialized or initialized[0] == "PodCompleted",
            why=initialized,
        ),
        _new(pod, "Ready", is_true=not ready, why=ready),
        _new(pod, "ContainersReady", is_true=not ready, why=ready),
        _new(pod, "PodScheduled", is_true=True),
    ]
    return list(made)


def _initialized(standings: Sequence[Standing], phase: str) -> tuple[str, str] | None:
    """Return why a pod is not initialised, with reason and message; None where it is."""
    if phase == "Succeeded":
        return "PodCompleted", ""
    if any(one.role == "app" and one.has_been_created for one in standings):
        return None
    names = [one.name for one in standings if one.role != "app" and not one.is_initialized]
    if not names:
        return None
    return "ContainersNotInitialized", f"containers with incomplete status: [{' '.join(names)}]"


def _ready(standings: Sequence[Standing], phase: str) -> tuple[str, str] | None:
    if phase == "Succeeded":
        return "PodCompleted", ""
    if phase == "Failed" and any(one.role == "app" and one.has_been_created for one in standings):
        return "PodFailed", ""
    names = [one.name for one in standings if one.role != "init" and not one.is_ready]
    if not names:
        return None
    return "ContainersNotReady", f"containers with unready status: [{' '.join(names)}]"


def _new(pod: Obj, type_: str, *, is_true: bool, why: tuple[str, str] | None = None) -> Obj:
    status = "True" if is_true else "False"
    had = [one for one in items(pod, "status.conditions") if one.get("type") == type_]
    same = bool(had) and had[0].get("status") == status
    reason, message = why or ("", "")
    return {
        "type": type_,
        "status": status,
        "lastProbeTime": None,
        "lastTransitionTime": text(had[0], "lastTransitionTime") if same else stamp(),
        "observedGeneration": number(pod, "metadata.generation", 1),
        **({"reason": reason} if reason else {}),
        **({"message": message} if message else {}),
    }
