"""The rubric that docs/grading.md shows is one that the program reads."""

import re
from pathlib import Path

from app.content.loader import load_course
from app.grading.drawn import seed_of
from app.grading.handout import marked
from app.grading.rubric_file import load_rubric
from app.settings import ROOT

TEXT = (ROOT / "docs" / "grading.md").read_text("utf-8")


def test_the_rubric_of_the_page_is_whole(tmp_path: Path) -> None:
    (shown,) = re.findall(r"```yaml\n(.*?)```", TEXT, re.DOTALL)
    (tmp_path / "rubric.yaml").write_text(shown)
    course = load_course(ROOT / "lessons")
    rubric = load_rubric(tmp_path / "rubric.yaml", course)
    own = {spec.id: spec.points for spec in course.lessons[5].steps[0].checks}
    assert rubric.steps[0].points == own
    assert rubric.lessons == ("routing", "destination", "canary")
    step = next(
        step
        for lesson in marked(course, rubric, seed_of(rubric.secret, "ann")).lessons
        for step in lesson.steps
        if step.id == "ninety-ten"
    )
    weights = next(spec for spec in step.checks if spec.id == "weights").params["weights"]
    assert isinstance(weights, dict)
    assert f"weight: {weights['v1']}\n" in step.manifests[0].solution
    assert f"weight: {weights['v2']}\n" in step.manifests[0].solution
