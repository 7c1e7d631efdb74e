"""What an Envoy keeps of its statistics, by its pod's annotations."""

import pytest

from app.sandbox.proxy.statistics import KEPT, patterns, written

DEFAULT = [{"prefix": prefix} for prefix in KEPT]
MATCHER = "proxyStatsMatcher: {inclusionPrefixes: [cluster.outbound, 'http.{pod_ip}_']}"


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ({}, []),
        (
            {"proxy.istio.io/config": MATCHER},
            [{"prefix": "cluster.outbound"}, {"prefix": "http.10.1.2.3_"}],
        ),
        (
            {
                "proxy.istio.io/config": MATCHER,
                "sidecar.istio.io/statsInclusionPrefixes": "listener",
                "sidecar.istio.io/statsInclusionSuffixes": "rq_total,rq_time",
            },
            [{"prefix": "listener"}, {"suffix": "rq_total"}, {"suffix": "rq_time"}],
        ),
        (
            {"sidecar.istio.io/statsInclusionRegexps": r"cluster\..*"},
            [{"safe_regex": {"regex": r"cluster\..*"}}],
        ),
        ({"proxy.istio.io/config": "- no table"}, []),
        ({"proxy.istio.io/config": "broken: ["}, []),
    ],
)
def test_a_pod_may_ask_for_more_statistics(said: dict[str, str], kept: list[object]) -> None:
    assert patterns(said, "10.1.2.3") == [*kept, *DEFAULT]


def test_the_injector_hands_the_configuration_on_as_json() -> None:
    said = {"proxy.istio.io/config": "proxyStatsMatcher:\n  inclusionPrefixes: [server]\n"}
    assert written(said) == '{"proxyStatsMatcher":{"inclusionPrefixes":["server"]}}\n'
    assert written({}) == "{}\n"
