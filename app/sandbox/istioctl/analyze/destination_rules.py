"""What a DestinationRule refers to, and whom its TLS settings verify."""

from collections.abc import Iterator

from app.sandbox.istioctl.analyze.hosts import Hosts
from app.sandbox.istioctl.analyze.labels import matches
from app.sandbox.istioctl.analyze.messages import Message
from app.sandbox.istioctl.analyze.resource import Resource
from app.sandbox.istioctl.analyze.snapshot import Snapshot
from app.sandbox.objects import Obj, items, number, strings, table, text, words

UNVERIFIED = ("SIMPLE", "MUTUAL")
REGION, ZONE = "topology.kubernetes.io/region", "topology.kubernetes.io/zone"
SUBZONE, NODE = "topology.istio.io/subzone", "kubernetes.io/hostname"


def subsets(snapshot: Snapshot) -> Iterator[Message]:
    """Yield rules for hosts that do not exist, and subsets that select no pod."""
    hosts = Hosts(snapshot)
    pods = [_labels(snapshot, pod) for pod in snapshot.all("Pod")]
    for rule in snapshot.all("DestinationRule"):
        host = text(rule.spec, "host")
        found = hosts.find(rule.namespace, words(rule.spec, "exportTo"), host)
        if found is None:
            yield Message("IST0174", rule, (host,))
            continue
        for subset in items(rule.spec, "subsets"):
            selector = {**found.selector, **strings(subset, "labels")}
            if not any(matches(selector, labels) for labels in pods):
                yield Message("IST0173", rule, (text(subset, "name"),))


def _labels(snapshot: Snapshot, pod: Resource) -> dict[str, str]:
    """Return a pod's labels and those that Istio adds: its node and where that stands."""
    name = text(pod.spec, "nodeName")
    node = snapshot.find("Node", "", name)
    labels = node.labels if node else {}
    places = {key: labels[key] for key in (REGION, ZONE, SUBZONE) if labels.get(key)}
    return {**pod.labels, **places, **({NODE: name} if name else {})}


def ca_certificates(snapshot: Snapshot) -> Iterator[Message]:
    """Yield TLS to servers whose certificate nobody verifies."""
    for rule in snapshot.all("DestinationRule"):
        host, policy = text(rule.spec, "host"), table(rule.spec, "trafficPolicy")
        has_selector = "workloadSelector" in rule.spec
        mode = _unverified(policy, has_selector=has_selector)
        if mode:
            line = rule.line(".spec.trafficPolicy.tls.caCertificates")
            yield Message("IST0128", rule, (rule.full_name, rule.namespace, mode, host), line)
        for i, setting in enumerate(items(policy, "portLevelSettings")):
            mode = _unverified(setting, has_selector=has_selector)
            if mode:
                path = f".spec.trafficPolicy.portLevelSettings[{i}].tls.caCertificates"
                port = f"number:{number(setting, 'port.number')}"
                named = (rule.full_name, rule.namespace, mode, host, port)
                yield Message("IST0129", rule, named, rule.line(path))


def _unverified(policy: Obj, *, has_selector: bool) -> str:
    tls = table(policy, "tls")
    mode = text(tls, "mode")
    has_credential = bool(text(tls, "credentialName")) and has_selector
    return (
        mode
        if mode in UNVERIFIED and not text(tls, "caCertificates") and not has_credential
        else ""
    )
