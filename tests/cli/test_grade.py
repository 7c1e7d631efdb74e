"""`mesh-dojo grade` as a shell calls it: statuses, reports on disk, what is drawn."""

import json
from pathlib import Path

import pytest
from cli.conftest import Call

RUBRIC = """\
title: Guesses
lessons: {why-a-mesh: 10}
secret: a secret of the marker
parameters: {port: {from: 81, to: 99}}
"""
QUESTIONS = ("grade", "--lesson", "why-a-mesh")


def test_an_answered_question_earns_its_point_without_a_cluster(call: Call, home: Path) -> None:
    assert call("solve", "--lesson", "why-a-mesh", "--json").exit_code == 0
    out = home / "reports"
    result = call(*QUESTIONS, "--name", "Ann Lee", "--out", str(out), "--json")
    assert (result.exit_code, result.stderr) == (0, "")
    told = json.loads(result.stdout)
    assert (told["subject"], told["gradable"], told["trust"]) == ("Ann Lee", True, "self-reported")
    assert told["earned"] == told["points"] > 0
    written = {file.suffix for file in out.iterdir()}
    assert written == {".json", ".txt", ".html"}
    (report,) = out.glob("*.json")
    assert json.loads(report.read_bytes()) == told


def test_an_unanswered_question_is_a_failed_check_and_no_failed_command(call: Call) -> None:
    result = call(*QUESTIONS)
    assert result.exit_code == 0
    assert "not answered yet" in result.stdout


def test_what_cannot_be_asked_is_no_mark(call: Call) -> None:
    result = call("grade", "run", "--lesson", "namespace", "--json")
    told = json.loads(result.stdout)
    assert (result.exit_code, told["gradable"]) == (3, False)
    states = {item["state"] for item in told["items"]}
    assert states <= {"ungradable", "failed"}
    assert "There is no kubeconfig" in told["problem"]


def test_a_rubric_decides_what_counts(call: Call, home: Path) -> None:
    file = home / "rubric.yaml"
    file.write_text("title: Few\nlessons: {why-a-mesh: {between: 7}}\n")
    told = json.loads(call("grade", "--rubric", str(file), "--json").stdout)
    assert (told["title"], told["points"]) == ("Few", 7)
    assert {item["step"] for item in told["items"]} == {"between"}
    result = call("grade", "--rubric", str(file), "--lesson", "canary")
    assert result.exit_code == 2
    assert "Nothing of that counts" in result.stderr


def test_a_mistake_in_a_rubric_is_told_with_its_line(call: Call, home: Path) -> None:
    file = home / "rubric.yaml"
    file.write_text("title: Few\nlessons:\n  why-a-mash: 7\n")
    for words in (("grade", "--rubric", str(file)), ("grade", "draw", "--rubric", str(file), "A")):
        result = call(*words)
        assert result.exit_code == 1
        assert "rubric.yaml:3: the course has no lesson why-a-mash" in result.stderr


def test_what_is_drawn_for_names_is_printed(call: Call, home: Path) -> None:
    file = home / "rubric.yaml"
    file.write_text(RUBRIC)
    rows = json.loads(call("grade", "draw", "--rubric", str(file), "--json", "Ann", "Bob").stdout)
    assert [row["name"] for row in rows] == ["Ann", "Bob"]
    assert all(81 <= row["values"]["port"] <= 99 for row in rows)
    assert (
        f"port: {rows[1]['values']['port']}"
        in call("grade", "draw", "--rubric", str(file), "bob").stdout
    )
    result = call("grade", "--rubric", str(file))
    assert result.exit_code == 2
    assert "--name" in result.stderr


@pytest.mark.parametrize(
    ("words", "status", "says"),
    [
        (("--format", "word"), 2, "no form word"),
        (("--lesson", "nope"), 2, "no lesson nope"),
        (("--rubric", "nope.yaml"), 2, "nope.yaml cannot be read"),
        (("full",), 2, "--out"),
        (("subs", "--out", "out"), 4, "holds no submission"),
        (("nowhere", "--out", "out"), 4, "cannot be read"),
        (("subs", "--jobs", "-1"), 2, "jobs"),
        (("full", "--name", "Ann", "--out", "out"), 2, "for one cluster's state"),
    ],
)
def test_a_wrong_call_is_refused(
    call: Call,
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
    words: tuple[str, ...],
    status: int,
    says: str,
) -> None:
    (home / "subs").mkdir()
    (home / "full" / "ann").mkdir(parents=True)
    monkeypatch.chdir(home)
    result = call("grade", *words)
    assert (result.exit_code, says in result.stderr) == (status, True), result.stderr
