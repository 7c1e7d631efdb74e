"""The published list of cases: groups of command lines, read from cases/AREA/NAME.yaml.

A grid multiplies a case: each combination of its values replaces `{key}` in name, line and input;
`each` lists the combinations instead. `rules` are objects with questions about the traffic.
"""

import itertools
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).parent / "cases"
AREAS = ("kubectl", "istioctl", "traffic", "admission")
SETTLE_S = 1.2  # from a rule's apply until every proxy has it
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True)
class Case:
    """One line and what of its answer is compared; `compared` False: it only changes the state."""

    name: str
    run: str
    compared: bool = True
    stdin: str = ""
    until: str = ""  # asked again until this pattern is in the answer
    within_s: float = 40.0
    seconds: float = 0.0  # ended with an interrupt after so long
    pick: str = ""  # only the lines that hold this pattern
    tally: float = 0.0  # lines are counted, and shares may differ by so much
    ordered: bool = True
    leaves: str = ""  # of JSON: only the values whose path matches
    ring: int = 2  # 3: a rarity, which is told and does not count
    get: tuple[str, ...] = ()  # of a port-forward: what is asked through it
    sub: tuple[tuple[str, str], ...] = ()  # what else may differ, as (pattern, text)


@dataclass(frozen=True)
class Group:
    """Cases that share a namespace and happen one after the other."""

    name: str
    area: str
    about: str
    cases: tuple[Case, ...]
    files: Mapping[str, str] = field(default_factory=dict)
    injected: bool = False
    alone: bool = False  # it touches what other groups see
    quick: bool = False  # part of `make test`
    outside: tuple[str, ...] = ()  # namespaces that it makes besides its own

    @property
    def namespace(self) -> str:
        """Return the namespace that the group has for itself."""
        return f"conf-{self.name}"

    def every(self, step: int) -> "Group":
        """Return the group with all that changes the state and each `step`-th question."""
        asked = self.compared[::step]
        kept = tuple(case for case in self.cases if not case.compared or case in asked)
        return replace(self, cases=kept)

    @property
    def compared(self) -> tuple[Case, ...]:
        """Return the cases that get a verdict."""
        return tuple(case for case in self.cases if case.compared)


def load(folder: Path = HERE) -> list[Group]:
    """Return all groups, in the order of areas and names.

    A name that occurs again within its group gets a number.
    Raises: ValueError where a word is unknown.
    """
    return [_group(area, path) for area in AREAS for path in sorted((folder / area).glob("*.yaml"))]


def documents(said: Any) -> str:
    """Return YAML text of what a file holds: text as it is, an object or a list of them dumped."""
    if isinstance(said, str):
        return said
    return yaml.safe_dump_all(said if isinstance(said, list) else [said], sort_keys=False)


def _group(area: str, path: Path) -> Group:
    read = yaml.load(path.read_text("utf-8"), Loader=LOADER)
    made: list[Case] = []
    for each in read["cases"]:
        made += _cases(each)
    words = {"anchors", "about", "injected", "alone", "quick", "files", "cases", "outside"}
    if strange := set(read) - words:
        raise ValueError(f"{path.name}: unknown words {sorted(strange)}")
    return Group(
        name=path.stem,
        area=area,
        about=read["about"],
        cases=tuple(_numbered(made)),
        files={name: documents(text) for name, text in read.get("files", {}).items()},
        injected=read.get("injected", False),
        alone=read.get("alone", False),
        quick=read.get("quick", False),
        outside=tuple(read.get("outside", ())),
    )


def _numbered(cases: list[Case]) -> Iterator[Case]:
    seen: Counter[str] = Counter()
    for case in cases:
        seen[case.name] += case.compared
        again = seen[case.name]
        yield replace(case, name=f"{case.name} ({again})") if again > 1 else case


def _cases(each: Any) -> Iterator[Case]:
    if isinstance(each, str):
        each = {"do": each}
    if "rules" in each:
        yield from _rules(each)
        return
    combinations = each.pop("each", None) or _combinations(each.pop("grid", {}))
    for chosen in combinations:
        yield _case(_filled(each, chosen))


def _combinations(grid: Mapping[str, Sequence[Any]]) -> Iterator[dict[str, Any]]:
    for chosen in itertools.product(*grid.values()):
        yield dict(zip(grid, chosen, strict=True))


def _rules(each: dict[str, Any]) -> Iterator[Case]:
    """Yield for each rule: its `object` applied, a pause, and a case for each of its questions.

    A question is a line for curl, or a case without its name's first half.
    """
    for rule in each["rules"]:
        asked = rule.pop("ask")
        filled = _filled({"stdin": each["object"]}, rule)
        yield _case({"do": "kubectl apply -f -", **filled})
        yield _case({"do": f"sleep {each.get('settle', SETTLE_S)}"})
        for ask in asked:
            case = {"curl": ask} if isinstance(ask, str) else dict(ask)
            line = case.get("name") or case.get("curl") or case["run"]
            case["name"] = f"{rule['about']}: {line}"
            if "curl" in case and not case.get("tally"):
                case["curl"] = f"-w ' %{{http_code}}' {case['curl']}"
            yield _case(case)


def _filled(each: dict[str, Any], chosen: Mapping[str, Any]) -> dict[str, Any]:
    """Return the case with the chosen values put in, in each text of it."""
    text = json.dumps(each)
    for key, value in chosen.items():
        shown = json.dumps(value if isinstance(value, str) else json.dumps(value))[1:-1]
        text = text.replace(f'"{{{key}}}"', json.dumps(value)).replace(f"{{{key}}}", shown)
    filled: dict[str, Any] = json.loads(text)
    return filled


def _case(each: dict[str, Any]) -> Case:
    each = dict(each)
    line = each.pop("do", "")
    compared = not line
    if "curl" in each:
        caller = each.pop("by", "deploy/client")
        line = f"kubectl exec {caller} -c client -- curl -s -m 15 {each.pop('curl')}"
    line = str(line or each.pop("run"))
    stdin = each.pop("stdin", "")
    return Case(
        name=str(each.pop("name", line)),
        run=line,
        compared=compared,
        stdin=documents(stdin) if stdin else "",
        get=tuple(each.pop("get", ())),
        sub=tuple((old, new) for old, new in each.pop("sub", ())),
        **each,
    )
