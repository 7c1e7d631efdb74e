"""The images of a workshop, by full names, with the commands that load them ahead."""

from pathlib import Path

import pytest

from app.content.loader import load_course
from app.settings import ROOT
from app.workshop.images import full_name, images_in, prepare

ADDON = """\
kind: Deployment
spec:
  template:
    spec:
      initContainers: [{name: a, image: prom/x:1}]
      containers: [{name: b, image: "quay.io/kiali/kiali:v2"}, {name: c, image: prom/x:1}]
---
kind: ConfigMap
data: {image: not-one}
"""


@pytest.mark.parametrize(
    ("short", "full"),
    [
        ("nginx", "docker.io/library/nginx:latest"),
        ("hashicorp/http-echo", "docker.io/hashicorp/http-echo:latest"),
        ("docker.io/istio/pilot:1.31.0", "docker.io/istio/pilot:1.31.0"),
        ("localhost:5000/x", "localhost:5000/x:latest"),
        ("localhost/x:1", "localhost/x:1"),
        ("ghcr.io/a/b@sha256:00", "ghcr.io/a/b@sha256:00"),
    ],
)
def test_a_name_gets_the_registry_and_tag_that_a_runtime_adds(short: str, full: str) -> None:
    assert full_name(short) == full
    assert full_name(full) == full


def test_images_are_those_of_containers() -> None:
    assert images_in(ADDON) == ["docker.io/prom/x:1", "quay.io/kiali/kiali:v2"]


def test_the_whole_course_needs_its_manifests_istio_the_probes_and_the_addons(
    tmp_path: Path,
) -> None:
    (tmp_path / "kiali.yaml").write_text(ADDON)
    addons = {"samples/addons/kiali.yaml": tmp_path / "kiali.yaml"}
    found = prepare(load_course(ROOT / "lessons"), (), "1.31.0", addons)
    names = {image.name for image in found.images}
    assert names >= {
        "docker.io/library/nginx:latest",
        "docker.io/hashicorp/http-echo:latest",
        "docker.io/mccutchen/go-httpbin:latest",
        "docker.io/istio/proxyv2:1.31.0",
        "docker.io/curlimages/curl:8.16.0",
        "quay.io/kiali/kiali:v2",
    }
    assert [why for why in found.missing if "prometheus" in why]
    assert not [why for why in found.missing if "kiali" in why]
    assert len(found.once) == 2 * len(names)
    assert len({image.file for image in found.images}) == len(names)
    assert "minikube image load library-nginx-latest.tar" in found.each


def test_a_lesson_alone_needs_its_own_images_and_says_what_is_not_known() -> None:
    course = load_course(ROOT / "lessons")
    routed = prepare(course, ("two-services",), "", {})
    assert [image.name.rpartition("/")[2] for image in routed.images] == [
        "curl:8.16.0", "http-echo:latest", "nginx:latest",
    ]  # fmt: skip
    assert "Istio's own images" in " ".join(prepare(course, ("install",), "", {}).missing)
