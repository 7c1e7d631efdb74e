"""What the proxy's agent writes of itself: who it is, and when its Envoy is ready.

Source: https://github.com/istio/istio (pilot/cmd/pilot-agent: the lines and their form)
"""

from datetime import UTC, datetime

from app.sandbox.istiod.envoy.proxies import Proxy
from app.sandbox.istiod.hosts import CLUSTER
from app.sandbox.istiod.installation.marks import VERSION
from app.sandbox.objects import name_of, namespace_of


def agent_line(message: str, level: str = "info") -> str:
    """Return a line of the agent's log: the time, the level, what is said."""
    return f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%fZ}\t{level}\t{message}"


def beginning(proxy: Proxy, ip: str) -> list[str]:
    """Return the lines with which an agent begins."""
    name, namespace = name_of(proxy.pod), namespace_of(proxy.pod)
    kind = "router" if proxy.is_gateway else "sidecar"
    domain = f"{namespace}.svc.{CLUSTER}"
    return [
        agent_line(f"Version {VERSION}"),
        agent_line(f"Proxy role\tips=[{ip}] type={kind} id={name}.{namespace} domain={domain}"),
        agent_line("Starting proxy agent"),
    ]


def readiness(took_s: float) -> list[str]:
    """Return what an agent says when its Envoy can be used."""
    return [
        agent_line(f"Readiness succeeded in {took_s:.9g}s"),
        agent_line("Envoy proxy is ready"),
    ]
