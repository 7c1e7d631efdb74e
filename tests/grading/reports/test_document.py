"""The JSON form: what is written is read back by the published schema, the rest is refused."""

import json
from dataclasses import replace

import jsonschema_rs
import pytest
from grading.reports.samples import HOSTILE, LATE, hostile, report, reports, ungradable
from hypothesis import given

from app.errors import Refused
from app.grading.report import Report
from app.grading.reports.document import MAX_BYTES, from_bytes, schema, to_bytes
from app.settings import ROOT

SCHEMA = ROOT / "docs" / "mesh-dojo-report-1.schema.json"


def test_the_published_schema_is_the_one_that_is_written() -> None:
    """A change of it that a reader would notice needs a new number."""
    assert json.loads(SCHEMA.read_text("utf-8")) == schema()


@pytest.mark.parametrize("made", [report(), report(deductions=(LATE,)), ungradable()])
def test_a_report_comes_back_as_it_was_and_in_the_same_bytes(made: Report) -> None:
    data = to_bytes(made)
    assert from_bytes(data) == made
    assert to_bytes(from_bytes(data)) == data


@given(reports())
def test_any_report_fits_the_schema_and_is_read_back(made: Report) -> None:
    data = to_bytes(made)
    jsonschema_rs.validate(schema(), json.loads(data))
    assert to_bytes(from_bytes(data)) == data


@pytest.mark.parametrize("text", HOSTILE)
def test_text_of_any_kind_is_kept_but_for_broken_characters(text: str) -> None:
    back = from_bytes(to_bytes(hostile(text)))
    assert back.subject == text.encode(errors="replace").decode()


@pytest.mark.parametrize(
    "change",
    [
        {"schema": "mesh-dojo-report/2"},
        {"earned": "10"},
        {"extra": 1},
        {"started": "2026-11-23T09:00:00"},
        {"trust": "root"},
        {"items": [{}]},
    ],
    ids=str,
)
def test_what_breaks_the_schema_is_refused_with_the_place(change: dict[str, object]) -> None:
    data = json.dumps(json.loads(to_bytes(report())) | change).encode()
    with pytest.raises(Refused, match=next(iter(change))):
        from_bytes(data)


@pytest.mark.parametrize(
    "data", [b"", b"[]", b"\xff", b"{", b"[" * 100_000, b" " * (MAX_BYTES + 1)], ids=len
)
def test_what_is_no_report_is_refused(data: bytes) -> None:
    with pytest.raises(Refused, match="This is no report"):
        from_bytes(data)


def test_a_mark_that_is_no_number_is_not_written() -> None:
    with pytest.raises(ValueError, match="JSON"):
        to_bytes(replace(report(), earned=float("nan")))
