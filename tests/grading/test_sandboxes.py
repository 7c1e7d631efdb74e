"""Submissions graded in sandboxes: the marks that they have to get, and nothing left behind."""

import json
import os
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from grading.sample import write

from app.content.find import find_step
from app.content.loader import load_course
from app.settings import ROOT

pytestmark = pytest.mark.sandbox

COURSE = load_course(ROOT / "lessons")
ROUTE = find_step(COURSE, "routing", "route")[1].manifests[0].solution
ANSWER = {"answers.yaml": "routing: {proxy: {where-followed: %s}}"}
LINES = "# routing/route\nkubectl apply -f routing.yaml\nkubectl get nodes -o yaml > /etc/x\n"
HANGS = "# routing/route\nkubectl wait --for=delete namespace/mesh-demo --timeout=600s\n"
LIMIT_S = 240.0  # for a whole batch on a machine that does other things, too


def right() -> str:
    step = find_step(COURSE, "routing", "proxy")[1]
    return next(choice.id for choice in step.questions[0].choices if choice.is_right)


class Grading:
    """`mesh-dojo grade` as a process, with all its files below one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "tmp").mkdir()
        self.env = {
            **os.environ,
            "MESH_DOJO_DATA_DIR": str(folder / "data"),
            "KUBECONFIG": str(folder / "nothing"),
            "TMPDIR": str(folder / "tmp"),
        }

    def start(self, *words: str) -> subprocess.Popen[str]:
        argv = [sys.executable, "-m", "app", "grade", str(self.folder / "in"), *words]
        argv += ["--lesson", "routing", "--out", str(self.folder / "out"), "--json"]
        return subprocess.Popen(
            argv,
            cwd=ROOT,
            env=self.env,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            preexec_fn=_with_interrupts,
        )

    def run(self, *words: str) -> int:
        with self.start(*words) as process:
            _, told = process.communicate(timeout=LIMIT_S)
        assert process.returncode in (0, 3), told
        return process.returncode

    def report(self, name: str) -> dict[str, object]:
        found = json.loads((self.folder / "out" / f"{name}.json").read_text())
        assert isinstance(found, dict)
        return found

    def left(self) -> list[str]:
        """Return the processes that have to do with this folder and still run."""
        found = []
        for process in psutil.process_iter(["cmdline", "status"]):
            line = " ".join(process.info["cmdline"] or [])
            if str(self.folder) in line and process.info["status"] != psutil.STATUS_ZOMBIE:
                found.append(line)
        return found


@pytest.fixture
def grading(tmp_path: Path) -> Iterator[Grading]:
    grading = Grading(tmp_path)
    yield grading
    ends = time.monotonic() + 60
    while grading.left() and time.monotonic() < ends:  # the last of them is just being reaped
        time.sleep(0.05)
    assert grading.left() == []
    assert list((tmp_path / "tmp").glob("mesh-dojo-grading-*")) == []


def reasons(report: dict[str, object]) -> dict[str, str]:
    items = report["items"]
    assert isinstance(items, list)
    return {item["check"]: item["reason"] for item in items}


def test_a_batch_is_marked_alike_twice_and_only_once_where_nothing_changed(
    grading: Grading,
) -> None:
    answer = {"answers.yaml": ANSWER["answers.yaml"] % right()}
    box = grading.folder / "in"
    write(box / "ann", {"routing.yaml": ROUTE, **answer})
    write(box / "bob", {"routing.yaml": ROUTE.replace("    - backend\n", "    - backnd\n")})
    write(box / "cem", {"routing.yaml": ROUTE, "commands.txt": LINES, **answer})
    with zipfile.ZipFile(box / "dia.zip", "w") as packed:
        packed.writestr("../../up.yaml", "x")
    marks = {"ann": 3, "bob": 0, "cem": 3, "dia": 0}
    for words in ((), ("--again",)):
        assert grading.run(*words) == 0
        reports = {name: grading.report(name) for name in marks}
        assert {name: report["earned"] for name, report in reports.items()} == marks
    assert reasons(reports["bob"]) == {"route": "wrong-host", "where-followed": "unanswered"}
    assert set(reasons(reports["dia"]).values()) == {"not-read"}
    ended = {name: report["ended"] for name, report in reports.items()}
    assert grading.run() == 0
    assert {name: grading.report(name)["ended"] for name in marks} == ended
    summary = json.loads((grading.folder / "out" / "summary.json").read_text())
    assert (summary["count"], summary["gradable"], summary["mean"]) == (4, 4, 1.5)


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_end_from_outside_leaves_no_sandbox(
    grading: Grading, number: signal.Signals, status: int
) -> None:
    write(grading.folder / "in" / "ann", {"routing.yaml": ROUTE, "commands.txt": HANGS})
    with grading.start("--time-limit", "3000") as process:
        waits = psutil.Process(process.pid)
        while not any("wait" in argv for argv in _children(waits)):
            assert process.poll() is None, process.communicate()
            psutil.wait_procs([waits], timeout=0.1)
        process.send_signal(number)
        process.communicate(timeout=LIMIT_S)
    assert process.returncode == status
    assert not list((grading.folder / "out").glob("ann*"))


def _with_interrupts() -> None:
    """Let SIGINT end the process as Ctrl-C does: a job in the background is started without it."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def _children(process: psutil.Process) -> list[list[str]]:
    """Return how the children that run now were called."""
    try:
        return [_argv(child) for child in process.children(recursive=True)]
    except psutil.Error:
        return []


def _argv(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:  # it has ended meanwhile
        return []
