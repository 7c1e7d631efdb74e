"""Which patterns of CRDs are tried, and which could stop the sandbox."""

import time

import pytest

from app.sandbox.schemas.istio_crds import istio_patterns
from app.sandbox.schemas.patterns import NOT_TRIED, PatternError, found


@pytest.mark.parametrize(
    ("pattern", "text", "is_found"),
    [
        ("^[a-z]+$", "abc", True),
        ("^[a-z]+$", "aBc", False),
        (r"^v\d+(alpha|beta)?$", "v1beta", True),
        ("^(foo|bar)$", "bar", True),
        ("^[^|)*]*$", "a|b", False),
        ("a{2,3}", "aa", True),
    ],
)
def test_a_tame_pattern_is_tried(pattern: str, text: str, is_found: bool) -> None:
    assert found(pattern, text) is is_found


@pytest.mark.parametrize(
    "pattern", ["(a+)+$", "((a*)b?)*$", "(a|aa)+$", "(a{1,}){2,}$", "^(.*)*$", ".*.*.*.*x"]
)
def test_a_pattern_that_may_never_end_is_not_tried(pattern: str) -> None:
    with pytest.raises(PatternError, match=NOT_TRIED):
        found(pattern, "a" * 40)


def test_a_pattern_that_cannot_be_read_is_told() -> None:
    with pytest.raises(PatternError, match="error parsing regexp"):
        found("(", "a")


def test_a_long_text_is_not_tried() -> None:
    with pytest.raises(PatternError, match="more than 2000 characters"):
        found("a*b", "a" * 3000)


def test_istios_own_patterns_end_soon_on_a_text_made_to_trouble_them() -> None:
    start = time.perf_counter()
    for pattern in istio_patterns():
        for text in ("a" * 253 + "!", "a." * 126 + "!", "a-" * 126 + "!"):
            found(pattern, text)
    assert time.perf_counter() - start < 10
