"""A lesson's folder becomes frozen data; each mistake is named with its file and line."""

from pathlib import Path

import pytest

from app.content.loader import load_course
from app.content.model import Command, Manifest, Question
from app.errors import LessonMistake

LESSON = """---
title: A lesson
summary: In one sentence.
minutes: 5
---
Hello <script>.

## Apply it {#apply}

Do this:

```yaml file=app.yaml
weight: ⟦90⟧
```

```run timeout=30
kubectl apply -f app.yaml
```

```run look id=see
kubectl get pods -n mesh-demo
```

::: question id=guess
What now?

- [ ] One | No.
- [x] Two | **Yes**.
:::

::: note
Mind the gap.
:::

::: hint
a
:::

::: hint
b
:::

::: hint
c
:::

::: explain
Because.
:::
"""
CHECKS = """apply:
  - id: there
    kind: object
    title: It is there
    with: {kind: Pod}
"""
WRONG = """apply:
""" + "".join(
    f"""  - id: wrong-{n}
    title: Wrong {n}
    manifests: {{app.yaml: {{replace: {{"90": "{n}"}}}}}}
    check: there
    reason: reason-{n}
"""
    for n in range(1, 5)
)


def write(tmp_path: Path, lesson: str = LESSON, checks: str = CHECKS, wrong: str = WRONG) -> Path:
    folder = tmp_path / "01-first"
    folder.mkdir()
    (folder / "lesson.md").write_text(lesson)
    (folder / "checks.yaml").write_text(checks)
    (folder / "wrong.yaml").write_text(wrong)
    return tmp_path


def test_a_lesson_becomes_steps_with_their_pieces_in_order(tmp_path: Path) -> None:
    lesson = load_course(write(tmp_path)).lessons[0]
    step = lesson.steps[0]
    assert (lesson.id, lesson.number, lesson.namespaces) == ("first", 1, ("mesh-demo",))
    assert (step.id, step.title, len(step.hints)) == ("apply", "Apply it", 3)
    kinds = [type(block).__name__ for block in step.blocks]
    assert kinds == ["Prose", "Manifest", "Command", "Command", "Question", "Prose"]


def test_a_blank_is_filled_in_the_solution_and_empty_in_the_starter(tmp_path: Path) -> None:
    manifest = load_course(write(tmp_path)).lessons[0].steps[0].manifests[0]
    assert manifest == Manifest("app.yaml", "weight: 90\n", "weight: ___\n")
    assert manifest.has_blanks


def test_words_behind_run_say_what_the_command_is_for(tmp_path: Path) -> None:
    do, look = load_course(write(tmp_path)).lessons[0].steps[0].commands
    assert do == Command("run-1", "kubectl apply -f app.yaml", "do", timeout_s=30)
    assert (look.id, look.purpose) == ("see", "look")


def test_a_question_knows_its_right_choice_and_every_reply(tmp_path: Path) -> None:
    question = load_course(write(tmp_path)).lessons[0].steps[0].questions[0]
    assert isinstance(question, Question)
    assert [choice.is_right for choice in question.choices] == [False, True]
    assert question.choices[1].reply_html == "<strong>Yes</strong>."


def test_html_in_the_prose_is_only_text(tmp_path: Path) -> None:
    assert "&lt;script&gt;" in load_course(write(tmp_path)).lessons[0].intro


def test_a_wrong_answer_is_the_solution_with_its_mistake_in_it(tmp_path: Path) -> None:
    wrong = load_course(write(tmp_path)).lessons[0].steps[0].wrong[0]
    assert wrong.manifests == {"app.yaml": "weight: 1\n"}
    assert wrong.lines == ("kubectl apply -f app.yaml",)


def test_the_version_changes_with_any_file(tmp_path: Path) -> None:
    before = load_course(write(tmp_path)).version
    (tmp_path / "01-first" / "lesson.md").write_text(LESSON + "\nMore.\n")
    assert load_course(tmp_path).version != before


@pytest.mark.parametrize(
    ("change", "place", "says"),
    [
        ({"lesson": LESSON.replace("title: A", "titel: A")}, "lesson.md:1", "title"),
        ({"lesson": LESSON.replace("{#apply}", "")}, "lesson.md:8", "its id"),
        ({"lesson": LESSON.replace("run look id=see", "run lock")}, "lesson.md:20", "lock"),
        ({"lesson": LESSON.replace("- [x] Two", "- [ ] Two")}, "lesson.md:24", "one right"),
        ({"lesson": LESSON.replace("| No.", "")}, "lesson.md:24", "choice 1"),
        ({"lesson": LESSON.replace("::: hint\na\n:::\n", "")}, "lesson.md:8", "three hints"),
        ({"lesson": LESSON.replace("app.yaml\nweight", "../x.yaml\nweight")}, ":12", "plain name"),
        ({"checks": CHECKS.replace("kind: object", "sort: object")}, "checks.yaml:2", "kind"),
        ({"checks": CHECKS.replace("title: It", "title: [It")}, "checks.yaml:", "expected"),
        ({"checks": CHECKS.replace("apply:", "aply:")}, "checks.yaml:1", "no step aply"),
        ({"checks": CHECKS + CHECKS}, "checks.yaml:", "apply twice"),
        ({"checks": "apply: []"}, "lesson.md:8", "no check"),
        ({"checks": CHECKS + "    needs: [ghost]\n"}, "lesson.md:8", "ghost"),
        ({"wrong": WRONG.replace('"90"', '"91"')}, "wrong.yaml:2", "does not hold"),
        ({"wrong": WRONG.replace("reason-2", "reason-1")}, "lesson.md:8", "same message"),
        ({"wrong": WRONG.replace("check: there", "check: here")}, "lesson.md:8", "here"),
        ({"wrong": "apply: []"}, "lesson.md:8", "0 wrong answers"),
    ],
)
def test_a_mistake_is_named_with_its_file_and_line(
    tmp_path: Path, change: dict[str, str], place: str, says: str
) -> None:
    with pytest.raises(LessonMistake) as mistake:
        load_course(write(tmp_path, **change))
    assert place in str(mistake.value)
    assert says in str(mistake.value)


def test_a_part_to_repair_is_shown_as_it_is_broken(tmp_path: Path) -> None:
    lesson = LESSON.replace("weight: ⟦90⟧", "⟦|match: x\n⟧weight: ⟦90|ninety⟧")
    manifest = load_course(write(tmp_path, lesson=lesson)).lessons[0].steps[0].manifests[0]

    assert manifest.solution == "weight: 90\n"
    assert manifest.starter == "match: x\nweight: ninety\n"
    assert manifest.has_blanks
