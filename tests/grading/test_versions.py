"""What a mark was made with, as the programs tell it; what does not tell is left out."""

import json

from fakes import FakePrograms
from grading.sample import COURSE, FakeBench, FakeWorkplace

from app.clusters.cluster import Output
from app.grading.versions import own_versions, read_versions

KUBECTL = {"clientVersion": {"gitVersion": "v1.36.4"}, "serverVersion": {"gitVersion": "v1.35.4"}}


async def test_cluster_and_tools_are_told() -> None:
    programs = FakePrograms(
        "kubectl",
        "istioctl",
        says={
            "kubectl version --output=json": json.dumps(KUBECTL),
            "istioctl version --remote=false --output=json": json.dumps(
                {"clientVersion": {"version": "1.31.0"}}
            ),
        },
    )
    found = await read_versions(COURSE, FakeWorkplace(FakeBench(programs=programs)))
    assert found.cluster == "sandbox, Kubernetes v1.35.4"
    assert found.tools == {"kubectl": "v1.36.4", "istioctl": "1.31.0"}
    assert found.course == "course-digest"


async def test_a_program_that_says_nothing_useful_is_left_out() -> None:
    programs = FakePrograms(
        "kubectl", says={"kubectl version --output=json": Output(1, "no such flag", "usage")}
    )
    bench = FakeBench(programs=programs, is_sandbox=False)
    found = await read_versions(COURSE, FakeWorkplace(bench))
    assert (found.cluster, found.tools) == ("cluster", {})


def test_the_digest_of_the_checks_is_that_of_their_code() -> None:
    first, second = own_versions(COURSE), own_versions(COURSE)
    assert first == second
    assert len(first.checks) == 12
