"""`verify-report` and `grade key`: what they say, and with which status they end."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from cli.conftest import Call
from grading.reports.samples import report

from app.grading.forms import write_report
from app.grading.reports.document import to_bytes
from app.grading.trust import SiteKey, read_site_key

STRANGER = SiteKey(bytes(32))


@pytest.fixture
def written(home: Path) -> Path:
    """A report that this site made and signed."""
    write_report(report(subject="Ann"), home / "out", ("json",), read_site_key(home / "data"))
    return home / "out" / "Ann.json"


def test_a_sites_own_report_is_verified_and_says_what_is_covered(call: Call, written: Path) -> None:
    result = call("verify-report", str(written))
    assert result.exit_code == 0
    for said in ("Verified", "Signed by ed25519:", "Week 3: Ann: 2 of 7.5 points", "4 checks"):
        assert said in result.stdout


def test_the_key_that_is_printed_verifies_elsewhere(
    call: Call, written: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = call("grade", "key").stdout.strip()
    monkeypatch.setenv("MESH_DOJO_DATA_DIR", str(written.parent / "elsewhere"))
    assert call("verify-report", str(written)).exit_code == 1
    assert call("verify-report", str(written), "--key", key).exit_code == 0
    (written.parent / "site.pub").write_text(key + "\n")
    assert call("verify-report", str(written), "--key", f"{written.parent}/site.pub").exit_code == 0
    assert not (written.parent / "elsewhere").exists()


@pytest.mark.parametrize("as_json", [False, True], ids=["text", "json"])
def test_a_changed_report_ends_with_1(call: Call, written: Path, as_json: bool) -> None:
    written.write_bytes(written.read_bytes().replace(b'"earned": 2.0', b'"earned": 9.0'))
    result = call("verify-report", str(written), *(["--json"] if as_json else []))
    assert result.exit_code == 1
    said = json.loads(result.stdout)["why"] if as_json else result.stdout
    assert "was changed" in said


def test_an_unsigned_a_foreign_and_a_self_reported_one_end_with_1(
    call: Call, home: Path, written: Path
) -> None:
    foreign = STRANGER.sign(to_bytes(report(subject="Ann")))
    written.with_name("Ann.sig.json").write_bytes(foreign)
    assert "none that you trust" in call("verify-report", str(written)).stdout
    written.with_name("Ann.sig.json").unlink()
    assert "not signed" in call("verify-report", str(written)).stdout
    self_reported = home / "self.json"
    self_reported.write_bytes(to_bytes(replace(report(), trust="self-reported")))
    result = call("verify-report", str(self_reported))
    assert result.exit_code == 1
    assert "self-reported" in result.stdout


def test_wrong_usage_ends_with_2(call: Call, home: Path, written: Path) -> None:
    assert call("verify-report", str(home / "none.json")).exit_code == 2
    assert call("verify-report", str(home)).exit_code == 2
    assert call("verify-report", str(written), "--key", "ed25519:nonsense").exit_code == 2
    assert call("verify-report", str(written), "--signature", "none").exit_code == 2
    assert call("verify-report").exit_code == 2


def test_a_name_of_a_stranger_cannot_draw_on_the_terminal(call: Call, home: Path) -> None:
    file = home / "x.json"
    file.write_bytes(to_bytes(report(subject="\x1b[2J[bold]Ann\u202e")))
    shown = call("verify-report", str(file)).stdout
    assert "\x1b" not in shown
    assert "\u202e" not in shown
    assert "[bold]Ann" in shown


def test_what_is_no_report_ends_with_1(call: Call, home: Path) -> None:
    (home / "x.json").write_bytes(b"\x00" * 100)
    result = call("verify-report", str(home / "x.json"))
    assert result.exit_code == 1
    assert "This is no report" in result.stdout
