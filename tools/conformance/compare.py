"""Whether two normalised answers are the same, and if not, how they differ."""

import difflib
import re
from dataclasses import dataclass
from typing import Any

from tools.conformance.cases import Case

REFUSED = re.compile(r"\b(?:this|the|a) sandbox\b|sandbox (?:does not|cannot|has no)", re.I)
SHOWN_LINES = 14
WIDE = 300


@dataclass(frozen=True)
class Verdict:
    """`same`, `differs`, `refused` or `missing` (one side has no answer), and how."""

    group: str
    case: str
    word: str
    how: tuple[str, ...] = ()
    counts: bool = True  # towards the goals
    run: str = ""  # the line, where the name is another


def compare(
    group: str, case: Case, real: dict[str, Any] | None, here: dict[str, Any] | None
) -> Verdict:
    """Return the verdict on one case."""

    def verdict(word: str, how: list[str]) -> Verdict:
        line = "" if case.run == case.name else case.run
        return Verdict(group, case.name, word, tuple(how), case.ring < 3, line)

    if real is None or here is None:
        return verdict("missing", ["no answer of the real cluster" if here else "not asked"])
    how = _shares(real, here, case.tally) if case.tally else _lines(real, here)
    if not how:
        return verdict("same", [])
    said = " ".join([*here.get("out", ()), *here.get("err", ())])
    return verdict("refused" if here["code"] and REFUSED.search(said) else "differs", how)


def _shares(real: dict[str, Any], here: dict[str, Any], tolerance: float) -> list[str]:
    there, seen = real.get("shares", {}), here.get("shares", {})
    close = set(there) == set(seen) and all(abs(there[k] - seen[k]) <= tolerance for k in there)
    if close and real["code"] == here["code"]:
        return []
    return [f"- {real}", f"+ {here}"]


def _lines(real: dict[str, Any], here: dict[str, Any]) -> list[str]:
    how = [] if real["code"] == here["code"] else [f"exit {here['code']}, not {real['code']}"]
    for stream in ("out", "err"):
        old, new = real.get(stream, []), here.get(stream, [])
        if old != new:
            changed = [
                line if len(line) < WIDE else f"{line[:WIDE]} ..."
                for line in difflib.unified_diff(old, new, lineterm="", n=0)
                if not line.startswith(("---", "+++", "@@"))
            ]
            more = len(changed) - SHOWN_LINES
            how += changed[:SHOWN_LINES] + ([f"({more} more lines)"] if more > 0 else [])
    return how
