"""Lets a real istioctl judge the sandbox: what it says here against what it says of a real cluster.

usage: .venv/bin/python -m tools.conformance.judged ISTIOCTL

Asks the cases of `GROUPS` with that program of a new sandbox, and writes the verdicts to
tests/sandbox/istioctl/real/judged.json: {"istioctl": version, group: {case: "same" or how not}}.
"""

import json
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tools.conformance import recorded
from tools.conformance.cases import load
from tools.conformance.cluster import Cluster
from tools.conformance.compare import compare
from tools.conformance.normalise import normalised
from tools.conformance.started import sandbox
from tools.conformance.walk import Walk

GROUPS = ("analyze", "proxies", "commands", "mistakes")
LIST = recorded.ROOT / "tests" / "sandbox" / "istioctl" / "real" / "judged.json"
Verdicts = Mapping[str, Mapping[str, str]]


@contextmanager
def judging(folder: Path, istioctl: Path) -> Iterator[Cluster]:
    """Give a new sandbox with Istio in it, whose istioctl is another program. Raises: NoEnvoy."""
    with sandbox(folder) as own:
        programs = folder / "judge"
        programs.mkdir()
        (programs / "istioctl").symlink_to(istioctl.resolve())
        kubectl = json.loads((folder / "state.json").read_text("utf-8"))["release"]
        (programs / "kubectl").symlink_to(Path(kubectl, "bin", "kubectl").resolve())
        with Cluster(folder / "kubeconfig", str(programs)) as cluster:
            yield cluster
        del own


def verdicts(cluster: Cluster, step: int = 1) -> Verdicts:
    """Return what differs from a real cluster's answer, by group and case; `same` where nothing.

    With a `step`, of each so-many-th case alone.
    """
    groups = [group.every(step) for group in load() if group.name in GROUPS]
    answers = Walk(cluster, print, at_once=2).all(groups)
    found: dict[str, dict[str, str]] = {}
    for group in groups:
        real = recorded.kept(recorded.REAL, group)
        for case in group.compared:
            shape = normalised(answers[group.name][case.name], case)
            verdict = compare(group.name, case, real.get(case.name), shape)
            told = "\n".join(verdict.how) or verdict.word
            found.setdefault(group.name, {})[case.name] = told
    return found


def real_istioctl(named: str) -> Path | None:
    """Return a real istioctl: the one that is named, else the PATH's; None where it is none."""
    found = shutil.which(named or "istioctl")
    if found is None:
        return None
    with Path(found).open("rb") as file:
        return None if file.read(2) == b"#!" else Path(found)  # a script is a wrapper, or ours


def main() -> int:
    """Write the list; 2 where the line names no istioctl."""
    istioctl = real_istioctl("".join(sys.argv[1:2]))
    if istioctl is None:
        print(__doc__)
        return 2
    with (
        tempfile.TemporaryDirectory(prefix="box-") as folder,
        judging(Path(folder), istioctl) as cluster,
    ):
        said = cluster.ask(["istioctl", "version", "--remote=false"], cluster.room("about")).out
        found = verdicts(cluster)
    version = re.sub(r".*: ", "", said.strip())
    LIST.write_text(json.dumps({"istioctl": version, **found}, indent=1, ensure_ascii=False) + "\n")
    for group, cases in found.items():
        same = sum(word == "same" for word in cases.values())
        print(f"{group}: {same} of {len(cases)} same")
    return 0


if __name__ == "__main__":
    sys.exit(main())
