"""What the commands print, and the status that they end with: for people, and for scripts."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from cli.conftest import Call
from typer.testing import Result

from app.settings import ROOT


def answer_of(result: Result) -> object:
    return json.loads(result.stdout)


@pytest.mark.parametrize("command", ["serve", "doctor", "lessons", "check", "solve", "clean"])
def test_every_command_explains_itself(call: Call, command: str) -> None:
    assert call(command, "--help").exit_code == 0
    assert command in call("--help").stdout


def test_lessons_are_listed_with_their_steps(call: Call) -> None:
    listed = answer_of(call("lessons", "--json"))
    assert isinstance(listed, dict)
    numbers = [lesson["number"] for lesson in listed["lessons"]]
    assert numbers == sorted(numbers)
    first = listed["lessons"][0]["steps"][0]
    assert set(first) == {"id", "title", "checks", "commands"}
    assert "all well formed" in call("lessons", "--check").stdout


def test_the_lessons_are_listed_without_loading_the_site_or_the_database() -> None:
    loaded = "import app.cli.program, app.cli.lessons, sys; print(*sys.modules)"
    said = subprocess.run(
        [sys.executable, "-c", loaded], capture_output=True, text=True, check=True
    )
    assert not {"fastapi", "uvicorn", "sqlalchemy", "kubernetes"} & set(said.stdout.split())


def test_a_mistake_in_a_lesson_is_told_with_its_line(
    call: Call, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lesson = home / "lessons" / "01-broken"
    shutil.copytree(ROOT / "lessons" / "04-namespace", lesson)
    text = (lesson / "checks.yaml").read_text()
    (lesson / "checks.yaml").write_text(text.replace("kind: namespace", "kind: namespaze", 1))
    monkeypatch.setenv("MESH_DOJO_LESSONS_DIR", str(lesson.parent))
    result = call("lessons", "--check")
    line = text[: text.index("kind: namespace")].count("\n")
    assert (result.exit_code, result.stdout) == (1, "")
    assert f"01-broken/checks.yaml:{line}: there is no kind of check" in result.stderr


def test_doctor_says_how_to_get_a_cluster(call: Call) -> None:
    result = call("doctor", "--json")
    found = {finding["id"]: finding for finding in json.loads(result.stdout)}
    assert (result.exit_code, result.stderr) == (1, "")
    assert found["cluster"]["state"] == "problem"
    assert "There is no kubeconfig" in found["cluster"]["detail"]
    assert "minikube start" in found["cluster"]["mend"]
    assert "mend: " in call("doctor").stdout


def test_a_check_without_a_cluster_is_skipped_and_says_why(call: Call) -> None:
    words = ("check", "--lesson", "namespace", "--step", "create")
    result = call(*words, "--json")
    ((step,),) = (json.loads(result.stdout),)
    assert (result.exit_code, step["lesson"], step["step"]) == (3, "namespace", "create")
    assert (step["results"][0]["passed"], step["results"][0]["reason"]) == (None, "unreachable")
    text = call(*words)
    assert text.exit_code == 3
    assert "There is no kubeconfig" in text.stdout


def test_an_unanswered_question_is_a_failed_check(call: Call) -> None:
    result = call("check", "--lesson", "why-a-mesh", "--step", "between")
    assert result.exit_code == 1
    assert "✗" in result.stdout


def test_a_lesson_of_questions_is_solved_without_a_cluster(call: Call) -> None:
    result = call("solve", "--lesson", "why-a-mesh", "--json")
    assert result.exit_code == 0, result.stdout
    assert {each["passed"] for step in json.loads(result.stdout) for each in step["results"]} == {
        True
    }


def test_a_lesson_that_is_not_there_is_wrong_usage(call: Call) -> None:
    result = call("check", "--lesson", "nope")
    assert result.exit_code == 2
    assert "no lesson nope" in result.stderr
    told = answer_of(call("check", "--lesson", "nope", "--json"))
    assert told == {
        "error": "The course has no lesson nope.",
        "hint": "The course map lists them all.",
    }
    assert call("check", "--lessen", "nope").exit_code == 2


def test_what_needs_a_cluster_says_that_there_is_none(call: Call) -> None:
    for words in (("clean",), ("solve", "--lesson", "namespace")):
        result = call(*words)
        assert result.exit_code == 3
        assert "There is no kubeconfig" in result.stderr


def test_a_wrong_context_is_said_with_those_that_there_are(call: Call, home: Path) -> None:
    (home / "kubeconfig").write_text(
        "contexts: [{name: mine, context: {cluster: c}}]\n"
        'clusters: [{name: c, cluster: {server: "http://127.0.0.1:1"}}]\n'
    )
    result = call("clean", "--context", "other")
    assert result.exit_code == 3
    assert "no context “other”" in result.stderr
    assert "It has: mine." in result.stderr


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("PORT", "many", "MESH_DOJO_PORT is wrong"),
        ("COMMAND_TIMEOUT_S", "long", "MESH_DOJO_COMMAND_TIMEOUT_S is wrong"),
        ("ALLOWED_HOSTS", "lab.example", "lists are JSON"),
    ],
)
def test_a_setting_that_cannot_be_read_is_named(
    call: Call, monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    monkeypatch.setenv(f"MESH_DOJO_{name}", value)
    for words in (("serve",), ("lessons",)):
        result = call(*words)
        assert result.exit_code == 2
        assert said in result.stderr.replace("\n", " ")


def test_plain_http_off_loopback_is_refused(call: Call) -> None:
    result = call("serve", "--host", "0.0.0.0")
    assert result.exit_code == 4
    assert "--insecure-http" in result.stderr
