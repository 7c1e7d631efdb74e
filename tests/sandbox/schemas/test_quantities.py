"""Amounts in their canonical words, as a real server gave them back."""

import pytest

from app.sandbox.objects import Json
from app.sandbox.schemas.quantities import canonical


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("1", "1"),
        (1, "1"),
        (0.5, "500m"),
        ("0.5", "500m"),
        ("1000m", "1"),
        ("1500m", "1500m"),
        ("2.50", "2500m"),
        ("1024Mi", "1Gi"),
        ("1536Mi", "1536Mi"),
        ("1.5Gi", "1536Mi"),
        ("0.5Ki", "512"),
        ("512", "512"),
        ("1000", "1k"),
        ("1000M", "1G"),
        ("128974848", "128974848"),
        ("1e3", "1e3"),
        ("1E3", "1E3"),
        ("129e6", "129e6"),
        ("1n", "1m"),
        ("0m", "0"),
        ("no amount", "no amount"),
        ("9" * 50, "9" * 50),
        (True, True),
    ],
)
def test_an_amount_is_kept_in_its_canonical_words(written: Json, kept: Json) -> None:
    assert canonical(written) == kept
