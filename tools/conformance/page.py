"""docs/conformance.md: counts against the goals, and each case's verdict."""

import platform
from collections.abc import Sequence
from typing import Any

from tools.conformance.cases import AREAS, Group
from tools.conformance.compare import Verdict
from tools.conformance.recorded import ROOT

PAGE = ROOT / "docs" / "conformance.md"
GOALS = {"kubectl": 98, "istioctl": 95, "traffic": 100, "admission": 95}
COMPARES = {
    "kubectl": "what kubectl prints, and its exit status",
    "istioctl": "what istioctl prints, and its exit status",
    "traffic": "which version answers, status codes, refused or accepted, attempts",
    "admission": "whether an object is taken, and the sentence with which it is not",
}
HEAD = """# The sandbox against a real cluster

One list of cases, asked of a real Kubernetes with a real Istio and of the embedded sandbox, and
compared. Written by `make conformance`; the cases are in
[tools/conformance/cases](../tools/conformance/cases), the real cluster's answers in
[tests/sandbox/conformance/recorded](../tests/sandbox/conformance/recorded).

`same`: exit status, output and error output are equal once ages, times, uids, generated names,
addresses, versions and the order where it is free are replaced by what they are.
`refused`: the sandbox says that it does not do this; it counts as not same. Cases marked "rare" are
of what neither the course nor a task page needs: they are told and do not count. Help is compared
by its usage and the names of commands and flags, since its prose is our own. Shares of traffic may
differ by what chance explains. The test bed's nginx, curl and busybox are stand-ins, so pages of
nginx are compared by their titles.
"""


def counts(groups: Sequence[Group], verdicts: Sequence[Verdict]) -> str:
    """Return the table of how many are the same in each area, against the goal."""
    area = {group.name: group.area for group in groups}
    lines = [
        "| area | compared is | cases | same | differ | refused | same, % | goal, % | |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for name in AREAS:
        words = [
            verdict.word for verdict in verdicts if verdict.counts and area[verdict.group] == name
        ]
        if not words:
            continue
        same = words.count("same")
        share = 100 * same / len(words)
        met = "met" if share >= GOALS[name] else "**missed**"
        differ = len(words) - same - words.count("refused")
        lines.append(
            f"| {name} | {COMPARES[name]} | {len(words)} | {same} | {differ} | "
            f"{words.count('refused')} | {share:.1f} | {GOALS[name]} | {met} |"
        )
    return "\n".join(lines)


def write(
    groups: Sequence[Group], verdicts: Sequence[Verdict], real: dict[str, Any], here: dict[str, Any]
) -> None:
    """Write the page."""
    parts = [HEAD, _sources(real, here), counts(groups, verdicts), ""]
    for name in AREAS:
        parts.append(f"## {name}\n")
        for group in groups:
            if group.area == name:
                parts.append(_group(group, [v for v in verdicts if v.group == group.name]))
    PAGE.write_text("\n".join(parts).rstrip() + "\n", "utf-8")


def _sources(real: dict[str, Any], here: dict[str, Any]) -> str:
    machine = f"{platform.system()} {platform.release()} ({platform.machine()})"
    return (
        f"Real: Kubernetes {real.get('kubernetes')}, Istio {real.get('istio')}, kubectl "
        f"{real.get('kubectl')}, recorded {real.get('at')} in {real.get('seconds')} s.\n"
        f"Sandbox: asked {here.get('at')} in {here.get('seconds')} s; {machine}, "
        f"Python {platform.python_version()}, load at the end "
        f"{here.get('load')}. `make conformance`\n"
    )


def _group(group: Group, verdicts: Sequence[Verdict]) -> str:
    same = [verdict for verdict in verdicts if verdict.word == "same"]
    lines = [f"### {group.name}: {len(same)} of {len(verdicts)}\n", f"{group.about}\n"]
    lines += [_line(verdict) for verdict in verdicts]
    return "\n".join(lines) + "\n"


def _line(verdict: Verdict) -> str:
    rare = "" if verdict.counts else " (rare)"
    line = f" (`{_code(verdict.run)}`)" if verdict.run and verdict.how else ""
    return f"* {verdict.word}{rare}: `{_code(verdict.case)}`{line}{_how(verdict)}"


def _how(verdict: Verdict) -> str:
    if not verdict.how:
        return ""
    quoted = "\n".join(f"  {line}" for line in verdict.how)
    return f"\n\n  ```diff\n{quoted}\n  ```\n"


def _code(text: str) -> str:
    return text.replace("`", "'").replace("\n", " ")
