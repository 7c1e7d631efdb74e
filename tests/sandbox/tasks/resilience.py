"""The page on circuit breaking.

Source: https://istio.io/latest/docs/tasks/traffic-management/circuit-breaking/
"""

import re

from sandbox.tasks.learner import Learner
from sandbox.tasks.objects import destination_rule

TRIPS_FAST = destination_rule(
    "httpbin",
    trafficPolicy={
        "connectionPool": {
            "tcp": {"maxConnections": 1},
            "http": {"http1MaxPendingRequests": 1, "maxRequestsPerConnection": 1},
        },
        "outlierDetection": {
            "consecutive5xxErrors": 1,
            "interval": "1s",
            "baseEjectionTime": "3m",
            "maxEjectionPercent": 100,
        },
    },
)
FORTIO = "kubectl exec deploy/fortio-deploy -c fortio -- /usr/bin/fortio"
STATS = "kubectl exec deploy/fortio-deploy -c istio-proxy -- pilot-agent request GET stats"


def codes(said: str) -> dict[str, int]:
    """Return how often each status came, as fortio's report tells it."""
    return {code: int(count) for code, count in re.findall(r"^Code +(\d+) : (\d+) \(", said, re.M)}


def counter(learner: Learner, name: str) -> int:
    """Return a counter of the client's proxy for httpbin."""
    lines = learner.do(STATS).splitlines()
    owner = f"cluster.outbound|8000||httpbin.{learner.namespace}.svc.cluster.local;"
    found = [line for line in lines if line.startswith(f"{owner}.{name}: ")]
    assert len(found) == 1, [line for line in lines if "httpbin" in line][:20]
    return int(found[0].rpartition(" ")[2])


def test_circuit_breaking(learner: Learner) -> None:
    learner.has("httpbin/httpbin", "httpbin/sample-client/fortio-deploy")
    learner.apply(TRIPS_FAST)
    shown = learner.do("kubectl get destinationrule httpbin -o yaml")
    assert "maxRequestsPerConnection: 1" in shown
    first = learner.says(f"{FORTIO} curl -quiet http://httpbin:8000/get")
    assert first.code == 0
    assert first.err.startswith("HTTP/1.1 200 OK")  # the head goes to standard error
    assert "fortio.org/fortio-" in first.out

    cluster = f"--fqdn httpbin.{learner.namespace}.svc.cluster.local -o json"
    learner.until(
        lambda: learner.do(f"istioctl proxy-config clusters deploy/fortio-deploy {cluster}"),
        lambda said: '"maxPendingRequests": 1' in said,
        "the proxy's limit",
    )
    assert counter(learner, "upstream_rq_pending_overflow") == 0
    load = f"{FORTIO} load -c 3 -qps 0 -n 90 -loglevel Warning http://httpbin:8000/get"
    answer = learner.says(load)  # which keeps standard output for its JSON
    seen = codes(answer.err)
    assert set(seen) == {"200", "503"}, answer.err
    assert sum(seen.values()) == 90
    assert "Sockets used: " in answer.err
    assert '"msg":"Non ok http code","code":503' in answer.err
    assert counter(learner, "upstream_rq_pending_overflow") == seen["503"]
    alone = learner.says(f"{FORTIO} load -c 1 -qps 0 -n 5 -quiet http://httpbin:8000/get")
    assert codes(alone.err) == {"200": 5}, alone.err  # one at a time nothing is too much

    assert learner.says(f"{FORTIO} curl -quiet http://httpbin:8000/status/500").code == 1
    learner.until(
        lambda: learner.says(f"{FORTIO} curl -quiet http://httpbin:8000/get").out,
        lambda said: said.endswith("no healthy upstream"),
        "what is said while the only pod is ejected",
    )
    assert counter(learner, "outlier_detection.ejections_active") == 1
    learner.do("kubectl delete destinationrule httpbin")
    learner.until(lambda: learner.says(f"{FORTIO} curl -quiet http://httpbin:8000/get").code, 0)
    learner.do("kubectl delete -f samples/httpbin/sample-client/fortio-deploy.yaml")
    learner.do("kubectl delete -f samples/httpbin/httpbin.yaml")
