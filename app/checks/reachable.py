"""The cluster answers, and its nodes have the memory and CPUs that the course needs."""

from typing import Final

from app.checks.kind import Context, Kind, Params
from app.checks.result import Evidence, Finding, failed, passed
from app.clusters.objects import Object
from app.clusters.quantity import GIB, quantity

LOOK: Final = "kubectl get nodes"
DESCRIBE: Final = "kubectl describe nodes"


class ReachableParams(Params):
    """What is needed of all nodes together. Units: GiB of memory, CPUs."""

    memory_gib: float = 0
    cpus: float = 0


async def check(context: Context, params: ReachableParams) -> Finding:
    """Return whether the ready nodes offer to pods what is needed."""
    nodes = await context.cluster.list("Node")
    if not nodes:
        return failed(
            "no-nodes", "The cluster answers, and it has no node to run pods on.", look=LOOK
        )
    seen = Evidence(LOOK, "\n".join(_row(node) for node in nodes))
    usable = [node for node in nodes if _is_usable(node)]
    if not usable:
        return failed("not-ready", _not_ready(nodes), seen, look=DESCRIBE)
    memory = sum(quantity(node.text("status.allocatable.memory")) for node in usable) / GIB
    cpus = sum(quantity(node.text("status.allocatable.cpu")) for node in usable)
    if memory < params.memory_gib:
        needed = f"{params.memory_gib:g} GiB of memory are needed for pods"
        text = f"{needed}; the nodes offer {memory:.1f}."
        return failed("too-little-memory", text, seen, look=DESCRIBE)
    if cpus < params.cpus:
        text = f"{params.cpus:g} CPUs are needed for pods; the nodes offer {cpus:g}."
        return failed("too-few-cpus", text, seen, look=DESCRIBE)
    nodes_text = "1 node" if len(usable) == 1 else f"{len(usable)} nodes"
    return passed(f"{nodes_text} ready, with {memory:.1f} GiB and {cpus:g} CPUs for pods.", seen)


def _is_usable(node: Object) -> bool:
    return not _unready_words(node) and node.at("spec.unschedulable") is not True


def _unready_words(node: Object) -> str:
    """Return why the node is not ready, empty where it is."""
    for condition in node.parts("status.conditions"):
        if condition.text("type") == "Ready":
            is_ready = condition.text("status") == "True"
            return "" if is_ready else condition.text("message", "its kubelet does not report")
    return "its kubelet has not reported yet"


def _not_ready(nodes: list[Object]) -> str:
    words = _unready_words(nodes[0]) or "it takes no new pods (cordoned)"
    return f"A node that runs pods is expected; none of {len(nodes)} does. {nodes[0].name}: {words}"


def _row(node: Object) -> str:
    state = "Ready" if _is_usable(node) else "NotReady"
    memory, cpu = node.text("status.allocatable.memory"), node.text("status.allocatable.cpu")
    return f"{node.name}   {state}   allocatable: memory {memory}, cpu {cpu}"


KIND: Final = Kind(
    name="reachable",
    params=ReachableParams,
    check=check,
    reads=("Node",),
    is_cheap=True,
    reasons=("no-nodes", "not-ready", "too-little-memory", "too-few-cpus"),
)
