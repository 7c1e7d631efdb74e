"""The namespace that was meant, or a mistake for it."""

import pytest

from app.checks.mistaken import mistaken


@pytest.mark.parametrize(
    ("candidates", "likeliest"),
    [
        ([], ""),
        (["shop", "mesh-prod"], ""),
        (["shop", "default"], "default"),
        (["mesh-dmo", "shop"], "mesh-dmo"),
        (["meshdemo"], "meshdemo"),
    ],
)
def test_only_default_and_a_similar_name_look_like_a_mistake(
    candidates: list[str], likeliest: str
) -> None:
    assert mistaken("mesh-demo", candidates) == likeliest
