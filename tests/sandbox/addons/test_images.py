"""Which references are the add-ons' images."""

import pytest

from app.sandbox.addons.images import REPOSITORIES, Addons


def test_every_image_is_found_by_its_repository_and_no_other() -> None:
    addons = Addons()
    assert set(addons.images) == REPOSITORIES
    assert all(addons.find(f"{repository}:v1.2.3") for repository in REPOSITORIES)


@pytest.mark.parametrize("reference", ["nginx", "grafana/loki:3", "grafana/grafana@sha256:00", "A"])
def test_what_is_no_add_on_is_the_catalogs(reference: str) -> None:
    assert Addons().find(reference) is None
