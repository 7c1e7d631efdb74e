"""Expressions match as Python's do, and in linear time."""

import random
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.sandbox.shell.regex.matching import Pattern
from app.sandbox.shell.regex.syntax import BadPattern

ATOMS = st.sampled_from(["a", "b", "c", ".", "[ab]", "[^a]", "a|b", "^", "$"])
PATTERNS = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        st.tuples(inner, inner).map("".join),
        st.tuples(inner, st.sampled_from(["*", "+", "?", "{2}", "{1,2}", "{0,1}"])).map(
            lambda pair: f"({pair[0]}){pair[1]}"
        ),
        st.tuples(inner, inner).map(lambda pair: f"({pair[0]}|{pair[1]})"),
    ),
    max_leaves=8,
)


@settings(max_examples=150, deadline=None)
@given(pattern=PATTERNS, text=st.text("abcd", max_size=8))
def test_extended_patterns_find_what_pythons_find(pattern: str, text: str) -> None:
    assert Pattern(pattern, is_extended=True).search(text) == bool(re.search(pattern, text))


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        (r"a\(b\|c\)*d", "xabcbd", True),
        (r"a+b", "a+b", True),
        (r"a\+b", "aab", True),
        (r"^*a", "*a", True),
        (r"a\{2\}", "caab", True),
        (r"[[:digit:]]\{3\}", "a123", True),
        (r"x$", "xy", False),
        (r"\.", "a", False),
        (r"[]a]", "]", True),
    ],
)
def test_basic_patterns_have_their_own_marks(pattern: str, text: str, found: bool) -> None:
    assert Pattern(pattern).search(text) is found


def test_spans_are_leftmost_and_longest() -> None:
    assert Pattern("a|ab|abc", is_extended=True).spans("xabcab") == [(1, 4), (4, 6)]
    assert Pattern("^a", is_extended=True).spans("aa") == [(0, 1)]


@pytest.mark.parametrize(
    "pattern", ["(", "a)", "[a", "[[:nope:]]", "a{300}", "\\", "(a)\\1", "[b-a]"]
)
def test_what_cannot_be_read_is_refused(pattern: str) -> None:
    with pytest.raises(BadPattern):
        Pattern(pattern, is_extended=True)


def test_a_pattern_that_would_grow_without_bound_is_refused() -> None:
    with pytest.raises(BadPattern):
        Pattern("((((a{200}){200}){200}){200})", is_extended=True)


def test_a_hard_pattern_costs_no_more_than_the_text() -> None:
    text = "".join(random.Random(1).choice("ab") for _ in range(20_000))
    assert Pattern("(a|b)*a(a|b){8}c", is_extended=True).search(text) is False
