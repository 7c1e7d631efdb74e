"""kubectl and istioctl: found, running, of a tested version."""

import json

import pytest
from fakes import FakePrograms

from app.clusters.cluster import Output
from app.preflight.surroundings import Machine, Surroundings
from app.preflight.tools import istioctl, kubectl

LINUX = Machine("linux", "amd64")
KUBECTL = "kubectl version --client"
ISTIOCTL = "istioctl version"


def client(version: str) -> str:
    return json.dumps({"clientVersion": {"gitVersion": version, "version": version}})


async def test_a_kubectl_that_runs_is_named_with_its_place() -> None:
    programs = FakePrograms("kubectl", says={KUBECTL: client("v1.36.4")})
    [finding] = await kubectl(Surroundings(LINUX, programs))
    assert (finding.state, finding.title) == ("ok", "kubectl v1.36.4")
    assert "/usr/local/bin/kubectl" in finding.detail


@pytest.mark.parametrize(
    "programs",
    [
        FakePrograms(),
        FakePrograms("kubectl", says={KUBECTL: Output(126, "", "exec format error")}),
        FakePrograms("kubectl", says={KUBECTL: Output(None, "", "")}),
        FakePrograms("kubectl", says={KUBECTL: "[]"}),
    ],
)
async def test_a_kubectl_that_does_not_run_is_a_problem(programs: FakePrograms) -> None:
    [finding] = await kubectl(Surroundings(LINUX, programs))
    assert finding.state == "problem"
    assert finding.why
    assert finding.mend


async def test_without_istioctl_it_says_what_works_and_how_to_get_it() -> None:
    [finding] = await istioctl(Surroundings(LINUX, FakePrograms()))
    assert finding.state == "warning"
    assert "everything that only needs kubectl works" in finding.detail
    assert finding.mend.startswith("curl -L https://istio.io/downloadIstio")
    assert finding.where == "terminal"


async def test_on_a_mac_it_comes_from_homebrew() -> None:
    [finding] = await istioctl(Surroundings(Machine("darwin", "arm64"), FakePrograms()))
    assert finding.mend == "brew install istioctl"


@pytest.mark.parametrize(
    ("version", "state"),
    [("1.27.3", "ok"), ("1.31.0-bed", "ok"), ("1.26.8", "warning"), ("1.32.0", "warning")],
)
async def test_tested_minors_are_told_from_others(version: str, state: str) -> None:
    programs = FakePrograms("istioctl", says={ISTIOCTL: client(version)})
    [finding] = await istioctl(Surroundings(LINUX, programs))
    assert finding.state == state
    assert version in finding.title


async def test_an_istioctl_that_does_not_run_is_a_problem_with_its_own_words() -> None:
    programs = FakePrograms("istioctl", says={ISTIOCTL: Output(127, "", "no such file\nat all")})
    [finding] = await istioctl(Surroundings(LINUX, programs))
    assert finding.state == "problem"
    assert "no such file" in finding.detail
