"""Where a route of a VirtualService may lead, and with what weights."""

from app.sandbox.istiod.admission.findings import Findings
from app.sandbox.objects import Obj, at, items, number, table, text


def destinations(routes: list[Obj], found: Findings) -> None:
    """Check a route's destinations and their weights."""
    total = 0
    for route in routes:
        if not isinstance(route.get("destination"), dict):
            found.error("destination is required", listed=True)
        else:
            destination(table(route, "destination"), found)
        weight = number(route, "weight")
        if weight < 0:
            found.error(f"weight {weight} < 0")
        total += max(weight, 0)
    if len(routes) > 1 and total == 0:
        found.error("total destination weight = 0")


def destination(to: Obj, found: Findings) -> None:
    """Check one destination."""
    host = text(to, "host")
    if host == "*":
        found.error("invalid destination host *")
    else:
        found.domain(host)
    if text(to, "subset"):
        found.subset(text(to, "subset"))
    if "number" in table(to, "port"):
        found.port(number(to, "port.number"))


def mirrored(rule: Obj, found: Findings) -> None:
    """Check where a rule's requests are copied to."""
    if "mirror" in rule:
        destination(table(rule, "mirror"), found)
        share = at(rule, "mirrorPercentage.value")
        if isinstance(share, int | float) and share > 100:
            found.error(f"mirror_percentage must have a max value of 100 (it has {share:f})")
    for mirror in items(rule, "mirrors"):
        if not isinstance(mirror.get("destination"), dict):
            found.error("destination is required for mirrors")
            continue
        destination(table(mirror, "destination"), found)
        share = at(mirror, "percentage.value")
        if isinstance(share, int | float) and share > 100:
            found.error(f"mirror percentage must have a max value of 100 (it has {share:f})")
        elif isinstance(share, int | float) and share < 0:
            found.error(f"mirror percentage must have a min value of 0 (it has {share:f})")
