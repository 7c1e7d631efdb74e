"""What docker-compose.yml promises: loopback alone, a kubeconfig that is only read, few rights."""

from pathlib import Path

import yaml

ROOT = Path(__file__).parent.parent.parent
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
LAB = COMPOSE["services"]["lab"]


def test_the_lab_is_published_on_loopback_alone() -> None:
    assert LAB["ports"]
    assert all(port.startswith("127.0.0.1:") for port in LAB["ports"])
    assert LAB.get("network_mode") != "host"


def test_everything_of_the_host_is_mounted_read_only() -> None:
    volumes = [volume for volume in LAB["volumes"] if volume != "data:/data"]
    assert len(volumes) == len(LAB["volumes"]) - 1
    assert all(volume.endswith(":ro") for volume in volumes)
    assert not [volume for volume in volumes if "docker.sock" in volume]


def test_certificates_lie_at_the_path_that_the_kubeconfig_names() -> None:
    (mounted,) = (volume for volume in LAB["volumes"] if ".minikube" in volume)
    path = mounted.removesuffix(":ro")
    half = len(path) // 2
    assert path[:half] == path[half + 1 :]


def test_the_container_can_neither_change_itself_nor_gain_rights() -> None:
    assert LAB["read_only"] is True
    assert LAB["cap_drop"] == ["ALL"]
    assert LAB["security_opt"] == ["no-new-privileges:true"]
    assert "privileged" not in LAB
    assert "cap_add" not in LAB
    assert not LAB["user"].startswith("0")


def test_progress_is_kept_in_a_volume_and_health_is_asked() -> None:
    assert "data" in COMPOSE["volumes"]
    assert "/healthz" in LAB["healthcheck"]["test"][-1]


def test_the_lab_joins_the_network_of_a_cluster_that_is_there() -> None:
    (network,) = LAB["networks"]
    assert COMPOSE["networks"][network]["external"] is True
    assert "minikube" in COMPOSE["networks"][network]["name"]
