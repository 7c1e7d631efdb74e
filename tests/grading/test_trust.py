"""Signatures: what a site signed is known by its key, and by nothing else."""

import base64
import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from grading.reports.samples import report
from hypothesis import given
from hypothesis import strategies as st

from app.errors import AppError, Refused, StoreUnavailable
from app.grading.forms import write_report
from app.grading.reports.document import to_bytes
from app.grading.trust import (
    KEY_FILE,
    PREFIX,
    PublicKey,
    SiteKey,
    known_key,
    parse_key,
    read_site_key,
    verify,
)

KEY = SiteKey(bytes(range(32)))
OTHER = SiteKey(bytes(32))
REPORT = to_bytes(report())
SIGNATURE = KEY.sign(REPORT)
SELF_REPORTED = to_bytes(replace(report(), trust="self-reported"))


def test_a_signed_report_is_verified_by_its_sites_key_alone() -> None:
    verdict = verify(REPORT, SIGNATURE, [OTHER.public, KEY.public])
    assert verdict.is_verified
    assert verdict.key == KEY.public
    assert verdict.report == report()
    for trusted in ([], [OTHER.public]):
        refused = verify(REPORT, SIGNATURE, trusted)
        assert not refused.is_verified
        assert refused.key == KEY.public
        assert "none that you trust" in refused.why


def flipped(data: bytes, place: int) -> bytes:
    return data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]


def test_no_byte_of_a_report_or_of_its_signature_can_be_changed() -> None:
    for place in range(len(REPORT)):
        assert not verify(flipped(REPORT, place), SIGNATURE, [KEY.public]).is_verified, place
    for place in range(len(SIGNATURE)):
        assert not verify(REPORT, flipped(SIGNATURE, place), [KEY.public]).is_verified, place


@pytest.mark.parametrize(
    "data",
    [
        REPORT + b"\n",
        b" " + REPORT,
        REPORT.rstrip(),
        json.dumps(json.loads(REPORT)).encode(),
        to_bytes(replace(report(), earned=7.5)),
        to_bytes(replace(report(), subject="Bo")),
        b"",
    ],
    ids=["line", "space", "less", "spelling", "mark", "name", "nothing"],
)
def test_another_spelling_or_another_report_is_not_verified(data: bytes) -> None:
    assert not verify(data, SIGNATURE, [KEY.public]).is_verified


@given(st.binary(max_size=300))
def test_no_other_file_is_a_signature(data: bytes) -> None:
    assert not verify(REPORT, data, [KEY.public]).is_verified


def test_an_unsigned_report_and_a_damaged_signature_are_told_apart() -> None:
    assert "not signed, and says of itself: site" in verify(REPORT, None, [KEY.public]).why
    for damaged in (b"[" * 5000, b"{}", SIGNATURE + b" ", SIGNATURE.replace(b"Ed25519", b"none")):
        assert "damaged" in verify(REPORT, damaged, [KEY.public]).why


def test_a_self_reported_mark_is_not_signed_and_never_verified() -> None:
    with pytest.raises(Refused):
        KEY.sign(SELF_REPORTED)
    raw = Ed25519PrivateKey.from_private_bytes(bytes(range(32))).sign(PREFIX + SELF_REPORTED)
    fields = json.loads(SIGNATURE) | {"signature": base64.b64encode(raw).decode()}
    forced = json.dumps(fields, indent=2).encode() + b"\n"
    verdict = verify(SELF_REPORTED, forced, [KEY.public])
    assert not verdict.is_verified
    assert "self-reported" in verdict.why


def test_a_signature_of_something_else_by_the_same_key_is_none_of_a_report() -> None:
    raw = Ed25519PrivateKey.from_private_bytes(bytes(range(32))).sign(REPORT)
    fields = json.loads(SIGNATURE) | {"signature": base64.b64encode(raw).decode()}
    forced = json.dumps(fields, indent=2).encode() + b"\n"
    assert not verify(REPORT, forced, [KEY.public]).is_verified


def test_what_is_no_report_is_not_signed() -> None:
    with pytest.raises(Refused):
        KEY.sign(b"{}")


def test_a_sites_key_is_made_once_and_read_by_its_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    assert known_key(folder) is None
    assert not folder.exists()
    made = read_site_key(folder).public
    assert (folder / KEY_FILE).stat().st_mode & 0o777 == 0o600
    assert [file.name for file in folder.iterdir()] == [KEY_FILE]
    assert read_site_key(folder).public == made == known_key(folder)


def test_many_that_make_the_key_at_once_get_the_same(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: read_site_key(tmp_path).public, range(8)))
    assert len(set(made)) == 1


def test_a_key_that_cannot_be_kept_or_is_none_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreUnavailable, match="cannot be read or made"):
        read_site_key(tmp_path / "file")
    (tmp_path / KEY_FILE).write_text("short")
    with pytest.raises(StoreUnavailable, match="no key"):
        read_site_key(tmp_path)


@pytest.mark.parametrize("text", ["", "ed25519:", "ed25519:AAAA", "x" * 44, "ed25519:" + "é" * 43])
def test_what_is_no_public_key_is_told(text: str) -> None:
    assert parse_key(f" {KEY.public}\n") == KEY.public
    with pytest.raises(AppError, match="no public key"):
        parse_key(text)


def test_a_written_report_has_its_signature_beside_it_and_no_earlier_one(tmp_path: Path) -> None:
    write_report(report(), tmp_path, ("json",), KEY)
    written = next(file for file in tmp_path.glob("*.json") if not file.match("*.sig.json"))
    sealed = written.with_name(written.name.removesuffix(".json") + ".sig.json")
    assert verify(written.read_bytes(), sealed.read_bytes(), [KEY.public]).is_verified
    write_report(replace(report(), trust="self-reported"), tmp_path, ("json",), KEY)
    assert not sealed.exists()


def test_the_private_key_is_not_shown(tmp_path: Path) -> None:
    key = read_site_key(tmp_path)
    seed = base64.b64encode((tmp_path / KEY_FILE).read_bytes()).decode()
    assert seed not in f"{key!r} {key.public} {key.sign(REPORT).decode()}"
    assert isinstance(key.public, PublicKey)
