"""Where the programs are, and what they get to know."""

from pathlib import Path

import pytest

from app.commands.environment import find_programs, program_path, variables
from app.commands.model import Environment
from app.errors import ToolMissing


def make_program(folder: Path, name: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return path


def test_the_learner_s_own_programs_are_found(tmp_path: Path) -> None:
    kubectl = make_program(tmp_path / "bin", "kubectl")
    assert find_programs(path=str(tmp_path / "bin")) == {"kubectl": kubectl}


def test_istioctl_of_the_given_release_comes_first(tmp_path: Path) -> None:
    make_program(tmp_path / "bin", "istioctl")
    own = make_program(tmp_path / "istio" / "bin", "istioctl")
    found = find_programs(tmp_path / "istio", path=str(tmp_path / "bin"))
    assert found["istioctl"] == own


def test_without_a_kubectl_the_bundled_one_serves(tmp_path: Path) -> None:
    assert find_programs(path=str(tmp_path))["kubectl"].name == "kubectl"


def test_a_missing_program_is_named_with_a_way_to_get_it(tmp_path: Path) -> None:
    with pytest.raises(ToolMissing, match="istioctl") as refusal:
        program_path(Environment(tmp_path, {}), "istioctl")
    assert "MESH_DOJO_ISTIO_RELEASE_DIR" in refusal.value.hint


def test_only_minikube_sees_the_learner_s_home(tmp_path: Path) -> None:
    environment = Environment(
        tmp_path / "config",
        {"kubectl": tmp_path / "bin" / "kubectl"},
        home=Path("/home/learner"),
        own_kubeconfig=Path("/home/learner/.kube/config"),
    )
    found = variables(environment, "kubectl", home=tmp_path / "h", cache=tmp_path / "c")
    assert found["HOME"] == str(tmp_path / "h")
    assert (found["KUBERC"], found["PATH"]) == ("off", str(tmp_path / "bin"))
    found = variables(environment, "minikube", home=tmp_path / "h", cache=tmp_path / "c")
    assert found["KUBECONFIG"] == "/home/learner/.kube/config"


def test_a_credential_plugin_s_variables_cannot_override_the_lab_s(tmp_path: Path) -> None:
    environment = Environment(
        tmp_path / "config", {}, variables={"AWS_PROFILE": "class", "KUBERC": "on"}
    )
    found = variables(environment, "kubectl", home=tmp_path, cache=tmp_path)
    assert (found["AWS_PROFILE"], found["KUBERC"]) == ("class", "off")
