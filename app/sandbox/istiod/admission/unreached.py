"""Rules and matches of a VirtualService that no request reaches, which Istio warns of."""

import json

from app.sandbox.istiod.admission.findings import Findings
from app.sandbox.objects import Obj, at, items, text

SAME = ("port", "method", "authority", "headers", "withoutHeaders", "queryParams")


def unreached(rules: list[Obj], found: Findings) -> None:
    """Warn of what comes after a rule for everything, of repetitions, and of covered prefixes."""
    seen: dict[str, int] = {}
    prefixes: list[tuple[int, int, Obj]] = []
    general = -1
    for place, rule in enumerate(rules):
        name = _called(rule, place)
        matches = items(rule, "match")
        if not matches:
            if general >= 0:
                _unused(name, "only the last rule can have no matches", found)
            general = place
            continue
        repeated = 0
        for position, match in enumerate(matches):
            if general >= 0:
                _unused(name, "route without matches defined before", found)
                continue
            said = json.dumps({**match, "name": ""}, sort_keys=True)
            if said in seen:
                repeated += 1
                other = _called(rules[seen[said]], seen[said])
                _ineffective(name, _called(match, position), other, found)
                continue
            seen[said] = place
            if text(match, "uri.prefix"):
                prefixes.append((place, position, match))
        if repeated == len(matches):
            _unused(name, "all matches used by prior rules", found)
    _covered(prefixes, found)


def _covered(prefixes: list[tuple[int, int, Obj]], found: Findings) -> None:
    for index, (place, position, match) in enumerate(prefixes):
        for later_place, later_position, later in prefixes[index + 1 :]:
            wide, narrow = text(match, "uri.prefix"), text(later, "uri.prefix")
            if wide != narrow and narrow.startswith(wide) and _asks_the_same(match, later):
                _ineffective(
                    f"#{later_place}",
                    f"#{later_position} of prefix {narrow}",
                    f"#{position} of prefix {wide} on #{place}",
                    found,
                )


def _asks_the_same(one: Obj, other: Obj) -> bool:
    return all(at(one, field) == at(other, field) for field in SAME)


def _called(part: Obj, place: int) -> str:
    return f'"{text(part, "name")}"' if text(part, "name") else f"#{place}"


def _unused(rule: str, why: str, found: Findings) -> None:
    found.warning(f"virtualService rule {rule} not used ({why})")


def _ineffective(rule: str, match: str, other: str, found: Findings) -> None:
    found.warning(
        f"virtualService rule {rule} match {match} is not used "
        f"(duplicate/overlapping match in rule {other})"
    )
