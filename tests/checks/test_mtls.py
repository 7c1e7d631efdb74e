"""Mutual TLS: the mode in force, plain text refused, the mesh served, every cause told apart."""

import pytest
from fakes import FakeCluster
from mesh_objects import Raw, injected, namespace
from traffic import URL, backend, istio, once, pod, subsets, traffic_verdict

from app.checks.result import Finding
from app.clusters.objects import Json

REFUSED = once(0, code=56)


def policy(mode: str, name: str = "default", space: str = "mesh-demo", **spec: Json) -> Raw:
    is_new = name.startswith("new")
    mtls: Raw = {"mtls": {"mode": mode}} if mode else {}
    return istio("PeerAuthentication", name, {**mtls, **spec}, space, is_new=is_new)


def only(app: str) -> Raw:
    return {"matchLabels": {"app": app}}


async def found(
    *things: Raw, outside: str = REFUSED, inside: str = once(200), url: str = URL
) -> Finding:
    spaces = [injected("mesh-demo"), namespace("default"), namespace("istio-system")]
    cluster = FakeCluster([*spaces, *backend(), *things])
    cluster.says("mesh-dojo-outside", outside)
    cluster.says("mesh-dojo-probe", inside)
    return await traffic_verdict("mtls", {"namespace": "mesh-demo", "url": url}, cluster)


STRICT = policy("STRICT")


@pytest.mark.parametrize("code", [52, 56])
async def test_strict_passes_however_curl_words_the_refusal(code: int) -> None:
    finding = await found(STRICT, outside=once(0, code=code))
    assert finding.passed
    assert f"curl exit status {code}" in finding.message
    assert "STRICT" in finding.evidence[0].text


async def test_a_policy_of_the_whole_mesh_counts() -> None:
    assert (await found(policy("STRICT", space="istio-system"))).passed


@pytest.mark.parametrize(
    ("things", "reason"),
    [
        ([], "no-policy"),
        ([policy("STRICT", space="default")], "wrong-namespace"),
        ([policy("PERMISSIVE")], "wrong-mode"),
        ([policy("DISABLE")], "wrong-mode"),
        ([policy("")], "wrong-mode"),
        ([policy("PERMISSIVE"), policy("STRICT", "new-one")], "wrong-mode"),
        ([policy("STRICT", selector=only("frontend"))], "one-workload"),
        ([STRICT, policy("PERMISSIVE", "exc", selector=only("backend"))], "workload-override"),
        (
            [
                STRICT,
                policy(
                    "STRICT",
                    "exc",
                    selector=only("backend"),
                    portLevelMtls={"5678": {"mode": "DISABLE"}},
                ),
            ],
            "port-override",
        ),
    ],
)
async def test_each_mistake_in_policies_has_its_reason(things: list[Raw], reason: str) -> None:
    assert (await found(*things, outside=once(200))).reason == reason


async def test_a_selector_that_leaves_pods_out_is_named() -> None:
    finding = await found(policy("STRICT", selector=only("frontend")), outside=once(200))
    assert finding.message.endswith("A selector restricts a policy to the pods with its labels.")


async def test_policies_that_together_cover_todays_pods_are_no_policy_for_the_namespace() -> None:
    finding = await found(policy("STRICT", selector=only("backend")))
    assert finding.reason == "one-workload"
    assert "A new pod with other labels would be PERMISSIVE" in finding.message


async def test_a_younger_policy_that_is_right_is_named() -> None:
    finding = await found(policy("PERMISSIVE"), policy("STRICT", "new-one"), outside=once(200))
    assert "new-one says STRICT, but default is older" in finding.message


async def test_strict_elsewhere_in_the_mesh_is_no_mistake() -> None:
    other = [injected("shop"), policy("STRICT", space="shop")]
    assert (await found(*other, outside=once(200))).reason == "no-policy"


async def test_an_exception_for_a_port_that_nobody_has_changes_nothing() -> None:
    ports: Json = {"80": {"mode": "DISABLE"}}  # the Service's port; the pod listens on 5678
    exception = policy("", "exc", selector=only("backend"), portLevelMtls=ports)
    assert (await found(STRICT, exception)).passed


async def test_a_pod_without_sidecar_is_named() -> None:
    bare = pod("naked", "10.244.0.9", {"app": "other"}, has_sidecar=False)
    finding = await found(STRICT, bare)
    assert finding.reason == "no-sidecar"
    assert "naked" in finding.message


async def test_plain_text_that_is_answered_although_strict_is_told() -> None:
    finding = await found(STRICT, outside=once(200))
    assert finding.reason == "plaintext-accepted"


async def test_another_failure_from_outside_is_no_refusal() -> None:
    finding = await found(STRICT, outside=once(0, code=6))
    assert finding.reason == "plaintext-unclear"


@pytest.mark.parametrize("mode", ["DISABLE", "SIMPLE"])
async def test_callers_told_not_to_use_the_mesh_s_tls_are_the_cause(mode: str) -> None:
    rule = subsets(trafficPolicy={"tls": {"mode": mode}})
    finding = await found(STRICT, rule, inside=once(503))
    assert finding.reason == "client-tls-off"
    assert mode in finding.message


@pytest.mark.parametrize("host", ["backend.mesh-demo", "backend.mesh-demo.svc"])
async def test_the_host_asked_may_be_written_as_dns_allows(host: str) -> None:
    rule = subsets(trafficPolicy={"tls": {"mode": "DISABLE"}})
    finding = await found(STRICT, rule, inside=once(503), url=f"http://{host}/")
    assert finding.reason == "client-tls-off"


async def test_a_failure_inside_without_such_a_rule_is_told_as_it_is() -> None:
    rule = subsets(trafficPolicy={"tls": {"mode": "ISTIO_MUTUAL"}})
    assert (await found(STRICT, rule, inside=once(503))).reason == "inside-refused"
