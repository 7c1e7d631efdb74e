"""kubectl: everything that the lab takes of it, and a word on what it does not."""

from typing import Final

from app.commands.allowed import kubectl_pods, kubectl_read, kubectl_write
from app.commands.allowed.flags import Flags
from app.commands.allowed.kubectl_flags import GLOBAL
from app.commands.allowed.verb import Program

_MANIFEST: Final = "Where a step changes something it has a manifest: change that, and apply it."

KUBECTL: Final = Program(
    "kubectl",
    kubectl_read.VERBS + kubectl_write.VERBS + kubectl_pods.VERBS,
    Flags(GLOBAL),
    {
        "edit": _MANIFEST,
        "replace": _MANIFEST,
        "run": "Write the pod as a manifest, or ask from a probe with `kubectl exec`.",
        "expose": "Write the Service as a manifest of this step.",
        "cp": "Files are neither copied into pods nor out of them.",
        "attach": "`kubectl logs -f` shows what a pod says.",
        "debug": "`kubectl describe`, `kubectl logs` and `kubectl exec` show what a pod does.",
        "proxy": "`kubectl port-forward` opens one service instead of the whole server.",
        "plugin": "Plugins are not run here.",
        "kustomize": "A step's manifests are applied by name: -f FILE.yaml",
        "drain": "Nodes are not changed in this course.",
        "cordon": "Nodes are not changed in this course.",
        "taint": "Nodes are not changed in this course.",
        "config": "Here: config get-contexts, config current-context, config view.",
        "auth": "Here: auth can-i, auth whoami.",
        "rollout": "Here: rollout status, restart, history, undo, pause, resume.",
        "set": "Here: set image. For the rest, change the manifest.",
        "top": "Here: top pods, top nodes.",
    },
)
