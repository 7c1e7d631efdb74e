"""Quantities as numbers."""

import pytest

from app.clusters.quantity import quantity


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("", 0),
        ("2", 2),
        ("0.5", 0.5),
        ("500m", 0.5),
        ("8131852Ki", 8131852 * 1024),
        ("8Gi", 8 * 1024**3),
        ("1G", 1e9),
        ("1e3", 1000),
        ("250000000n", 0.25),
    ],
)
def test_a_quantity_is_a_number(text: str, number: float) -> None:
    assert quantity(text) == pytest.approx(number)


def test_what_is_no_quantity_is_refused() -> None:
    with pytest.raises(ValueError, match="much"):
        quantity("much")
