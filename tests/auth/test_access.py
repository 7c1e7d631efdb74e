"""A token opens one session, once; a session and its mark cannot be made up."""

import stat
from pathlib import Path

import pytest

from app.auth.access import Access, Holder, read_key
from app.errors import NotAllowed, StoreUnavailable


def test_a_token_opens_a_session_of_its_learner() -> None:
    access = Access(b"key")
    learner = access.who(access.exchange(access.issue("owner")))
    assert learner is not None
    assert learner.id == "owner"


def test_a_token_is_spent_by_its_first_use() -> None:
    access = Access(b"key")
    token = access.issue("owner")
    access.exchange(token)
    with pytest.raises(NotAllowed, match="used before"):
        access.exchange(token)


def test_a_token_from_nowhere_opens_nothing() -> None:
    with pytest.raises(NotAllowed):
        Access(b"key").exchange("guess")


def test_only_the_newest_tokens_wait() -> None:
    access = Access(b"key")
    oldest = access.issue("owner")
    for _ in range(20):
        access.issue("owner")
    with pytest.raises(NotAllowed):
        access.exchange(oldest)


@pytest.mark.parametrize("session", ["", "x", "WyJvd25lciIsICJ4Il0.aaaa.bbbb"])
def test_a_session_that_was_made_up_is_nobodys(session: str) -> None:
    assert Access(b"key").who(session) is None


def test_a_session_outlives_a_restart_but_not_another_key() -> None:
    first = Access(b"key")
    session = first.exchange(first.issue("owner"))
    assert Access(b"key").who(session) == first.who(session)
    assert Access(b"other").who(session) is None


def test_a_mark_fits_only_its_own_session() -> None:
    access = Access(b"key")
    mine, other = Holder("owner", "one"), Holder("owner", "two")
    assert access.is_csrf(mine, access.csrf(mine))
    assert not access.is_csrf(mine, access.csrf(other))


def test_the_key_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    key = read_key(tmp_path / "data")
    assert read_key(tmp_path / "data") == key
    assert len(key) == 32
    assert stat.S_IMODE((tmp_path / "data" / "key").stat().st_mode) == 0o600


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file")
    with pytest.raises(StoreUnavailable, match="does not take its key"):
        read_key(tmp_path / "data")
