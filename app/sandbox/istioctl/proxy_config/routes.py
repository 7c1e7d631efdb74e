"""Route configurations as rows."""

import functools

from app.sandbox.istioctl.line.table import tabulated
from app.sandbox.istioctl.proxy_config.clusters import managed_by
from app.sandbox.objects import Obj, items, table, text, words

PASSTHROUGH = "PassthroughCluster"
SHOWN_DOMAINS = 2


def chosen(routes: list[Obj], name: str) -> list[Obj]:
    """Return the route configurations of a name, or all, those that are ports by number."""
    by_port = sorted(routes, key=functools.cmp_to_key(_compare))
    return [route for route in by_port if not name or text(route, "name") == name]


def _compare(one: Obj, other: Obj) -> int:
    first, second = text(one, "name"), text(other, "name")
    if not (first.isdigit() and second.isdigit()):
        return 0
    return int(first) - int(second)


def rows(routes: list[Obj], *, is_verbose: bool = True, has_types: bool = False) -> str:
    """Return the table; not verbose: names and numbers of virtual hosts."""
    if not is_verbose:
        counts = [[text(r, "name"), str(len(items(r, "virtual_hosts")))] for r in routes]
        return tabulated([["NAME", "VIRTUAL HOSTS"], *counts])
    shown = [["NAME", "VHOST NAME", "DOMAINS", "MATCH", "VIRTUAL SERVICE"]]
    for route in routes:
        name = f"route/{text(route, 'name')}" if has_types else text(route, "name")
        for host in items(route, "virtual_hosts"):
            start = [name, text(host, "name"), domains(words(host, "domains"))]
            own = items(host, "routes")
            shown += [
                [*start, match(table(each, "match")), managed_by(each)]
                for each in own
                if text(each, "route.cluster") != PASSTHROUGH
            ]
            if not own:
                shown.append([*start, "/*", "404"])
    return tabulated(shown)


def domains(names: list[str]) -> str:
    """Return a virtual host's domains, the first two of those that say something of their own."""
    if len(names) < 2:
        return "".join(names)
    plain = [name for name in names if ":" not in name or _is_ipv6(name)]
    known = set(plain)
    told = [name for name in plain if not _is_longer_form(name, known)]
    if len(told) > SHOWN_DOMAINS:
        more = len(told) - SHOWN_DOMAINS
        return f"{', '.join(told[:SHOWN_DOMAINS])} + {more} more..."
    return ", ".join(told)


def _is_ipv6(name: str) -> bool:
    return name.count(":") > 2 and name.endswith("]")


def _is_longer_form(name: str, known: set[str]) -> bool:
    return any(
        name.endswith(end) and name.removesuffix(end) in known
        for end in (".svc.cluster.local", ".svc")
    )


def match(asked: Obj) -> str:
    """Return what a route matches; headers are left out."""
    told = [f"{text(asked, 'prefix')}*"] if text(asked, "prefix") else []
    if text(asked, "path_separated_prefix"):
        told.append(f"PathPrefix:{text(asked, 'path_separated_prefix')}")
    if text(asked, "path"):
        told.append(text(asked, "path"))
    if "safe_regex" in asked:
        told.append(f"regex {text(asked, 'safe_regex.regex')}")
    return " ".join(told)
