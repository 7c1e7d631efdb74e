"""minikube's profiles, and which of them a context is."""

import json

import pytest
from fakes import FakePrograms

from app.clusters.cluster import Output
from app.clusters.kubeconfig import Context
from app.clusters.minikube import START, profile_of, profiles, read_profiles
from app.clusters.objects import Object
from app.errors import ToolMissing, Unavailable

LISTED = json.dumps(
    {
        "valid": [
            {
                "Name": "minikube",
                "Status": "OK",
                "Config": {
                    "Driver": "docker",
                    "Memory": 8192,
                    "CPUs": 4,
                    "KubernetesConfig": {"KubernetesVersion": "v1.35.1"},
                },
            }
        ],
        "invalid": [{"Name": "old", "Status": "Stopped", "Config": None}],
    }
)
NODE = Object({"metadata": {"labels": {"minikube.k8s.io/name": "lab"}}})


def context(name: str) -> Context:
    return Context(name, name, name, "default", "https://192.168.49.2:8443")


async def test_profiles_are_read_broken_ones_too() -> None:
    programs = FakePrograms("minikube", says={"minikube profile list": LISTED})
    good, old = await profiles(programs)
    assert good.is_running
    assert (good.driver, good.memory_mb, good.cpus, good.kubernetes) == (
        "docker",
        8192,
        4,
        "v1.35.1",
    )
    assert (old.is_running, old.memory_mb) == (False, 0)
    assert good.start_command == START
    assert old.start_command == f"{START} --profile=old"


def test_no_profiles_are_none() -> None:
    assert read_profiles('{"valid": [], "invalid": []}') == []
    assert read_profiles('{"valid": null}') == []


def test_words_instead_of_json_are_said() -> None:
    with pytest.raises(Unavailable, match="did not list"):
        read_profiles("* No minikube profile was found")


async def test_a_minikube_that_hangs_is_said() -> None:
    programs = FakePrograms("minikube", says={"minikube profile list": Output(None, "", "")})
    with pytest.raises(Unavailable, match="in time"):
        await profiles(programs)


async def test_a_missing_minikube_is_said() -> None:
    with pytest.raises(ToolMissing):
        await profiles(FakePrograms())


def test_nodes_decide_which_profile_a_context_is() -> None:
    assert profile_of(context("mine"), [NODE], ()) == "lab"
    assert profile_of(context("minikube"), [Object({"metadata": {}})], ()) == ""


def test_without_nodes_names_decide() -> None:
    known = read_profiles(LISTED)
    assert profile_of(context("old"), (), known) == "old"
    assert profile_of(context("other"), (), known) == ""
    assert profile_of(context("minikube"), (), ()) == "minikube"
