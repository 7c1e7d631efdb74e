"""Codes are read aloud and typed by everybody; tokens are worth what they open."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.workshop.codes import ALPHABET, LENGTH, clean_code, digest, new_code, new_token
from app.workshop.guesses import IN_ALL


def test_a_code_has_no_signs_that_look_alike() -> None:
    assert not set("0O1IL2Z5S8BU6") & set(ALPHABET)
    assert len(set(ALPHABET)) == len(ALPHABET)


def test_guessing_for_a_day_finds_a_room_less_often_than_once_in_a_thousand() -> None:
    rooms, guesses = 100, IN_ALL * 60 * 24
    assert rooms * guesses / len(ALPHABET) ** LENGTH < 1 / 1000


@pytest.mark.parametrize("form", ["{}", " {} ", "{}\n"])
def test_a_code_is_read_however_it_is_typed(form: str) -> None:
    code = new_code()
    for typed in (code, code.lower(), code.replace("-", ""), code.replace("-", " – ")):
        assert clean_code(form.format(typed)) == code


@given(st.text(max_size=200))
def test_what_cannot_be_a_code_is_none(text: str) -> None:
    cleaned = clean_code(text)
    assert cleaned == "" or (len(cleaned) == 9 and clean_code(cleaned) == cleaned)


def test_tokens_differ_and_only_their_digest_has_a_fixed_shape() -> None:
    tokens = {new_token() for _ in range(100)}
    assert len(tokens) == 100
    assert all(len(token) >= 32 and len(digest(token)) == 64 for token in tokens)
