"""A DestinationRule and a VirtualService, as far as they say something of a Service's pods."""

from collections.abc import Iterator, Sequence

from app.sandbox.istioctl.describe.naming import Scene, full_host, host_of, subsets
from app.sandbox.objects import Obj, at, items, namespace_of, number, table, text

ONE, TWO = " " * 3, " " * 6
POLICIES = (
    ("loadBalancer", "load balancer"),
    ("connectionPool", "connection pool"),
    ("outlierDetection", "outlier detection"),
)
# The order of a fault's fields, by their numbers; a match has its one field.
NUMBERS = {"delay": 1, "abort": 2, "fixedDelay": 2, "httpStatus": 2, "percentage": 5}


def destination_rule_lines(
    scene: Scene, rule: Obj, pods: Sequence[dict[str, str]], indent: str = ""
) -> Iterator[str]:
    """Yield a DestinationRule: its subsets and its policies."""
    yield f'{indent}DestinationRule: {scene.named(rule)} for "{text(rule, "spec.host")}"'
    taken, left = subsets(rule, pods)
    if taken or left:
        if not taken:
            names = ",".join(left)
            yield (
                f"{indent}{ONE}WARNING POD DOES NOT MATCH ANY SUBSETS.  "
                f"(Non matching subsets {names})"
            )
        yield f"{indent}{ONE}Matching subsets: {','.join(taken)}"
        if left:
            yield f"{indent}{TWO}(Non-matching subsets {','.join(left)})"
    policy = at(rule, "spec.trafficPolicy")
    if not isinstance(policy, dict):
        yield f"{indent}{ONE}No Traffic Policy"
        return
    if "tls" in policy:
        yield f"{indent}{ONE}Traffic Policy TLS Mode: {text(policy, 'tls.mode', 'DISABLE')}"
    yield from (f"{indent}{ONE}{line}" for line in _policies(policy))
    settings = items(policy, "portLevelSettings")
    if settings:
        yield f"{indent}{ONE}Port Level Settings:"
    for setting in settings:
        yield f"    {number(setting, 'port.number')}:"
        if "tls" in setting:
            yield f"{indent}{TWO}TLS Mode: {text(setting, 'tls.mode', 'DISABLE')}"
        yield from (f"{indent}{TWO}{line}" for line in _policies(setting))


def _policies(policy: Obj) -> list[str]:
    told = [name for field, name in POLICIES if field in policy]
    return [f"Policies: {'/'.join(told)}"] if told else []


def virtual_service_lines(
    scene: Scene,
    rule: Obj,
    service: Obj,
    found: tuple[list[str], list[str]],
    destination: Obj | None,
    indent: str = "",
) -> Iterator[str]:
    """Yield a VirtualService: what of it leads to a Service's pods.

    `found` are the subsets that select the pods, and the others, of the DestinationRule.
    """
    yield f"{indent}VirtualService: {scene.named(rule)}"
    http, tcp, tls = (items(rule, f"spec.{kind}") for kind in ("http", "tcp", "tls"))
    told = [_http(scene, rule, route, service, found, destination) for route in http]
    told += [_tcp(rule, route, service) for route in tcp]
    facts = [fact for is_match, facts in told if is_match for fact in facts]
    notes = [note for is_match, notes in told if not is_match for note in notes]
    count = sum(is_match for is_match, _ in told)
    yield from (f"{indent}{ONE}{fact}" for fact in facts)
    if not count:
        for name, routes in (("HTTP", http), ("TCP", tcp)):
            if routes:
                yield (
                    f"{indent}{ONE}WARNING: No destinations match pod subsets "
                    f"(checked {len(routes)} {name} routes)"
                )
        yield from (f"{indent}{TWO}{note}" for note in notes)
        return
    possible = len(http) + len(tls) + len(tcp)
    if count < possible:
        more = possible - count
        yield f"{indent}{ONE}{more} additional destination(s) that will not reach this pod"
        if not facts:
            yield from (f"{indent}{TWO}{note}" for note in notes)
        return
    if not facts:
        for name, routes in (("HTTP", http), ("TCP", tcp)):
            if routes:
                yield f"{indent}{ONE}{len(routes)} {name} route(s)"


