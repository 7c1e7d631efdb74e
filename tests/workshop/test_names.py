"""Names: what may be one, when two are the same, and what else is free."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import Refused
from app.workshop.names import MOST, clean_email, clean_name, name_key, suggestion


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("  Ann  Lee ", "Ann Lee"),
        ("Ａｎｎ", "Ann"),  # full width
        ("Zoë", "Zoë"),
        ("Zoe\u0308", "Zoë"),
        ("李雷", "李雷"),
        ("Ann\u00a0Lee\u3000Wu", "Ann Lee Wu"),
        ("O'Brien-Smith", "O'Brien-Smith"),
    ],
)
def test_a_name_is_shown_in_its_plain_form(typed: str, shown: str) -> None:
    assert clean_name(typed) == shown


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("", "letter or a digit"),
        (" \u3000", "letter or a digit"),
        ("...", "letter or a digit"),
        ("x" * (MOST + 1), "longer than"),
        ("x" * 100_000, "longer than"),
        ("\ufdfa" * 4, "longer than"),  # one character that stands for eighteen
        ("Ann\nLee", "cannot be seen"),
        ("Ann\x00", "cannot be seen"),
        ("\u202eeel", "cannot be seen"),  # right-to-left override
        ("Ann\u200b", "cannot be seen"),  # zero width
        ("Ann\u2066", "cannot be seen"),
        ("A\ue000", "cannot be seen"),  # private use
        ("A" + "\u0323" * 9, "marks"),
    ],
)
def test_what_would_disturb_the_board_is_no_name(typed: str, why: str) -> None:
    with pytest.raises(Refused, match=why):
        clean_name(typed)


@pytest.mark.parametrize(
    "other", ["ann lee", "ANN  LEE", "AnnLee", "Ａｎｎ Ｌｅｅ", "ann\u00a0lee"]
)
def test_case_width_and_spaces_make_no_other_person(other: str) -> None:
    assert name_key(other) == name_key("Ann Lee")


def test_other_letters_make_another_person() -> None:
    assert len({name_key(name) for name in ("Ann", "Anna", "Änn", "Anne")}) == 4


@given(st.text(max_size=60))
def test_a_name_that_was_taken_once_is_taken_again_in_the_same_form(text: str) -> None:
    try:
        name = clean_name(text)
    except Refused:
        return
    assert clean_name(name) == name
    assert name_key(name_key(name)) == name_key(name)
    assert 1 <= len(name_key(name)) <= 160
    assert len(name) <= MOST


@given(st.sampled_from(["Ann", "x" * MOST, "Ann 2"]), st.integers(min_value=0, max_value=30))
def test_the_suggestion_is_a_name_that_is_free(name: str, others: int) -> None:
    taken = {name_key(name)}
    for _ in range(others):
        taken.add(name_key(suggestion(name, taken)))
    assert len(taken) == others + 1
    assert clean_name(suggestion(name, taken))


def test_an_address_or_a_number_is_kept_as_it_is_and_may_be_left_out() -> None:
    assert clean_email(" ann@example.org ") == "ann@example.org"
    assert clean_email("s1234567") == "s1234567"
    assert clean_email("") == ""
    with pytest.raises(Refused, match="characters"):
        clean_email("a" * 121)
