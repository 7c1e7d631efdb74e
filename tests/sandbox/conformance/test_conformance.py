"""A sample of the published cases, asked of a sandbox, against what a real cluster answered."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tools.conformance import recorded
from tools.conformance.cases import Group, load
from tools.conformance.cluster import Cluster
from tools.conformance.compare import compare
from tools.conformance.normalise import normalised
from tools.conformance.started import NoEnvoy, sandbox
from tools.conformance.walk import Walk

HERE = Path(__file__).parent
# Groups whose questions do not lean on each other, and how many are left out between two.
SAMPLE = {"reading": 6, "wrong": 6, "analyze": 6, "commands": 4, "virtual-services": 6, "others": 6}
SAMPLE |= {"proxies": 5, "services": 4, "mistakes": 20}


def load_known() -> dict[str, dict[str, str]]:
    """What is known to differ, as {group: {case: why}}."""
    read = yaml.safe_load((HERE / "known.yaml").read_text("utf-8"))
    return {group: dict(cases or {}) for group, cases in read.items()}


GROUPS = {group.name: group for group in load()}


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A sandbox of its own with Istio in it, as a learner's third lesson leaves it."""
    try:
        with sandbox(tmp_path_factory.mktemp("box")) as cluster:
            yield cluster
    except NoEnvoy as error:
        pytest.skip(f"without Envoy there is no mesh to compare: {error}")


@pytest.mark.sandbox
def test_a_sample_of_the_cases_is_answered_as_by_a_real_cluster(cluster: Cluster) -> None:
    groups = [GROUPS[name].every(step) for name, step in SAMPLE.items()]
    answers = Walk(cluster, print, at_once=2).all(groups)
    known = load_known()
    new = [
        verdict
        for group in groups
        for case in group.compared
        if (real := recorded.kept(recorded.REAL, group).get(case.name))
        and case.name not in known.get(group.name, {})
        and (shape := normalised(answers[group.name][case.name], case))
        and (verdict := compare(group.name, case, real, shape)).word != "same"
    ]
    assert [f"{v.group}: {v.case}\n" + "\n".join(v.how) for v in new] == []


@pytest.mark.parametrize("group", GROUPS.values(), ids=lambda group: group.name)
def test_the_real_cluster_has_answered_every_case(group: Group) -> None:
    kept = recorded.kept(recorded.REAL, group)
    assert [case.name for case in group.compared if case.name not in kept] == []


def test_what_is_known_to_differ_are_cases_with_a_reason() -> None:
    for name, cases in load_known().items():
        names = {case.name for case in GROUPS[name].compared}
        assert set(cases) <= names
        assert all(cases.values())
