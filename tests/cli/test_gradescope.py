"""`grade gradescope` and `grade gradescope-zip`, without a sandbox: what is refused needs none."""

import json
import zipfile
from datetime import datetime
from pathlib import Path

import pytest
from cli.conftest import Call

from app.cli.gradescope import read_metadata, source_of
from app.cli.lessons import load_valid_course
from app.grading.submission import read_submission
from app.settings import ROOT, Settings

RUBRIC = "title: Week 3\nlessons:\n  namespace: own\n"
METADATA = {
    "id": 123456,
    "created_at": "2026-07-01T14:22:32.365935-07:00",
    "assignment": {"due_date": "2026-07-31T23:00:00.000000-07:00", "total_points": "20.0"},
    "users": [
        {"email": "zoe@example.org", "id": 2, "name": "Zoë\u202e"},
        {"email": "ann@example.org", "id": 1, "name": "Ann: 'Lee'"},
    ],
    "previous_submissions": [],
}


@pytest.fixture
def rubric(home: Path) -> str:
    (home / "rubric.yaml").write_text(RUBRIC)
    return str(home / "rubric.yaml")


@pytest.fixture
def base(home: Path) -> Path:
    """Gradescope's folder with a submission that is refused before anything of it runs."""
    (home / "autograder" / "submission").mkdir(parents=True)
    (home / "autograder" / "results").mkdir()
    (home / "autograder" / "submission" / "early.yaml").write_bytes(b"\x00")
    (home / "autograder" / "submission_metadata.json").write_text(json.dumps(METADATA))
    return home / "autograder"


def test_a_refused_submission_is_marked_with_the_reason(
    call: Call, base: Path, rubric: str
) -> None:
    ran = call("grade", "gradescope", "--base", str(base), "--rubric", rubric)
    assert ran.exit_code == 0
    assert "0 of 7 points" in ran.stdout
    results = json.loads((base / "results" / "results.json").read_text())
    assert results["score"] == 0
    assert {test["status"] for test in results["tests"]} == {"failed"}
    assert "early.yaml is no text" in results["tests"][0]["output"]
    assert list((base / "results").iterdir()) == [base / "results" / "results.json"]


def test_who_and_when_is_what_gradescope_says_and_not_the_learner(base: Path) -> None:
    (base / "submission" / "early.yaml").unlink()
    (base / "submission" / "submission.yaml").write_text("name: Bo\nsubmitted: 2026-06-01T00:00Z\n")
    source = source_of(base / "submission", read_metadata(base / "submission_metadata.json"), base)
    about = read_submission(source, load_valid_course(Settings())).about
    assert source.name == about.email == "ann@example.org"
    assert about.name == "Ann: 'Lee', Zoë\N{REPLACEMENT CHARACTER}"
    assert about.student_id == "1"
    assert about.submitted == datetime.fromisoformat("2026-07-01T21:22:32.365935+00:00")


@pytest.mark.parametrize("text", ["{", '{"users": 1}', '{"created_at": "yesterday"}'])
def test_where_gradescope_cannot_be_understood_there_are_no_results(
    call: Call, base: Path, rubric: str, text: str
) -> None:
    (base / "submission_metadata.json").write_text(text)
    (base / "results" / "results.json").write_text("{}")
    result = call("grade", "gradescope", "--base", str(base), "--rubric", rubric)
    assert result.exit_code == 3
    assert not (base / "results" / "results.json").exists()


def test_without_metadata_it_is_still_graded(call: Call, base: Path, rubric: str) -> None:
    (base / "submission_metadata.json").unlink()
    assert call("grade", "gradescope", "--base", str(base), "--rubric", rubric).exit_code == 0
    assert (base / "results" / "results.json").exists()


def test_the_zip_is_made_for_a_rubric_that_holds(call: Call, home: Path, rubric: str) -> None:
    out = home / "out" / "autograder.zip"
    made = call("grade", "gradescope-zip", "--rubric", rubric, "--out", str(out), "--json")
    assert json.loads(made.stdout) == {"file": str(out), "bytes": out.stat().st_size}
    with zipfile.ZipFile(out) as packed:
        assert packed.read("rubric.yaml").decode() == RUBRIC
        assert packed.read("product/pyproject.toml") == (ROOT / "pyproject.toml").read_bytes()


def test_a_wrong_rubric_or_visibility_makes_no_zip(call: Call, home: Path, rubric: str) -> None:
    out = home / "autograder.zip"
    words = ("grade", "gradescope-zip", "--out", str(out), "--rubric")
    assert call(*words, rubric, "--hidden", "never").exit_code == 2
    (home / "rubric.yaml").write_text("title: 1\nlessons: {nothing: own}\n")
    assert call(*words, rubric).exit_code == 1
    assert not out.exists()
