"""DestinationRules after merging, and what they say of a port."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.sandbox.objects import Obj, items, name_of, namespace_of, table, text

NETWORKING = "networking.istio.io"


@dataclass(frozen=True)
class Rule:
    """A DestinationRule after merging: the subsets of all, the traffic policy of the first only."""

    spec: Obj
    namespace: str
    name: str

    @classmethod
    def merged(cls, rules: Sequence[Obj]) -> "Rule":
        """Return what several rules for one host come to; `rules` are oldest first."""
        subsets: dict[str, Obj] = {}
        policy: Obj = {}
        for rule in rules:
            policy = policy or table(rule, "spec.trafficPolicy")
            for subset in items(rule, "spec.subsets"):
                subsets.setdefault(text(subset, "name"), subset)
        spec: Obj = {"trafficPolicy": policy, "subsets": [*subsets.values()]}
        return cls(spec, namespace_of(rules[0]), name_of(rules[0]))

    @property
    def config(self) -> str:
        """Return the path by which Envoy's metadata names the rule; empty where there is none."""
        if not self.name:
            return ""
        return f"/apis/{NETWORKING}/v1/namespaces/{self.namespace}/destination-rule/{self.name}"

    @property
    def subsets(self) -> list[Obj]:
        """Return the subsets."""
        return items(self.spec, "subsets")

    def policy(self, port: int, subset: Obj | None = None) -> Obj:
        """Return the traffic policy of a port; a subset's own settings replace the rule's."""
        merged = _at_port(table(self.spec, "trafficPolicy"), port)
        if subset is not None:
            merged = {**merged, **_at_port(table(subset, "trafficPolicy"), port)}
        return merged


LEVELS = ("connectionPool", "outlierDetection", "loadBalancer", "tls")


def _at_port(policy: Obj, port: int) -> Obj:
    """Return a policy as it is for one port: settings of the port's own replace all four."""
    general: Obj = {key: policy[key] for key in LEVELS if policy.get(key) is not None}
    for level in items(policy, "portLevelSettings"):
        if table(level, "port").get("number") == port:
            return {key: level[key] for key in LEVELS if level.get(key) is not None}
    return general
