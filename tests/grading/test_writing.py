"""A report is there whole, or not at all; and has a plain name of its own."""

import errno
import os
from pathlib import Path
from typing import NoReturn

import pytest
from grading.reports.samples import report
from hypothesis import given
from hypothesis import strategies as st

from app.errors import NotFound, StoreUnavailable
from app.grading.forms import FORMS, file_name, known_forms, write_report
from app.grading.writing import write_whole


def test_a_file_is_replaced_whole(tmp_path: Path) -> None:
    for content in (b"first", b"second"):
        write_whole(tmp_path / "out" / "ann.json", content)
        assert (tmp_path / "out" / "ann.json").read_bytes() == content
    assert os.listdir(tmp_path / "out") == ["ann.json"]


def test_a_full_disk_leaves_the_earlier_report_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_whole(tmp_path / "ann.json", b"first")

    def full(_number: int) -> NoReturn:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StoreUnavailable, match="No space left"):
        write_whole(tmp_path / "ann.json", b"second")
    assert os.listdir(tmp_path) == ["ann.json"]
    assert (tmp_path / "ann.json").read_bytes() == b"first"


NAMES = st.one_of(st.text(max_size=90), st.sampled_from(["ann", "ann.sig", "ann_sig", "summary"]))


@given(st.lists(NAMES, min_size=2, max_size=2, unique=True))
def test_subjects_have_plain_names_of_their_own(subjects: list[str]) -> None:
    first, second = (file_name(subject) for subject in subjects)
    assert first != second
    for name in (first, second):
        assert name.isascii()
        assert name == os.path.basename(name)
        assert 0 < len(name) < 100
        assert not name.startswith("-")
        assert "." not in name
        assert name != "summary"


def test_only_known_forms_are_written() -> None:
    assert known_forms(["junit", "json", "junit"]) == ("junit", "json")
    with pytest.raises(NotFound, match="no form word"):
        known_forms(["word"])


def test_all_forms_of_a_report_lie_beside_each_other(tmp_path: Path) -> None:
    write_report(report(), tmp_path, tuple(FORMS))
    assert len(os.listdir(tmp_path)) == len(FORMS)
