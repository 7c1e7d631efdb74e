"""Every verdict of the course's checks, over what a real cluster said when it was recorded."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest
from recorded import RecordedCluster, read_recording

from app.checks.kind import Context
from app.checks.result import CheckResult
from app.checks.run import run_checks
from app.clusters.cluster import PodRef
from app.clusters.probes import CONTAINER, INSIDE_NAMESPACE, OUTSIDE_NAMESPACE, POD
from app.content.find import find_step
from app.content.loader import load_course
from app.content.model import Step
from app.settings import ROOT

FOLDER = Path(__file__).parent / "recorded"
FILES = sorted(FOLDER.glob("*/*/*.json"))
COURSE = load_course(ROOT / "lessons")


@dataclass(frozen=True)
class Recorded:
    """One press of the check button on a real cluster."""

    step: Step
    state: str
    seen: Mapping[str, list[str]]
    context: Context

    @classmethod
    def read(cls, path: Path) -> "Recorded":
        data = read_recording(path)
        lesson, step_id, _ = path.relative_to(FOLDER).parts
        step = find_step(COURSE, lesson, step_id)[1]
        has_probe = all(reason != "no-probe" for _, reason in data["seen"].values())
        inside = PodRef(INSIDE_NAMESPACE, POD, CONTAINER)
        context = Context(
            cluster=RecordedCluster(data),
            inside=inside if has_probe else None,
            outside=PodRef(OUTSIDE_NAMESPACE, POD, CONTAINER),
            answers=data["answers"],
            right={
                question.id: next(choice.id for choice in question.choices if choice.is_right)
                for question in step.questions
            },
            patience_s=0.0,
            now=lambda: datetime.fromisoformat(data["at"]),
        )
        return cls(step, path.stem, data["seen"], context)

    async def judge(self) -> dict[str, CheckResult]:
        """Run the step's checks of today over the cluster of then."""
        results = run_checks(self.step.checks, self.context)
        return {result.check: result async for result in results}


def name(path: Path) -> str:
    return str(path.relative_to(FOLDER).with_suffix(""))


@pytest.mark.parametrize("path", FILES, ids=name)
async def test_the_checks_find_today_what_they_found_on_the_real_cluster(path: Path) -> None:
    recorded = Recorded.read(path)
    found = await recorded.judge()
    moods = {True: "passed", False: "failed", None: "skipped"}
    verdicts = {
        check: [moods[result.passed], result.finding.reason] for check, result in found.items()
    }
    for check, (mood, reason) in recorded.seen.items():
        if reason == "changed":  # the page's own mark on a check that waited for another
            verdicts[check] = [mood, reason]
    assert verdicts == recorded.seen


@pytest.mark.parametrize("path", FILES, ids=name)
def test_what_was_recorded_keeps_the_duality_rule(path: Path) -> None:
    recorded = Recorded.read(path)
    red = {check: reason for check, (mood, reason) in recorded.seen.items() if mood == "failed"}
    if recorded.state == "before":
        assert red
    elif recorded.state == "solved":
        assert red == NOT_TO_BE_HAD.get(name(path.parent), {})
    else:
        wrong = next(w for w in recorded.step.wrong if f"wrong-{w.id}" == recorded.state)
        assert red[wrong.check] == wrong.reason


# The recorded cluster has no images of the add-ons.
NOT_TO_BE_HAD: Mapping[str, Mapping[str, str]] = {"observability/addons": {"addons": "image"}}


def test_every_state_of_every_step_is_recorded() -> None:
    states = {
        f"{lesson.id}/{step.id}/{state}"
        for lesson in COURSE.lessons
        for step in lesson.steps
        for state in ("before", "solved", *(f"wrong-{wrong.id}" for wrong in step.wrong))
    }
    assert states == {name(path) for path in FILES}
