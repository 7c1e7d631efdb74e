"""analyze says what the real istioctl said of the same objects and files.

Each file of real/analyze holds objects, files and lines, and what istioctl 1.31 (a build of Istio's
main branch of 2026-08-27) printed for each line. The objects were served to it by a small API
server; `base.yaml` stands before those of every case that does not say `alone`.
"""

from collections.abc import Iterator

import pytest
import yaml
from sandbox.istioctl.bench import REAL, call, documents, lab_of

ANALYZE = REAL / "analyze"


def cases() -> Iterator[object]:
    for path in sorted(ANALYZE.glob("*.yaml")):
        if path.stem != "base":
            case = yaml.safe_load(path.read_text())
            for number, run in enumerate(case["runs"]):
                yield pytest.param(case, run, id=f"{path.stem}-{number}")


@pytest.mark.parametrize(("case", "run"), cases())
async def test_analyze_says_what_the_real_one_says(case: dict, run: dict) -> None:
    base = "" if case.get("alone") else (ANALYZE / "base.yaml").read_text()
    lab = lab_of([*documents(base), *documents(case.get("cluster", ""))])
    files = {name: text.encode() for name, text in case.get("files", {}).items()}
    said = await call(lab, *run["argv"], files=files)
    assert said.stdout == run["stdout"]
    assert said.stderr == run["stderr"]
    assert said.code == run["code"]
