"""Image references, and what pulling one says."""

import pytest
from sandbox.kubelet.node import Node

from app.sandbox.kubelet.images import Images, Unpulled, full_name, image_id


@pytest.mark.parametrize(
    ("reference", "name"),
    [
        ("nginx", "docker.io/library/nginx:latest"),
        ("nginx:1.29", "docker.io/library/nginx:1.29"),
        ("hashicorp/http-echo", "docker.io/hashicorp/http-echo:latest"),
        ("docker.io/nginx", "docker.io/library/nginx:latest"),
        ("ghcr.io/a/b/c:v1", "ghcr.io/a/b/c:v1"),
        ("localhost:5000/a", "localhost:5000/a:latest"),
        (f"nginx@sha256:{'a' * 64}", f"docker.io/library/nginx@sha256:{'a' * 64}"),
    ],
)
def test_a_reference_has_a_full_name(reference: str, name: str) -> None:
    assert full_name(reference) == name


@pytest.mark.parametrize(
    "reference", ["", "Nginx", "nginx:", "nginx::1", "-x", "a b", "A/c", "x@y"]
)
def test_what_is_no_reference_has_none(reference: str) -> None:
    assert full_name(reference) is None


def test_an_id_is_the_same_each_time_and_names_the_repository() -> None:
    first = image_id("docker.io/library/nginx:latest")
    assert first == image_id("docker.io/library/nginx:latest")
    assert first.startswith("docker.io/library/nginx@sha256:")


async def test_an_image_is_present_once_it_has_been_pulled() -> None:
    made = Node(1.0)
    try:
        images = Images(made.images.get)
        assert not images.is_present("docker.io/library/server:latest")
        assert "Successfully pulled" in images.pull("server").told
        assert images.is_present("docker.io/library/server:latest")
        with pytest.raises(Unpulled, match="not found") as refused:
            images.pull("nobody")
        assert refused.value.reason == "ErrImagePull"
    finally:
        made.network.close()
