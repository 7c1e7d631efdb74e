"""A real istioctl, pointed at the sandbox, says what it says of a real cluster.

What it said last is kept in real/judged.json, written by `python -m tools.conformance.judged`.
"""

import json
import os

import pytest

from tools.conformance.cases import load
from tools.conformance.judged import GROUPS, LIST, judging, real_istioctl, verdicts
from tools.conformance.started import NoEnvoy

KEPT = json.loads(LIST.read_text("utf-8"))
EVERY = 5  # of the cases of each group that are asked here; the list has all of them
# What the real one says otherwise of the sandbox, and why.
KNOWN = {
    "istioctl waypoint list": "there is no Gateway API, and its absence is told in other words",
    "istioctl x internal-debug nothing": "istiod's debug pages are two here",
    "istioctl x injector list": "it lists every namespace, and the recording's cluster had others",
}


def test_what_differs_has_a_reason_and_is_rare() -> None:
    cases = {group: words for group, words in KEPT.items() if group in GROUPS}
    differing = {c for words in cases.values() for c, word in words.items() if word != "same"}
    assert differing <= KNOWN.keys()
    assert sum(map(len, cases.values())) > 200


def test_the_list_names_cases_that_there_are() -> None:
    names = {group.name: {case.name for case in group.compared} for group in load()}
    for group in GROUPS:
        assert KEPT[group].keys() <= names[group]


@pytest.mark.sandbox
def test_a_real_istioctl_says_the_same_again(tmp_path_factory: pytest.TempPathFactory) -> None:
    istioctl = real_istioctl(os.environ.get("ISTIOCTL", ""))
    if istioctl is None:
        pytest.skip("no real istioctl: put one on the PATH, or name it in ISTIOCTL")
    try:
        with judging(tmp_path_factory.mktemp("box"), istioctl) as cluster:
            found = verdicts(cluster, EVERY)
    except NoEnvoy as error:
        pytest.skip(f"without Envoy there is no mesh to judge: {error}")
    new = {
        f"{group}: {case}": word
        for group, words in found.items()
        for case, word in words.items()
        if word != "same" and case not in KNOWN
    }
    assert new == {}
