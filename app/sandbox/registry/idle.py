"""Kinds whose objects are kept here without anything acting on them; whoever makes one is told."""

from app.sandbox.store.kinds import Kind

TOLD = {
    "resourcequotas": "keeps ResourceQuotas but does not enforce them",
    "limitranges": "keeps LimitRanges but does not apply them",
    "horizontalpodautoscalers.autoscaling": "keeps HorizontalPodAutoscalers but scales nothing",
    "poddisruptionbudgets.policy": "heeds PodDisruptionBudgets at evictions, but keeps no status",
}


def warning(kind: Kind) -> str:
    """Return what is said beside a new object of a kind, empty where it does what it should."""
    told = TOLD.get(kind.resource)
    return f"the sandbox {told}" if told else ""
