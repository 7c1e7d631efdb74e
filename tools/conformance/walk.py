"""Runs groups of cases against a cluster, several at a time, and returns what was answered."""

import re
import shlex
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from tools.conformance.cases import Case, Group
from tools.conformance.cluster import Answer, Cluster
from tools.conformance.forward import through

ASIDE_S = 0.25  # between two questions that wait for a state
POD = re.compile(r"\$\{pod:([^}]+)\}")
PROGRAMS = ("kubectl", "istioctl")
Answers = dict[str, Answer]


@dataclass(frozen=True)
class Walk:
    """One pass over groups on one cluster."""

    cluster: Cluster
    say: Callable[[str], None]
    at_once: int = 4

    def all(self, groups: Sequence[Group]) -> dict[str, Answers]:
        """Return each group's answers by the case's name: groups that stand alone come last."""
        answers: dict[str, Answers] = {}
        shared = [group for group in reversed(groups) if not group.alone]  # the slowest area first
        with ThreadPoolExecutor(self.at_once) as pool:
            answers |= dict(
                zip((g.name for g in shared), pool.map(self.group, shared), strict=True)
            )
        for group in groups:
            if group.alone:
                answers[group.name] = self.group(group)
        return {group.name: answers[group.name] for group in groups}

    def group(self, group: Group) -> Answers:
        """Return one group's answers; its namespaces are made before and removed after."""
        began = time.monotonic()
        room = self.cluster.room(group.namespace)
        for name, text in group.files.items():
            (room / name).write_text(text, "utf-8")
        names = [group.namespace, *group.outside]
        self._clear(names, room, wait=True)
        self._must(["kubectl", "create", "namespace", group.namespace], room)
        if group.injected:
            label = ["label", "namespace", group.namespace, "istio-injection=enabled"]
            self._must(["kubectl", *label], room)
        answers: Answers = {}
        for case in group.cases:
            answer = self._case(case, room)
            if case.compared:
                answers[case.name] = answer
            elif answer.code:
                self.say(f"{group.name}: not done: {case.run}: {answer.err.strip()[:300]}")
        self._clear(names, room, wait=False)
        self.say(f"{group.name}: {len(answers)} cases, {time.monotonic() - began:.1f} s")
        return answers

    def _clear(self, names: list[str], room: Path, *, wait: bool) -> None:
        gone = ["kubectl", "delete", "namespace", *names, "--ignore-not-found"]
        self.cluster.ask([*gone, f"--wait={str(wait).lower()}"], room)

    def _must(self, argv: list[str], room: Path) -> None:
        answer = self.cluster.ask(argv, room)
        if answer.code:
            raise RuntimeError(f"{shlex.join(argv)}: {answer.err}")

    def _case(self, case: Case, room: Path) -> Answer:
        end = time.monotonic() + case.within_s
        while True:
            answer = self._ask(case, room)
            wanted = re.search(case.until, answer.out + answer.err) if case.until else True
            if wanted or time.monotonic() > end:
                return answer
            time.sleep(ASIDE_S)

    def _ask(self, case: Case, room: Path) -> Answer:
        argv = shlex.split(self._named(case.run, room))
        if argv[0] == "sleep":
            time.sleep(float(argv[1]))
            return Answer(0, "", "")
        if argv[0] not in PROGRAMS:
            raise ValueError(f"only {PROGRAMS} are run: {case.run}")
        if case.get:
            return through(self.cluster, argv, room, case.get)
        return self.cluster.ask(argv, room, stdin=case.stdin, seconds=case.seconds)

    def _named(self, line: str, room: Path) -> str:
        """Return the line with `${pod:SELECTOR}` replaced by the first such pod's name."""

        def name(found: re.Match[str]) -> str:
            ask = [
                "kubectl",
                "get",
                "pods",
                "-l",
                found[1],
                "-o",
                "jsonpath={.items[0].metadata.name}",
            ]
            return self.cluster.ask(ask, room).out.strip() or "no-such-pod"

        return POD.sub(name, line)
