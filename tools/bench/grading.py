"""Grading a hundred submissions: a fifth right, the rest with planted mistakes of twenty kinds.

They are graded at each number of workers; every mark must come out as expected, each time.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from app.content.loader import load_course
from app.settings import ROOT, Settings
from tools.bench.figure import Figure
from tools.bench.submissions import write_right, write_wrong

LESSON = "canary"
RIGHT, EACH = 20, 4  # of each of twenty kinds
WORKERS = (2, 1)
GOAL_S = 600.0  # for all of them, on two cores


@dataclass(frozen=True)
class Mistake:
    """A documented wrong answer of a step, and every check that it costs: `step/check`."""

    step: str
    wrong: str
    costs: tuple[str, ...]


SPLITS = ("half/weights", "all/weights")  # traffic to both versions
TO_V2 = ("ninety-ten/weights", *SPLITS)
FOUR = (*TO_V2, "back/weights")
OLDER = ("half/one", *SPLITS, "back/weights", "back/one-route")
KINDS = (
    Mistake("v2", "same-text", ("v2/text",)),
    Mistake("v2", "two-of-each", ("v2/pods", "all/pods", "back/pods")),
    Mistake("v2", "labelled-v1", ("v2/pods", "second-rule/subsets", "one-rule/subsets", *TO_V2)),
    Mistake("second-rule", "by-app", ("second-rule/subsets",)),
    Mistake("second-rule", "crossed", ("second-rule/subsets",)),
    Mistake("second-rule", "default-namespace", ("second-rule/second", "second-rule/subsets")),
    Mistake("second-rule", "newest-wins", ("second-rule/which-limit",)),
    Mistake("one-rule", "second-kept", ("one-rule/one", "one-rule/policy", "back/one-rule")),
    Mistake("one-rule", "policy-lost", ("one-rule/policy",)),
    Mistake("one-rule", "wrong-limit", ("one-rule/policy",)),
    Mistake("one-rule", "name-typo", ("one-rule/subsets", *FOUR)),
    Mistake("one-rule", "label-typo", ("one-rule/subsets", *TO_V2)),
    Mistake("ninety-ten", "swapped", ("ninety-ten/weights",)),
    Mistake("ninety-ten", "sum-of-110", ("ninety-ten/weights",)),
    Mistake("ninety-ten", "host-typo", ("ninety-ten/one", "ninety-ten/weights")),
    Mistake("ninety-ten", "other-name", ("ninety-ten/one", *OLDER)),
    Mistake("all", "almost", ("all/weights",)),
    Mistake("all", "route-deleted", ("all/weights",)),
    Mistake("back", "halfway", ("back/weights",)),
    Mistake("back", "route-deleted", ("back/weights", "back/one-route")),
)


def hundred(folder: Path) -> dict[str, frozenset[str]]:
    """Write the submissions; return what each must lose. Shape: {name: {step/check}}."""
    course = load_course(Settings().lessons_dir)
    expected: dict[str, frozenset[str]] = {}
    for number in range(RIGHT):
        name = f"right-{number:02d}"
        write_right(course, LESSON, folder / name)
        expected[name] = frozenset()
    for kind in KINDS:
        for number in range(EACH):
            name = f"{kind.step}-{kind.wrong}-{number}"
            write_wrong(course, LESSON, kind.step, kind.wrong, folder / name)
            expected[name] = frozenset(kind.costs)
    return expected


def batches(workers: Sequence[int] = WORKERS) -> tuple[list[Figure], list[str]]:
    """Return how long all of them took, and a note for each mark that was not as expected."""
    figures: list[Figure] = []
    notes: list[str] = []
    with tempfile.TemporaryDirectory(prefix="mesh-dojo-bench-") as name:
        folder = Path(name)
        expected = hundred(folder / "in")
        for jobs in workers:
            start = time.perf_counter()
            _grade(folder, jobs)
            took = time.perf_counter() - start
            title = f"{len(expected)} submissions of lesson {LESSON}, workers: {jobs}"
            figures.append(Figure(title, "s", [took], GOAL_S if jobs == 2 else None))
            wrong = list(_unexpected(folder / "out", expected))
            told = "all as expected" if not wrong else f"{len(wrong)} not as expected"
            notes.append(f"{jobs} at once: {len(expected)} marks, {told}.")
            notes += wrong
    return figures, notes


def _grade(folder: Path, jobs: int) -> None:
    argv = [sys.executable, "-m", "app", "grade", str(folder / "in"), "--lesson", LESSON, "--again"]
    argv += ["--out", str(folder / "out"), "--jobs", str(jobs), "--json"]
    env = {**os.environ, "MESH_DOJO_DATA_DIR": str(folder / "data")}
    subprocess.run(argv, cwd=ROOT, env=env, check=False, stdout=subprocess.DEVNULL)


def _unexpected(out: Path, expected: dict[str, frozenset[str]]) -> Iterator[str]:
    for name, costs in expected.items():
        try:
            report = json.loads((out / f"{name}.json").read_bytes())
        except FileNotFoundError:
            yield f"{name}: no report"
            continue
        items = report["items"]
        lost = {f"{item['step']}/{item['check']}" for item in items if item["state"] != "passed"}
        worth = sum(item["points"] for item in items if item["state"] == "passed")
        if not report["gradable"]:
            yield f"{name}: not graded: {report['problem']}"
        elif lost != costs or report["earned"] != worth:
            yield f"{name}: lost {', '.join(sorted(lost))}; expected {', '.join(sorted(costs))}"
