"""What this account may do, against what the course does."""

import asyncio
from typing import Final, NamedTuple

from app.clusters.kinds import kind_of
from app.preflight.finding import Finding
from app.preflight.surroundings import Cluster, Surroundings


class Right(NamedTuple):
    """One thing that the course does. An empty namespace means everywhere."""

    verb: str
    kind: str
    namespace: str = ""
    subresource: str = ""

    @property
    def command(self) -> str:
        """The kubectl command that asks for it."""
        kind = kind_of(self.kind)
        resource = f"{kind.plural}.{kind.group}" if kind.group else kind.plural
        resource += f"/{self.subresource}" if self.subresource else ""
        where = f" -n {self.namespace}" if self.namespace else ""
        return f"kubectl auth can-i {self.verb} {resource}{where}"


WORK: Final = (
    Right("create", "Namespace"),
    Right("create", "Deployment", "mesh-demo"),
    Right("delete", "Deployment", "mesh-demo"),
    Right("create", "Service", "mesh-demo"),
    Right("create", "VirtualService", "mesh-demo"),
    Right("create", "PeerAuthentication", "mesh-demo"),
    Right("create", "Pod", "mesh-demo", "exec"),
    Right("create", "Pod", "istio-system", "portforward"),
    Right("list", "Event", "mesh-demo"),
    Right("list", "Node"),
)
INSTALL: Final = (
    Right("create", "CustomResourceDefinition"),
    Right("create", "ClusterRole"),
    Right("create", "ClusterRoleBinding"),
    Right("create", "MutatingWebhookConfiguration"),
    Right("create", "Deployment", "istio-system"),
)


async def rights(_around: Surroundings, cluster: Cluster) -> list[Finding]:
    """Return which rights are missing, for the course's work and for installing Istio."""
    wanted = (*WORK, *INSTALL)
    answers = await asyncio.gather(
        *(cluster.may(r.verb, r.kind, r.namespace, r.subresource) for r in wanted)
    )
    missing = [right for right, may in zip(wanted, answers, strict=True) if not may]
    if not missing:
        return [Finding("rights", "ok", "This account may do everything that the course does")]
    named = ", ".join(f"{right.verb} {right.kind}" for right in missing)
    return [
        Finding(
            "rights",
            "problem",
            "This account may not do everything that the course does",
            f"It may not: {named}.",
            "Installing Istio needs an administrator's rights; so does a part of the exercises.",
            missing[0].command,
            "terminal",
        )
    ]
