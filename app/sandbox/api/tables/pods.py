"""The rows of pods: READY, STATUS and RESTARTS as the API server reckons them.

Source: k8s.io/kubernetes/pkg/printers/internalversion, printPod.
"""

from dataclasses import dataclass, field
from datetime import datetime

from app.sandbox.api.tables.ages import age, lasting
from app.sandbox.api.tables.columns import NONE, Cells, Layout, columns
from app.sandbox.objects import (
    Json,
    Obj,
    at,
    is_ending,
    items,
    name_of,
    number,
    parse_stamp,
    table,
    text,
)

FINAL = ("Succeeded", "Failed")
SUCCEEDED: Obj = {
    "type": "Completed",
    "status": "True",
    "reason": "Succeeded",
    "message": "The pod has completed successfully.",
}
FAILED: Obj = {**SUCCEEDED, "reason": "Failed", "message": "The pod failed."}


@dataclass
class Tally:
    """What is counted over a pod's containers."""

    ready: int = 0
    restarts: int = 0
    stopped: list[datetime] = field(default_factory=list)  # when containers ended that restarted

    def add(self, container: Obj) -> None:
        """Count a container's restarts."""
        self.restarts += number(container, "restartCount")
        written = text(container, "lastState.terminated.finishedAt")
        if written:
            self.stopped.append(parse_stamp(written))

    def said(self, now: datetime) -> str:
        """Return the cell of RESTARTS: 0, 3, 3 (5m ago)."""
        if not self.restarts or not self.stopped:
            return str(self.restarts)
        return f"{self.restarts} ({lasting((now - max(self.stopped)).total_seconds())} ago)"


def pod_cells(pod: Obj, now: datetime) -> Cells:
    """Return the cells of one pod."""
    sidecars = {name_of_container(one) for one in items(pod, "spec.initContainers") if _stays(one)}
    status, tally = _status(pod, sidecars)
    total = len(items(pod, "spec.containers")) + len(sidecars)
    gates = [text(gate, "conditionType") for gate in items(pod, "spec.readinessGates")]
    met = sum(_is_true(pod, gate) for gate in gates)
    addresses = [text(one, "ip") for one in items(pod, "status.podIPs")]
    return [
        name_of(pod),
        f"{tally.ready}/{total}",
        status,
        tally.said(now),
        age(pod, now),
        (addresses[0] if addresses else "") or NONE,
        text(pod, "spec.nodeName") or NONE,
        text(pod, "status.nominatedNodeName") or NONE,
        f"{met}/{len(gates)}" if gates else NONE,
    ]


def name_of_container(container: Obj) -> str:
    """Return a container's name, in a spec or in a status."""
    return text(container, "name")


def row_conditions(pod: Obj) -> list[Json]:
    """Return the row's conditions: whether the pod has ended, and how."""
    phase = text(pod, "status.phase")
    return [{**(SUCCEEDED if phase == "Succeeded" else FAILED)}] if phase in FINAL else []


def _stays(container: Obj) -> bool:
    """Whether an init container goes on beside the others: a native sidecar."""
    return text(container, "restartPolicy") == "Always"


def _is_true(pod: Obj, condition: str) -> bool:
    found = [one for one in items(pod, "status.conditions") if text(one, "type") == condition]
    return bool(found) and text(found[0], "status") == "True"


def _status(pod: Obj, sidecars: set[str]) -> tuple[str, Tally]:
    said = text(pod, "status.reason") or text(pod, "status.phase")
    for condition in items(pod, "status.conditions"):
        if (text(condition, "type"), text(condition, "reason")) == (
            "PodScheduled",
            "SchedulingGated",
        ):
            said = "SchedulingGated"
    waits_for, tally, beside = _init(pod, sidecars)
    if waits_for:
        said = waits_for
    if not waits_for or _is_true(pod, "Initialized"):
        tally = beside
        said = _main(pod, said, tally)
    if is_ending(pod):
        if text(pod, "status.reason") == "NodeLost":
            said = "Unknown"
        elif text(pod, "status.phase") not in FINAL:
            said = "Terminating"
    return said, tally


def _init(pod: Obj, sidecars: set[str]) -> tuple[str, Tally, Tally]:
    """Return what initialization waits for ("" when it is done), and two tallies.

    The first counts all init containers, the second the sidecars alone, both those ready.
    """
    every, beside = Tally(), Tally()
    total = len(items(pod, "spec.initContainers"))
    for place, container in enumerate(items(pod, "status.initContainerStatuses")):
        stays = name_of_container(container) in sidecars
        every.add(container)
        if stays:
            beside.add(container)
        ended = at(container, "state.terminated")
        if ended is not None and number(ended, "exitCode") == 0:
            continue
        if stays and at(container, "started") is True:
            is_ready = at(container, "ready") is True
            every.ready += is_ready
            beside.ready += is_ready
            continue
        waiting = text(container, "state.waiting.reason")
        if ended is not None:
            return f"Init:{_ended(table(container, 'state.terminated'))}", every, beside
        if waiting and waiting != "PodInitializing":
            return f"Init:{waiting}", every, beside
        return f"Init:{place}/{total}", every, beside
    return "", every, beside


def _ended(state: Obj) -> str:
    """Return why a container ended: its reason, else its signal or its exit code."""
    if text(state, "reason"):
        return text(state, "reason")
    if number(state, "signal"):
        return f"Signal:{number(state, 'signal')}"
    return f"ExitCode:{number(state, 'exitCode')}"


def _main(pod: Obj, said: str, tally: Tally) -> str:
    """Return STATUS by the main containers, the first of them last, and count them."""
    runs, failed = False, ""
    for container in reversed(items(pod, "status.containerStatuses")):
        tally.add(container)
        waiting = text(container, "state.waiting.reason")
        if waiting:
            said = waiting
        elif at(container, "state.terminated") is not None:
            said = _ended(table(container, "state.terminated"))
            failed = said if number(container, "state.terminated.exitCode") else failed
        elif at(container, "ready") is True and at(container, "state.running") is not None:
            runs = True
            tally.ready += 1
    if said != "Completed":
        return said
    if runs and _is_true(pod, "Ready"):
        return "Running"
    return failed or ("NotReady" if runs else said)


PODS = Layout(
    columns(
        "Name|Ready|Status|Restarts|Age",
        "IP|Node|Nominated Node|Readiness Gates",
    ),
    pod_cells,
)
