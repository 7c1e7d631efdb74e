"""The pages on request routing, fault injection, traffic shifting and request timeouts.

Source: https://istio.io/latest/docs/tasks/traffic-management/ (commands, fields, outcomes)
"""

from sandbox.tasks.learner import Learner, only
from sandbox.tasks.objects import destination_rule, route, subsets, virtual_service

JASON = '-H "end-user: jason"'
HELLO = "http://helloworld:5000/hello"
IS_JASON = {"match": [{"headers": {"end-user": {"exact": "jason"}}}]}
RULE = destination_rule("helloworld", subsets=subsets("v1", "v2"))
TO_V1 = {"route": [route("v1")]}
TO_V2 = {"route": [route("v2")]}


def test_request_routing(learner: Learner) -> None:
    learner.has("helloworld/helloworld", "curl/curl")
    assert set(learner.versions(20)) == {"v1", "v2"}

    learner.apply(virtual_service("helloworld", TO_V1))  # the mistake: no subset is defined
    learner.until(lambda: learner.code(HELLO), "503")
    found = learner.says("istioctl analyze")
    assert "[IST0101]" in found.out
    assert "Referenced host+subset in destinationrule not found" in found.out
    assert found.code == 79
    learner.apply(RULE)
    learner.until(lambda: learner.versions(20), only("v1"))
    assert "No validation issues found" in learner.says("istioctl analyze").err
    rows = learner.do("kubectl get virtualservices").splitlines()
    assert rows[0].split() == ["NAME", "GATEWAYS", "HOSTS", "AGE"]
    assert rows[1].split()[:2] == ["helloworld", '["helloworld"]']
    rows = learner.do("kubectl get destinationrules").splitlines()
    assert rows[1].split()[:2] == ["helloworld", "helloworld"]

    learner.apply(virtual_service("helloworld", {**IS_JASON, **TO_V2}, TO_V1))
    learner.until(lambda: learner.versions(20, JASON), only("v2"))
    assert only("v1")(learner.versions(20))
    assert only("v1")(learner.versions(20, '-H "end-user: jasonx"'))
    told = learner.do("istioctl x describe service helloworld")
    assert "end-user" in told

    learner.do("kubectl delete virtualservice helloworld")
    learner.until(lambda: set(learner.versions(20)), {"v1", "v2"})
    gone = learner.fails("kubectl delete virtualservice helloworld")
    assert 'virtualservices.networking.istio.io "helloworld" not found' in gone


def test_fault_injection(learner: Learner) -> None:
    learner.has("helloworld/helloworld", "curl/curl")
    delay = {"delay": {"percentage": {"value": 100.0}, "fixedDelay": "2s"}}
    learner.apply(RULE, virtual_service("helloworld", {**IS_JASON, "fault": delay, **TO_V1}, TO_V1))
    learner.until(lambda: learner.versions(20), only("v1"))
    took = learner.curl(f"{JASON} -o /dev/null -w '%{{http_code}} %{{time_total}}' {HELLO}").out
    status, seconds = took.split()
    assert (status, 1.9 <= float(seconds) < 20) == ("200", True)
    assert learner.curl(f"{JASON} -m 1 {HELLO}").code == 28  # who does not wait has no answer

    abort = {"abort": {"percentage": {"value": 100.0}, "httpStatus": 500}}
    learner.apply(virtual_service("helloworld", {**IS_JASON, "fault": abort, **TO_V1}, TO_V1))
    learner.until(lambda: learner.curl(f"{JASON} {HELLO}").out, "fault filter abort")
    assert learner.code(f"{JASON} {HELLO}") == "500"
    assert learner.code(HELLO) == "200"

    wrong = {"abort": {"percentage": {"value": 100.0}, "httpStatus": 5000}}
    said = learner.refused(virtual_service("helloworld", {"fault": wrong, **TO_V1}))
    assert "HTTP status 5000 is not in range 200-599" in said
    wrong = {"delay": {"percentage": {"value": 110}, "fixedDelay": "2s"}}
    said = learner.refused(virtual_service("helloworld", {"fault": wrong, **TO_V1}))
    assert "percentage" in said
    learner.do("kubectl delete virtualservice helloworld")
    learner.until(lambda: learner.code(f"{JASON} {HELLO}"), "200")


def test_traffic_shifting(learner: Learner) -> None:
    learner.has("helloworld/helloworld", "curl/curl")
    learner.apply(RULE, virtual_service("helloworld", TO_V1))
    learner.until(lambda: learner.versions(20), only("v1"))

    half = {"route": [route("v1", 50), route("v2", 50)]}
    learner.apply(virtual_service("helloworld", half))
    learner.until(lambda: set(learner.versions(20)), {"v1", "v2"})
    seen = learner.versions(200)
    assert seen.total() == 200
    assert 60 <= seen["v1"] <= 140  # six standard deviations are 42

    shown = learner.do("istioctl proxy-config routes deploy/curl --name 5000")
    assert "helloworld" in shown
    wrong = {"route": [route("v1", -1), route("v2", 101)]}
    assert "weight -1 < 0" in learner.refused(virtual_service("helloworld", wrong))
    learner.apply(virtual_service("helloworld", TO_V2))
    learner.until(lambda: learner.versions(20), only("v2"))

    learner.do("kubectl scale deployment helloworld-v2 --replicas=0")
    learner.until(lambda: learner.code(HELLO), "503", "the status without pods of v2")
    assert learner.curl(HELLO).out == "no healthy upstream"
    learner.do("kubectl scale deployment helloworld-v2 --replicas=1")
    learner.until(lambda: learner.versions(20), only("v2"))
    learner.do("kubectl delete virtualservice helloworld")
    learner.until(lambda: set(learner.versions(20)), {"v1", "v2"})


def test_request_timeouts(learner: Learner) -> None:
    learner.has("httpbin/httpbin", "curl/curl")
    slow = "http://httpbin:8000/delay/2"
    assert learner.code(slow) == "200"
    to = {"route": [{"destination": {"host": "httpbin"}}]}
    learner.apply(virtual_service("httpbin", {"timeout": "0.5s", **to}))
    learner.until(lambda: learner.code(slow), "504", "the status of a slow answer")
    took = learner.curl(f"-w ' %{{time_total}}' {slow}").out
    assert took.startswith("upstream request timeout ")
    assert 0.4 <= float(took.split()[-1]) < 1.9  # not the two seconds of the answer
    assert learner.code("http://httpbin:8000/delay/0") == "200"
    logs = learner.until(
        lambda: learner.do("kubectl logs deploy/curl -c istio-proxy"),
        lambda said: " 504 UT " in said,
        "the log of the proxy",
    )
    assert "response_timeout" in logs

    bad = virtual_service("httpbin", {"timeout": 500, **to})
    assert "spec.http[0].timeout" in learner.refused(bad)
    small = virtual_service("httpbin", {"timeout": "0.5ms", **to})
    assert "duration" in learner.refused(small)
    learner.do("kubectl delete virtualservice httpbin")
    learner.until(lambda: learner.code(slow), "200")
