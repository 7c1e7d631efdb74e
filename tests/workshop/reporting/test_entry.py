"""Reports come from other machines: what is not one is refused, without being repeated."""

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from workshop.conftest import START

from app.errors import Refused
from app.workshop.reporting.entry import MOST_BYTES, Entry, read_batch, write_batch

OPENED = Entry(seq=1, kind="opened", at=START, lesson="alpha", step="first")
GOOD = json.loads(write_batch([OPENED]))


def test_what_is_written_is_read() -> None:
    assert read_batch(write_batch([OPENED])).entries == (OPENED,)


@pytest.mark.parametrize(
    "change",
    [
        {"version": 2},
        {"entries": []},
        {"entries": [{**GOOD["entries"][0], "seq": n} for n in range(1, 102)]},
        {"more": 1},
        {"entries": [{**GOOD["entries"][0], "seq": 0}]},
        {"entries": [{**GOOD["entries"][0], "seq": 2**63}]},
        {"entries": [{**GOOD["entries"][0], "kind": "passed"}]},
        {"entries": [{**GOOD["entries"][0], "lesson": "../x"}]},
        {"entries": [{**GOOD["entries"][0], "step": "x" * 61}]},
        {"entries": [{**GOOD["entries"][0], "at": "yesterday"}]},
        {"entries": [{**GOOD["entries"][0], "results": [{"check": "a"}]}]},
    ],
)
def test_what_is_no_batch_is_refused_with_its_place_alone(change: dict[str, object]) -> None:
    with pytest.raises(Refused, match="cannot be read") as refused:
        read_batch(json.dumps({**GOOD, **change}).encode())
    assert "yesterday" not in str(refused.value)


def test_a_huge_report_is_refused_before_it_is_read() -> None:
    with pytest.raises(Refused, match="KiB"):
        read_batch(b"[" * (MOST_BYTES + 1))


@given(st.binary(max_size=300))
def test_whatever_comes_is_read_or_refused(body: bytes) -> None:
    with suppress(Refused):
        assert read_batch(body).entries


@given(
    st.recursive(
        st.none() | st.booleans() | st.text(max_size=5),
        lambda x: (
            st.lists(x) | st.dictionaries(st.sampled_from(["version", "entries", "seq", "kind"]), x)
        ),
        max_leaves=8,
    )
)
def test_whatever_json_comes_is_read_or_refused(document: object) -> None:
    with pytest.raises(Refused):
        read_batch(json.dumps(document).encode())