def _http(
    scene: Scene,
    rule: Obj,
    route: Obj,
    service: Obj,
    found: tuple[list[str], list[str]],
    destination: Obj | None,
) -> tuple[bool, list[str]]:
    facts, notes, is_match = list[str](), list[str](), False
    for each in items(route, "route"):
        to, weight = table(each, "destination"), number(each, "weight")
        host, subset = text(to, "host"), text(to, "subset")
        if full_host(host, namespace_of(rule)) != host_of(service):
            plain = f'Route to host "{host}" with weight {weight}%'
            facts.append(f"Route to {host} with invalid config" if subset else plain)
            continue
        note = _mismatch(scene, subset, route, found, destination) if subset else ""
        if note:
            notes.append(note)
            continue
        is_match = True
        if weight:
            named = f' subset "{subset}"' if subset else ""
            facts.append(f'Route to host "{host}"{named} with weight {weight}%')
    if is_match:
        fault = [f"Fault injection {_proto(table(route, 'fault'))}"] if "fault" in route else []
        asked = fault + [_match(match) for match in items(route, "match")]
        return True, facts + ([", ".join(asked)] if asked else [])
    return False, facts + notes


def _mismatch(
    scene: Scene,
    subset: str,
    route: Obj,
    found: tuple[list[str], list[str]],
    destination: Obj | None,
) -> str:
    """Return why a route to a subset does not reach the pods; empty where it does."""
    taken, left = found
    if subset in left:
        matches = ", ".join(_match(match) for match in items(route, "match")) or "everything"
        return f"Route to non-matching subset {subset} for ({matches})"
    if subset in taken:
        return ""
    if destination is None:
        return f"Warning: Route to subset {subset} but NO DESTINATION RULE defining subsets!"
    name = scene.named(destination)
    return f"Warning: Route to UNKNOWN subset {subset}; check DestinationRule {name}"


def _tcp(rule: Obj, route: Obj, service: Obj) -> tuple[bool, list[str]]:
    hosts = [text(each, "destination.host") for each in items(route, "route")]
    is_match = any(full_host(h, namespace_of(rule)) == host_of(service) for h in hosts)
    return is_match, [_proto(match) for match in items(route, "match")] if is_match else []


def _match(match: Obj) -> str:
    told = f"Match: {_string(table(match, 'uri'))}" if "uri" in match else "Match: "
    if "uri" in match and match.get("ignoreUriCase") is True:
        told += " uncased"
    headers = table(match, "headers")
    if headers:
        conditions = (
            f"{key}={_string(value if isinstance(value, dict) else {})}"
            for key, value in headers.items()
        )
        told += f" when headers are {'; '.join(conditions)}"
    return told.strip()


def _string(match: Obj) -> str:
    if "exact" in match:
        return text(match, "exact")
    if "prefix" in match:
        return f"{text(match, 'prefix')}*"
    return _proto(match)


def _proto(value: Obj) -> str:
    """Return a message as protobuf's text form, near enough: its spaces are free."""
    told = []
    in_order = sorted(value.items(), key=lambda field: NUMBERS.get(field[0], 0))
    for key, each in in_order:
        name = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in key)
        if isinstance(each, dict):
            told.append(f"{name}:{{{_proto(each)}}}")
        elif name.endswith("_delay") and isinstance(each, str) and each.endswith("s"):
            told.append(f"{name}:{{seconds:{each.removesuffix('s')}}}")
        elif isinstance(each, str):
            told.append(f'{name}:"{each}"')
        else:
            told.append(f"{name}:{each}")
    return " ".join(told)
