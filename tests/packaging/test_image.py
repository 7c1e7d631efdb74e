"""What the Dockerfile and what it may copy promise."""

import re
import tomllib
from pathlib import Path

import pytest
from overlays import OVERLAYS, build

ROOT = Path(__file__).parent.parent.parent
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
IGNORED = [
    line
    for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("#")
]
COPIED = {
    source
    for line in re.findall(r"^COPY (?!--from)(.*)$", DOCKERFILE, re.MULTILINE)
    for source in line.split()[:-1]
}
LAST_STAGE = DOCKERFILE[DOCKERFILE.rindex("\nFROM ") :]


def test_the_image_holds_all_that_the_app_reads_beside_itself() -> None:
    assert {"app", "lessons", "templates", "static"} <= COPIED


def test_nothing_is_copied_but_what_is_named() -> None:
    assert IGNORED[0] == "*"
    assert {line[1:] for line in IGNORED if line.startswith("!")} == COPIED
    assert all((ROOT / name).exists() for name in COPIED)
    assert "ADD" not in re.findall(r"^([A-Z]+) ", DOCKERFILE, re.MULTILINE)


def test_packages_come_from_the_lock_with_hashes() -> None:
    installs = re.findall(r"pip install.*?(?= \\\n|\n)", DOCKERFILE)
    assert installs
    assert all("--require-hashes" in line or "--no-deps" in line for line in installs)


def test_the_image_is_based_on_one_base_and_says_its_version() -> None:
    bases = set(re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE))
    assert bases == {"python:3.11-slim-bookworm"}
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"][
        "version"
    ]
    assert f'image.version="{version}"' in DOCKERFILE


def test_the_image_runs_as_nobody_in_particular_and_tells_its_health() -> None:
    assert "\nUSER 10001:10001\n" in LAST_STAGE
    assert "HEALTHCHECK" in LAST_STAGE
    assert "/healthz" in LAST_STAGE


def test_the_image_carries_no_secret() -> None:
    assert not re.search(r"(?i)(password|secret|credential|_key|api.?token)", DOCKERFILE)


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_kubernetes_and_compose_run_the_version_that_is_built(overlay: str) -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"][
        "version"
    ]
    (deployment,) = (m for m in build(overlay) if m["kind"] == "Deployment")
    (container,) = deployment["spec"]["template"]["spec"]["containers"]
    assert container["image"] == f"mesh-dojo:{version}"
    assert f"image: mesh-dojo:{version}\n" in (ROOT / "docker-compose.yml").read_text("utf-8")
