"""Rules of a VirtualService that no request can reach, for what stands before them."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from app.sandbox.istioctl.analyze.messages import Message, quoted
from app.sandbox.istioctl.analyze.resource import Resource
from app.sandbox.istioctl.analyze.snapshot import Snapshot
from app.sandbox.objects import Obj, items, number, table, text

Told = tuple[str, tuple[str, ...]]
LAST: Final = "only the last rule can have no matches"
BEFORE: Final = "route without matches defined before"
USED: Final = "all matches used by prior rules"


@dataclass(frozen=True)
class Prefix:
    """A match by a path's prefix, and what else it asks for."""

    rule: str
    match: str
    prefix: str
    port: int
    texts: tuple[str, str]
    maps: tuple[dict[str, str], ...]


def unreachable_rules(snapshot: Snapshot) -> Iterator[Message]:
    """Yield rules that are never used, and matches that an earlier rule has taken."""
    for rule in snapshot.all("VirtualService"):
        for code, said in _told(rule):
            yield Message(code, rule, said)


def warnings(rule: Resource) -> list[str]:
    """Return what an admission warns of."""
    told = {
        "IST0130": "virtualService rule {} not used ({})",
        "IST0131": "virtualService rule {} match {} is not used (duplicate/overlapping match in "
        "rule {})",
    }
    return [told[code].format(*said) for code, said in _told(rule)]


def _told(rule: Resource) -> Iterator[Told]:
    for protocol in ("http", "tcp", "tls"):
        routes = items(rule.spec, protocol)
        prefixes = list[Prefix]()
        yield from _of_routes(routes, prefixes.extend)
        if protocol == "http":
            yield from _covered(prefixes)


def _of_routes(routes: list[Obj], keep: Callable[[list[Prefix]], None]) -> Iterator[Told]:
    seen = dict[str, int]()
    is_open = False
    for n, route in enumerate(routes):
        matches, name = items(route, "match"), _name(route, n)
        if not matches:
            if is_open:
                yield "IST0130", (name, LAST)
            is_open = True
            continue
        duplicates = 0
        for m, match in enumerate(matches):
            if is_open:
                yield "IST0130", (name, BEFORE)
                continue
            key = json.dumps({k: v for k, v in match.items() if k != "name"}, sort_keys=True)
            if key in seen:
                first = seen[key]
                yield "IST0131", (name, _name(match, m), _name(routes[first], first))
                duplicates += 1
                continue
            seen[key] = n
            keep(_prefix(match, name, _name(match, m)))
        if duplicates == len(matches):
            yield "IST0130", (name, USED)


def _name(named: Obj, index: int) -> str:
    name = text(named, "name")
    return quoted(name) if name else f"#{index}"


def _prefix(match: Obj, rule: str, name: str) -> list[Prefix]:
    prefix = text(match, "uri.prefix")
    if not prefix:
        return []
    maps = tuple(
        {key: _wanted(value) for key, value in table(match, field).items()}
        for field in ("headers", "queryParams", "withoutHeaders")
    )
    method = _wanted(match.get("method")) or "exact:GET"
    wanted = (method, _wanted(match.get("authority")))
    return [Prefix(rule, name, prefix, number(match, "port"), wanted, maps)]


def _wanted(match: object) -> str:
    fields = match if isinstance(match, dict) else {}
    for kind in ("exact", "prefix"):
        if fields.get(kind):
            return f"{kind}:{fields[kind]}"
    return ""


def _covered(prefixes: list[Prefix]) -> Iterator[Told]:
    for n, first in enumerate(prefixes):
        for later in prefixes[n + 1 :]:
            if later.prefix != first.prefix and _covers(first, later):
                taken = f"{later.match} of prefix {later.prefix}"
                by = f"{first.match} of prefix {first.prefix} on {first.rule}"
                yield "IST0131", (later.rule, taken, by)


def _covers(first: Prefix, later: Prefix) -> bool:
    if not later.prefix.startswith(first.prefix) or first.port != later.port:
        return False
    if not all(a.startswith(b) for a, b in zip(first.texts, later.texts, strict=True)):
        return False
    return all(
        a.keys() == b.keys() and all(a[key].startswith(b[key]) for key in a)
        for a, b in zip(first.maps, later.maps, strict=True)
    )
