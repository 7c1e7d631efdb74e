"""Run the published cases against a cluster, and say where the sandbox differs from a real one.

usage: .venv/bin/python -m tools.conformance record|run|report|list [--only NAME,...] [--write]

record   asks the real cluster that KUBECONFIG names and keeps its answers in tests/
run      asks a new sandbox (or --sandbox FOLDER, or --real) and prints each difference;
         with --write docs/conformance.md too
list     names the groups
report   normalises anew what was said last and prints the differences; with --write the page too
"""

import argparse
import json
import os
import re
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from tools.conformance import page, recorded
from tools.conformance.cases import Group, load
from tools.conformance.cluster import Cluster
from tools.conformance.compare import Verdict, compare
from tools.conformance.started import programs, sandbox
from tools.conformance.walk import Walk

LAST = recorded.ROOT / ".cache" / "conformance"


def main() -> int:
    """Do what the line asks; 1 where something differs."""
    given = _given()
    groups = _wanted(given.only)
    if given.act == "list":
        for group in groups:
            print(f"{group.area}/{group.name}: {len(group.compared)}  {group.about}")
        print(sum(len(group.compared) for group in groups))
        return 0
    if given.act in ("record", "run"):
        _ask(given, groups, recorded.REAL if given.act == "record" else LAST)
    if given.act == "record":
        return 0
    if given.act == "report":
        for group in groups:
            recorded.again(recorded.REAL, group)
            recorded.again(LAST, group)
    verdicts = [verdict for group in groups for verdict in verdicts_of(group, LAST)]
    for verdict in verdicts:
        if verdict.word != "same":
            print(f"\n{verdict.word}: {verdict.group}: {verdict.case}")
            print("\n".join(f"    {line}" for line in verdict.how))
    print("\n" + page.counts(groups, verdicts))
    if given.write:
        page.write(groups, verdicts, recorded.source(recorded.REAL), recorded.source(LAST))
    return int(any(verdict.word != "same" for verdict in verdicts))


def verdicts_of(group: Group, folder: Path) -> list[Verdict]:
    """Return the verdict on each case of a group, from the answers kept in `folder`."""
    real, here = recorded.kept(recorded.REAL, group), recorded.kept(folder, group)
    return [
        compare(group.name, case, real.get(case.name), here.get(case.name))
        for case in group.compared
    ]


def _given() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=str(__doc__).split("\n")[0])
    parser.add_argument("act", choices=("record", "run", "report", "list"))
    parser.add_argument("--only", default="", help="groups or areas, with commas between")
    parser.add_argument("--sandbox", type=Path, help="the folder of a running sandbox")
    parser.add_argument("--real", action="store_true", help="run against KUBECONFIG's cluster")
    parser.add_argument("--at-once", type=int, default=4, help="groups at the same time")
    parser.add_argument("--write", action="store_true", help="write docs/conformance.md")
    return parser.parse_args()


def _wanted(only: str) -> list[Group]:
    groups, words = load(), [word for word in only.split(",") if word]
    if strange := set(words) - {name for group in groups for name in (group.name, group.area)}:
        sys.exit(f"no group or area is called {', '.join(sorted(strange))}")
    return [group for group in groups if not words or {group.name, group.area} & set(words)]


@contextmanager
def _cluster(given: argparse.Namespace) -> Iterator[Cluster]:
    """Give the cluster that the line means: a running sandbox, KUBECONFIG's, or a new sandbox."""
    if given.sandbox:
        state = json.loads((given.sandbox / "state.json").read_text("utf-8"))
        with Cluster(Path(state["kubeconfig"]), programs(state)) as cluster:
            yield cluster
    elif given.act == "record" or given.real:
        kubeconfig = Path(os.environ.get("KUBECONFIG", ""))
        if not kubeconfig.is_file():
            sys.exit("KUBECONFIG names no file: it is to name the real cluster")
        with Cluster(kubeconfig, os.environ["PATH"]) as cluster:
            yield cluster
    else:
        with tempfile.TemporaryDirectory(prefix="box-") as folder, sandbox(Path(folder)) as cluster:
            yield cluster


def _ask(given: argparse.Namespace, groups: list[Group], folder: Path) -> None:
    began = time.monotonic()
    with _cluster(given) as cluster:
        room = cluster.room("about")
        said = json.loads(cluster.ask(["kubectl", "version", "-o", "json"], room).out)
        mesh = cluster.ask(["istioctl", "version"], room)
        answers = Walk(cluster, lambda line: print(line, flush=True), given.at_once).all(groups)
    for group in groups:
        recorded.keep(folder, group, answers[group.name])
    spent = time.monotonic() - began
    found = re.search(r"control plane version: (\S+)", mesh.out)
    about = {
        "at": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        "kubernetes": said["serverVersion"]["gitVersion"],
        "kubectl": said["clientVersion"]["gitVersion"],
        "istio": found[1] if found else "none",
        "seconds": f"{spent:.0f}",
        "line": "python -m tools.conformance " + " ".join(sys.argv[1:2]),
        "load": " ".join(f"{share:.1f}" for share in os.getloadavg()),
    }
    recorded.describe(folder, about, groups)
    print(f"{sum(len(g.compared) for g in groups)} cases in {spent:.0f} s")


if __name__ == "__main__":
    sys.exit(main())
