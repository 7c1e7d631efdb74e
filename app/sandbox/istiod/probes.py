"""Probes of an injected pod: the sidecar's agent is asked, and asks the program on their behalf.

Else a STRICT policy would refuse the kubelet, which has no certificate.
Source: https://istio.io/latest/docs/ops/configuration/mesh/app-health-check/
"""

from collections.abc import Sequence

from app.sandbox.objects import Json, Obj, at, items, number, table, text

AGENT = 15020
_SHORT = {"readinessProbe": "readyz", "livenessProbe": "livez", "startupProbe": "startupz"}
_ACTS = ("httpGet", "tcpSocket", "grpc")


def rewritten(containers: Sequence[Obj]) -> tuple[list[Obj], Obj]:
    """Return the containers with probes that ask the agent, and by path what it is to ask."""
    asked: Obj = {}
    made = []
    for container in containers:
        changed = dict(container)
        for kind, short in sorted(_SHORT.items()):
            probe = table(container, kind)
            if not any(act in probe for act in _ACTS):
                continue
            path = f"/app-health/{text(container, 'name')}/{short}"
            asked[path] = _question(probe, container)
            kept: Obj = {key: value for key, value in probe.items() if key not in _ACTS}
            changed[kind] = {**kept, "httpGet": {"path": path, "port": AGENT, "scheme": "HTTP"}}
        made.append(changed)
    return made, dict(sorted(asked.items()))


def _question(probe: Obj, container: Obj) -> Obj:
    question: Obj = {}
    for act in _ACTS:
        if act in probe:
            wanted = dict(table(probe, act))
            wanted["port"] = _port(wanted.get("port"), container)
            if act == "httpGet":
                wanted.setdefault("scheme", "HTTP")
            question[act] = wanted
    return {**question, "timeoutSeconds": number(probe, "timeoutSeconds", 1)}


def _port(port: Json, container: Obj) -> Json:
    """Return a port's number; a name is looked up among the container's own."""
    if isinstance(port, str) and not port.isdigit():
        named = [each for each in items(container, "ports") if each.get("name") == port]
        return at(named[0], "containerPort") if named else port
    return int(port) if isinstance(port, str) else port
