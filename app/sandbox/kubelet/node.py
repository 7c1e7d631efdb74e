"""The one node, as `kubectl describe node` shows it, and its lease."""

import asyncio
import platform
from datetime import UTC, datetime

from app.sandbox.kubelet.parts import NODE, NODE_IP, SOURCE
from app.sandbox.objects import Json, Obj, stamp, table
from app.sandbox.registry.events import Events
from app.sandbox.store.store import Store

LEASE_S = 40
RENEWED_S = 600.0  # really every 10 s: here nothing watches it, and an idle sandbox shall sleep
CPUS, MEMORY_KI, PODS = 4, 8_192_000, 110  # of the course's `minikube start`
RESERVED_KI = 102_400
HEALTHY = (
    (
        "MemoryPressure",
        "False",
        "KubeletHasSufficientMemory",
        "kubelet has sufficient memory available",
    ),
    ("DiskPressure", "False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
    ("PIDPressure", "False", "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
    ("Ready", "True", "KubeletReady", "kubelet is posting ready status"),
)
TOLD = (
    ("Starting", "Starting kubelet."),
    ("NodeHasSufficientMemory", f"Node {NODE} status is now: NodeHasSufficientMemory"),
    ("NodeHasNoDiskPressure", f"Node {NODE} status is now: NodeHasNoDiskPressure"),
    ("NodeHasSufficientPID", f"Node {NODE} status is now: NodeHasSufficientPID"),
    ("NodeAllocatableEnforced", "Updated Node Allocatable limit across pods"),
    ("NodeReady", f"Node {NODE} status is now: NodeReady"),
)
MACHINES = {"x86_64": "amd64", "AMD64": "amd64", "aarch64": "arm64"}


class Node:
    """The node's object and its lease."""

    def __init__(self, store: Store, events: Events, version: str) -> None:
        self._store = store
        self._events = events
        self._version = version
        self._timer: asyncio.TimerHandle | None = None

    def start(self) -> None:
        """Register the node, where it is not known yet, and renew its lease from now on."""
        if self._store.get("nodes", NODE) is None:
            made = self._store.create(node(self._version))
            for reason, message in TOLD:
                self._events.record(made, "Normal", reason, message, SOURCE)
            told = f"Node {NODE} event: Registered Node {NODE} in Controller"
            self._events.record(made, "Normal", "RegisteredNode", told, "node-controller")
        self._renew()

    def stop(self) -> None:
        """Renew the lease no more."""
        if self._timer is not None:
            self._timer.cancel()

    def _renew(self) -> None:
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        if self._store.get("leases.coordination.k8s.io", NODE, "kube-node-lease") is None:
            self._store.create(_lease(now))
        else:
            self._store.edit(
                "leases.coordination.k8s.io",
                NODE,
                "kube-node-lease",
                lambda lease: {**lease, "spec": {**table(lease, "spec"), "renewTime": now}},
            )
        self._timer = asyncio.get_running_loop().call_later(RENEWED_S, self._renew)


def node(version: str) -> Obj:
    """Return the node's object; `version` is the kubelet's, such as v1.36.3."""
    machine = MACHINES.get(platform.machine(), "arm64")
    labels: Obj = {
        "beta.kubernetes.io/arch": machine,
        "beta.kubernetes.io/os": "linux",
        "kubernetes.io/arch": machine,
        "kubernetes.io/hostname": NODE,
        "kubernetes.io/os": "linux",
        "minikube.k8s.io/name": NODE,
        "minikube.k8s.io/primary": "true",
        "node-role.kubernetes.io/control-plane": "",
        "node.kubernetes.io/exclude-from-external-load-balancers": "",
    }
    notes: Obj = {
        "node.alpha.kubernetes.io/ttl": "0",
        "volumes.kubernetes.io/controller-managed-attach-detach": "true",
    }
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": NODE, "labels": labels, "annotations": notes},
        "spec": {"podCIDR": "10.244.0.0/24", "podCIDRs": ["10.244.0.0/24"]},
        "status": _status(machine, version),
    }


def _status(machine: str, version: str) -> Obj:
    whole: Obj = {
        "cpu": str(CPUS),
        "ephemeral-storage": "61202244Ki",
        "hugepages-1Gi": "0",
        "hugepages-2Mi": "0",
        "memory": f"{MEMORY_KI}Ki",
        "pods": str(PODS),
    }
    now = stamp()
    conditions: list[Json] = [
        {
            "type": type_,
            "status": status,
            "lastHeartbeatTime": now,
            "lastTransitionTime": now,
            "reason": reason,
            "message": message,
        }
        for type_, status, reason, message in HEALTHY
    ]
    info: Obj = {
        "architecture": machine,
        "bootID": "00000000-0000-4000-8000-000000000001",
        "containerRuntimeVersion": "containerd://2.1.5",
        "kernelVersion": platform.release() if platform.system() == "Linux" else "6.12.0",
        "kubeProxyVersion": "",
        "kubeletVersion": version,
        "machineID": "00000000000040008000000000000001",
        "operatingSystem": "linux",
        "osImage": "Mesh Dojo sandbox",
        "systemUUID": "00000000-0000-4000-8000-000000000001",
    }
    return {
        "addresses": [
            {"type": "InternalIP", "address": NODE_IP},
            {"type": "Hostname", "address": NODE},
        ],
        "capacity": whole,
        "allocatable": {**whole, "memory": f"{MEMORY_KI - RESERVED_KI}Ki"},
        "conditions": conditions,
        "daemonEndpoints": {"kubeletEndpoint": {"Port": 10250}},
        "nodeInfo": info,
    }


def _lease(now: str) -> Obj:
    return {
        "apiVersion": "coordination.k8s.io/v1",
        "kind": "Lease",
        "metadata": {"name": NODE, "namespace": "kube-node-lease"},
        "spec": {"holderIdentity": NODE, "leaseDurationSeconds": LEASE_S, "renewTime": now},
    }
