"""A small course and a lively cluster for the site's tests."""

from app.content.model import (
    CheckSpec,
    Choice,
    Command,
    Course,
    Drawing,
    Lesson,
    Manifest,
    Prose,
    Question,
    Step,
)
from app.web.panel import EventRow, ObjectRow, PodRow, Snapshot

HINTS = ("<p>First.</p>", "<p>Second.</p>", "<p>Third.</p>")

SPLIT = """apiVersion: networking.istio.io/v1
kind: VirtualService
metadata:
  name: backend-routing
  namespace: mesh-demo
spec:
  hosts: [backend]
  http:
    - route:
        - destination: {host: backend, subset: v1}
          weight: %s
        - destination: {host: backend, subset: v2}
          weight: %s
"""

QUESTION = Question(
    "ready",
    "<p>What will the READY column say?</p>",
    (
        Choice("1", "1/1", False, "<p>Only if nothing was injected.</p>"),
        Choice("2", "2/2", True, "<p>The application and its sidecar.</p>"),
    ),
)

SPLIT_STEP = Step(
    id="split",
    title="Split the traffic",
    blocks=(
        Prose("<p>Give the new version a <strong>tenth</strong> of the requests.</p>"),
        Drawing("canary"),
        Manifest("split.yaml", SPLIT % (90, 10), SPLIT % ("___", "___")),
        Command("run-1", "kubectl apply -f split.yaml"),
        QUESTION,
        Command("run-2", "kubectl get pods -n mesh-demo", "look"),
        Command(
            "forward",
            "kubectl port-forward -n istio-system service/istio-ingressgateway 8080:80",
            "do",
            True,
        ),
        Command("tunnel", "minikube tunnel", "copy"),
    ),
    checks=(
        CheckSpec("route", "route", "One VirtualService routes backend", {}),
        CheckSpec("weights", "weights", "v1 gets 90 %, v2 gets 10 %", {}, needs=("route",)),
    ),
    hints=HINTS,
    explanation="<p>The caller's sidecar chooses.</p>",
)

LAST_STEP = Step(
    id="back",
    title="Roll back",
    blocks=(Prose("<p>All to v1.</p>"), Command("run-1", "kubectl get pods")),
    checks=(CheckSpec("route", "route", "All to v1", {}),),
    hints=HINTS,
    explanation="<p>At once, without a new Deployment.</p>",
)

COURSE = Course(
    (
        Lesson(
            "canary",
            1,
            "Canary releases",
            "A tenth of the traffic for a new version.",
            20,
            "",
            ("mesh-demo",),
            (SPLIT_STEP, LAST_STEP),
        ),
    ),
    "test",
)

SNAPSHOT = Snapshot(
    pods=(
        PodRow("mesh-demo", "backend-7d9c5b6f4-x2x9q", "2/2", "Running", 0, "4m", "good", "", True),
        PodRow(
            "mesh-demo", "backend-v2-5f6d8c9b7-kq8wl", "1/2", "Running", 1, "38s", "busy", "", True
        ),
        PodRow(
            "mesh-demo",
            "frontend-6b8c9d7f5-m4n2p",
            "0/2",
            "ImagePullBackOff",
            0,
            "2m",
            "bad",
            "nginx:latst: not found",
            True,
        ),
    ),
    services=(
        ObjectRow("Service", "mesh-demo", "backend", "80 to 5678"),
        ObjectRow("Service", "mesh-demo", "frontend", "80"),
    ),
    mesh=(
        ObjectRow("VirtualService", "mesh-demo", "backend-routing", "backend: v1 90, v2 10"),
        ObjectRow("DestinationRule", "mesh-demo", "backend-destination", "backend: v1, v2"),
    ),
    events=(
        EventRow(
            "3s",
            "Warning",
            "Failed",
            "pod/frontend-6b8c9d7f5-m4n2p",
            'Failed to pull image "nginx:latst": not found',
            4,
        ),
        EventRow("38s", "Normal", "Started", "pod/backend-v2-5f6d8c9b7-kq8wl", "Started container"),
    ),
    context="minikube",
)
