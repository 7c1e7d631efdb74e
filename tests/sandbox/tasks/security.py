"""The pages on mutual TLS migration and on authorization for HTTP traffic.

Source: https://istio.io/latest/docs/tasks/security/ (commands, fields, outcomes)
"""

from collections.abc import Sequence

from sandbox.tasks.learner import Learner
from sandbox.tasks.objects import authorization, destination_rule, peers

DENIED = ("RBAC: access denied", "403")
WITH_CODE = "-w ' %{http_code}'"


def table(learner: Learner, names: Sequence[str]) -> dict[str, str]:
    """Return with which status each namespace's curl is answered by the first two's httpbin."""
    nowhere = "-o /dev/null " * 2 + "-w '%{http_code} '"
    urls = " ".join(f"http://httpbin.{name}:8000/ip" for name in names[:2])
    return {name: learner.curl(f"{nowhere} {urls}", namespace=name).out.strip() for name in names}


def test_mutual_tls_migration(learner: Learner) -> None:
    names = tuple(f"{learner.namespace}-{part}" for part in ("foo", "bar", "legacy"))
    foo, bar, legacy = names
    for name in names:
        learner.is_given(name, injected=False)
    for name in (foo, bar):
        for sample in ("httpbin/httpbin", "curl/curl"):
            made = learner.do(f"istioctl kube-inject -f samples/{sample}.yaml")
            learner.do(f"kubectl apply -n {name} -f -", made)
    learner.has("curl/curl", namespace=legacy)
    learner.awaits_pods(foo)
    learner.awaits_pods(bar)
    names_of = "kubectl get pods -l app=httpbin -o jsonpath={.items[*].spec.initContainers[*].name}"
    assert "istio-proxy" in learner.do(f"{names_of} -n {foo}")

    everybody = dict.fromkeys(names, "200 200")
    assert table(learner, names) == everybody
    assert learner.do(f"kubectl get peerauthentication -n {foo}") == ""
    seen = learner.curl(f"http://httpbin.{bar}:8000/headers", namespace=foo).out
    assert f"spiffe://cluster.local/ns/{foo}/sa/curl" in seen  # already mutual TLS
    seen = learner.curl(f"http://httpbin.{bar}:8000/headers", namespace=legacy).out
    assert "X-Forwarded-Client-Cert" not in seen

    learner.apply(peers("STRICT"), namespace=foo)
    outside = f"http://httpbin.{foo}:8000/ip"
    left = learner.until(
        lambda: learner.curl(outside, namespace=legacy), lambda answer: answer.code == 56
    )
    assert table(learner, names) == {**everybody, legacy: "000 200"}
    assert "command terminated with exit code 56" in left.err
    assert "STRICT" in learner.do(f"kubectl get peerauthentication -n {foo}")

    off = destination_rule(
        f"httpbin.{foo}.svc.cluster.local", trafficPolicy={"tls": {"mode": "DISABLE"}}
    )
    learner.apply(off, namespace=bar)  # the mistake: a client that is told not to
    learner.until(lambda: learner.code(outside, namespace=bar), "503", "plaintext in the mesh")
    learner.do(f"kubectl delete destinationrule httpbin -n {bar}")
    learner.until(lambda: learner.code(outside, namespace=bar), "200")
    assert 'Unsupported value: "STRIKT"' in learner.refused(peers("STRIKT"))
    ports = peers("STRICT", portLevelMtls={"8080": {"mode": "PERMISSIVE"}})
    assert "portLevelMtls requires selector" in learner.refused(ports)
    learner.do(f"kubectl delete peerauthentication default -n {foo}")
    learner.until(lambda: learner.code(outside, namespace=legacy), "200")


def logged(learner: Learner, words: str) -> None:
    """Wait until httpbin's proxy has written so."""
    logs = "kubectl logs deploy/httpbin -c istio-proxy"
    learner.until(lambda: learner.do(logs), lambda said: words in said, "the proxy's log")


def test_authorization_for_http(learner: Learner) -> None:
    learner.has("httpbin/httpbin", "curl/curl", "sleep/sleep")
    url = "http://httpbin:8000"

    def said(line: str, by: str = "curl") -> tuple[str, ...]:
        return tuple(learner.curl(f"{WITH_CODE} {line}", by).out.rsplit(" ", 1))

    def statuses() -> tuple[str, ...]:
        quiet = "-o /dev/null -w '%{http_code} '"
        both = f"{quiet} {url}/ip --next -s {quiet} -X POST {url}/post"
        return *learner.curl(both).out.split(), learner.code(f"{url}/ip", "sleep")

    assert statuses() == ("200", "200", "200")
    learner.apply(authorization("allow-nothing", {}))
    learner.until(lambda: said(f"{url}/ip"), DENIED)
    learner.until(statuses, ("403", "403", "403"))  # open connections may keep the old rules
    assert "allow-nothing" in learner.do("kubectl get authorizationpolicies")
    logged(learner, "rbac_access_denied_matched_policy[none]")

    workload = {"selector": {"matchLabels": {"app": "httpbin"}}}
    reads = {"to": [{"operation": {"methods": ["GET"]}}]}
    learner.apply(authorization("viewer", {**workload, "action": "ALLOW", "rules": [reads]}))
    learner.until(statuses, ("200", "403", "200"))

    account = f"cluster.local/ns/{learner.namespace}/sa/curl"
    by_curl = {"from": [{"source": {"principals": [account]}}], **reads}
    learner.apply(authorization("viewer", {**workload, "action": "ALLOW", "rules": [by_curl]}))
    learner.until(statuses, ("200", "403", "403"))
    assert said(f"{url}/ip", "sleep") == DENIED

    token = {"key": "request.headers[x-token]", "notValues": ["admin"]}
    deny = {**workload, "action": "DENY", "rules": [{**reads, "when": [token]}]}
    learner.apply(authorization("deny-guests", deny))
    learner.until(lambda: learner.code(f'-H "x-token: guest" {url}/ip'), "403")
    learner.until(lambda: learner.code(f'-H "x-token: admin" {url}/ip'), "200")
    logged(learner, f"matched_policy[ns[{learner.namespace}]-policy[deny-guests]-rule[0]]")

    wrong = {"action": "ALLOWED", "rules": [reads]}
    assert 'Unsupported value: "ALLOWED"' in learner.refused(authorization("wrong", wrong))
    wrong = {"rules": [{"from": [{"source": {}}]}]}
    assert "`from.source` must not be empty" in learner.refused(authorization("wrong", wrong))
    wrong = {"rules": [{"to": [{"operation": {"method": ["GET"]}}]}]}
    assert 'unknown field "spec.rules[0].to[0].operation.method"' in learner.refused(
        authorization("wrong", wrong)
    )
    learner.do("kubectl delete authorizationpolicies --all")
    learner.until(statuses, ("200", "200", "200"))
