"""analyze says what the real istioctl said of the same objects and files.

Each file of real/analyze holds objects, files and lines, and what istioctl 1.31 (a build of Istio's
main branch of 2026-08-27) printed for each line. The objects were served to it by a small API
server; `base.yaml` stands before those of every case that does not say `alone`.
"""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from sandbox.istioctl.bench import REAL, call, documents, lab_of

from app.sandbox.istioctl.analyze.resource import Resource
from app.sandbox.istioctl.analyze.selected import Selecting
from app.sandbox.istioctl.analyze.snapshot import Snapshot
from app.sandbox.objects import name_of, namespace_of

ANALYZE = REAL / "analyze"
RECORDED = Path(__file__).parents[2] / "recorded"


def cases() -> Iterator[object]:
    for path in sorted(ANALYZE.glob("*.yaml")):
        if path.stem != "base":
            case = yaml.safe_load(path.read_text())
            for number, run in enumerate(case["runs"]):
                yield pytest.param(case, run, id=f"{path.stem}-{number}")


@pytest.mark.parametrize(("case", "run"), list(cases()))
async def test_analyze_says_what_the_real_one_says(case: dict, run: dict) -> None:
    base = "" if case.get("alone") else (ANALYZE / "base.yaml").read_text()
    lab = lab_of([*documents(base), *documents(case.get("cluster", ""))])
    files = {name: text.encode() for name, text in case.get("files", {}).items()}
    said = await call(lab, *run["argv"], files=files)
    lines = said.stdout.splitlines(keepends=True)
    logged = [line for line in lines if "\twarn\tfile\t" in line]  # the recording is without them
    assert "".join(line for line in lines if line not in logged) == run["stdout"]
    assert said.stderr == run["stderr"]
    assert len(logged) == run["stderr"].count("* error processing ")
    assert said.code == run["code"]


def states() -> Iterator[object]:
    """Yield the recorded states of the course in which istioctl was asked, with what it said."""
    for path in sorted(RECORDED.glob("*/*/*.json")):
        calls = json.loads(path.read_text())["calls"]
        for line, outputs in calls.items():
            if line.startswith("istioctl analyze"):
                yield pytest.param(path, line, outputs[-1], id=f"{path.parent.name}-{path.stem}")


def objects_of(path: Path) -> list[dict]:
    """Return the objects of a recorded state, as they were last; Events and endpoints left out."""
    objects = json.loads((path.parent.parent / "objects.json").read_text())
    held = dict[tuple[str, str, str], dict]()
    for asked, answers in json.loads(path.read_text())["calls"].items():
        if asked.startswith("list ") and not asked.startswith(("list Event", "list Endpoint")):
            for digest in answers[-1]:
                kept = objects[digest]
                held[kept["kind"], namespace_of(kept), name_of(kept)] = kept
    return list(held.values())


@pytest.mark.parametrize(("path", "line", "output"), list(states()))
async def test_analyze_says_of_a_recorded_state_what_was_said_there(
    path: Path, line: str, output: dict
) -> None:
    said = await call(lab_of(objects_of(path)), *line.split()[1:])
    assert (json.loads(said.stdout), said.code) == (json.loads(output["stdout"]), output["code"])


def test_services_are_found_by_the_labels_that_they_select() -> None:
    objects = documents(
        """
apiVersion: v1
kind: Service
metadata: {name: both, namespace: a}
spec: {selector: {app: x, version: v1}}
---
apiVersion: v1
kind: Service
metadata: {name: other-namespace, namespace: b}
spec: {selector: {app: x}}
---
apiVersion: v1
kind: Service
metadata: {name: all, namespace: a}
spec: {}
"""
    )
    selecting = Selecting(Snapshot([Resource(obj, "Service") for obj in objects]))
    found = selecting.find("a", {"app": "x", "version": "v1", "more": "z"})
    assert [service.name for service in found] == ["both"]
    assert selecting.find("a", {"app": "x"}) == []
    assert [service.name for service in selecting.without_selector("a")] == ["all"]
