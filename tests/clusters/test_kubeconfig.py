"""The learner's kubeconfig: what is chosen from it, what is said where it is broken."""

import stat
from pathlib import Path

import pytest
import yaml

from app.clusters.kubeconfig import (
    kubeconfig_paths,
    minified,
    read_kubeconfig,
    service_account,
    write_minified,
)
from app.errors import ClusterUnavailable

TWO = """
apiVersion: v1
kind: Config
current-context: mini
clusters:
- {name: mini, cluster: {server: "https://127.0.0.1:8443/", certificate-authority: certs/ca.crt}}
- {name: work, cluster: {server: "https://work.example:6443"}}
users:
- {name: mini, user: {client-certificate: certs/me.crt, client-key: certs/me.key}}
- {name: work, user: {token: s3cret, exec: {command: ./plugin}}}
contexts:
- {name: mini, context: {cluster: mini, user: mini}}
- {name: work, context: {cluster: work, user: work, namespace: team}}
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "config"
    path.write_text(TWO)
    return path


def test_the_current_context_is_chosen_unless_one_is_named(file: Path) -> None:
    config = read_kubeconfig([file])
    assert config.choose().name == "mini"
    assert config.choose().server == "https://127.0.0.1:8443"
    assert config.choose("work").namespace == "team"


def test_an_unknown_context_names_those_that_there_are(file: Path) -> None:
    with pytest.raises(ClusterUnavailable, match="no context “prod”") as caught:
        read_kubeconfig([file]).choose("prod")
    assert "mini, work" in caught.value.hint


def test_no_current_context_is_said(tmp_path: Path) -> None:
    path = tmp_path / "config"
    path.write_text("")
    with pytest.raises(ClusterUnavailable, match="no current context") as caught:
        read_kubeconfig([path]).choose()
    assert "no context at all" in caught.value.hint


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ClusterUnavailable, match=r"nowhere does not exist") as caught:
        read_kubeconfig([tmp_path / "nowhere"])
    assert "minikube start" in caught.value.hint


def test_broken_yaml_is_named_with_line_and_column(tmp_path: Path) -> None:
    path = tmp_path / "config"
    path.write_text("clusters:\n- {name: [\n")
    with pytest.raises(ClusterUnavailable, match=r"does not parse: line 3, column 1"):
        read_kubeconfig([path])


@pytest.mark.parametrize("text", ["just words", "[1, 2]"])
def test_a_file_that_is_no_mapping_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "config"
    path.write_text(text)
    with pytest.raises(ClusterUnavailable, match="not a mapping"):
        read_kubeconfig([path])


def test_binary_content_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "config"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ClusterUnavailable, match="does not parse"):
        read_kubeconfig([path])


def test_of_several_files_the_first_counts(file: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.write_text(TWO.replace("current-context: mini", "").replace(":8443/", ":1"))
    config = read_kubeconfig([other, tmp_path / "missing", file])
    assert config.choose().server == "https://127.0.0.1:1"


def test_the_copy_holds_one_context_alone_with_absolute_paths(file: Path) -> None:
    config = read_kubeconfig([file])
    text = yaml.safe_dump(minified(config, config.choose()))
    assert "work" not in text
    assert "s3cret" not in text
    assert f"{file.parent}/certs/ca.crt" in text
    assert f"{file.parent}/certs/me.key" in text


def test_a_relative_plugin_is_found_from_the_copy(file: Path) -> None:
    config = read_kubeconfig([file])
    assert f"{file.parent}/plugin" in yaml.safe_dump(minified(config, config.choose("work")))


def test_nobody_else_can_read_the_copy(file: Path, tmp_path: Path) -> None:
    config = read_kubeconfig([file])
    path = write_minified(config, config.choose(), tmp_path / "private")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_context_whose_cluster_is_missing_is_said(tmp_path: Path) -> None:
    path = tmp_path / "config"
    path.write_text("current-context: a\ncontexts: [{name: a, context: {cluster: gone}}]")
    config = read_kubeconfig([path])
    with pytest.raises(ClusterUnavailable, match="names no cluster"):
        minified(config, config.choose())


def test_the_setting_goes_before_the_environment() -> None:
    environ = {"KUBECONFIG": "/a:/b"}
    assert kubeconfig_paths(Path("/c"), environ) == (Path("/c"),)
    assert kubeconfig_paths(None, environ) == (Path("/a"), Path("/b"))
    assert kubeconfig_paths(None, {})[0].name == "config"


def test_inside_a_pod_its_service_account_is_used(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("t")
    environ = {"KUBERNETES_SERVICE_HOST": "fd00::1", "KUBERNETES_SERVICE_PORT": "443"}
    config = service_account(environ, tmp_path)
    assert config is not None
    assert config.choose().server == "https://[fd00::1]:443"
    assert service_account({}, tmp_path) is None
