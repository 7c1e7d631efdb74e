"""VirtualServices that leave routes to others: the rules of both, as one.

Source: https://istio.io/latest/docs/reference/config/networking/virtual-service/#Delegate
"""

from collections.abc import Iterator, Sequence

from app.sandbox.istiod.hosts import full
from app.sandbox.objects import Json, Obj, items, name_of, namespace_of, number, table, text, words

INHERITED = ("rewrite", "directResponse", "timeout", "retries", "fault", "mirror", "mirrors",
             "mirrorPercent", "mirrorPercentage", "corsPolicy", "headers")  # fmt: skip
TEXTS = ("uri", "scheme", "method", "authority")
MAPS = ("headers", "withoutHeaders", "queryParams")


def resolved(found: Sequence[Obj]) -> list[Obj]:
    """Return the VirtualServices with hosts, each with the rules that it leaves to others.

    What another's rule asks for must be part of what one of its own matches asks for: a rule
    that is not is left out, as is one that is left to a VirtualService that is not there.
    """
    others = {
        (namespace_of(each), name_of(each)): each
        for each in found
        if not words(each, "spec.hosts") and not _leaves(each)
    }
    return [
        _whole(each, others) if _leaves(each) else each
        for each in found
        if words(each, "spec.hosts")
    ]


def _leaves(source: Obj) -> bool:
    return any("delegate" in rule for rule in items(source, "spec.http"))


def _whole(source: Obj, others: dict[tuple[str, str], Obj]) -> Obj:
    own, rules = namespace_of(source), list[Json]()
    for rule in items(source, "spec.http"):
        to = table(rule, "delegate")
        if not to:
            rules.append(rule)
            continue
        other = others.get((text(to, "namespace") or own, text(to, "name")))
        if other is not None and _is_seen(other, own):
            rules += list(_merged(rule, other))
    return {**source, "spec": {**table(source, "spec"), "http": rules}}


def _is_seen(other: Obj, namespace: str) -> bool:
    said, own = words(other, "spec.exportTo"), namespace_of(other)
    return not said or any(
        word in ("*", namespace) or (word == "." and own == namespace) for word in said
    )


def _merged(root: Obj, other: Obj) -> Iterator[Obj]:
    namespace = namespace_of(other)
    for rule in items(other, "spec.http"):
        matches = _matches(items(root, "match"), items(rule, "match"))
        if matches is None:
            continue
        made: Obj = {**_qualified(rule, namespace)}
        if matches:
            made["match"] = list[Json](matches)
        names = [name for name in (text(root, "name"), text(rule, "name")) if name]
        if names:
            made["name"] = "-".join(names)
        for field in INHERITED:
            if field not in made and field in root:
                made[field] = root[field]
        yield made


def _qualified(rule: Obj, namespace: str) -> Obj:
    """Return a rule whose destinations are named in full, since its place changes."""

    def named(destination: Obj) -> Obj:
        return {**destination, "host": full(text(destination, "host"), namespace)}

    made: Obj = {**rule}
    for field in ("route", "mirrors"):
        if field in rule:
            made[field] = [
                {**each, "destination": named(table(each, "destination"))}
                for each in items(rule, field)
            ]
    if "mirror" in rule:
        made["mirror"] = named(table(rule, "mirror"))
    return made


def _matches(own: Sequence[Obj], others: Sequence[Obj]) -> list[Obj] | None:
    """Return what both ask for; None where one of the others' fits none of its own."""
    if not own or not others:
        return [*own, *others]
    found = []
    for other in others:
        fitting = [each for each in own if not _is_at_odds(each, other)]
        if not fitting:
            return None
        found += [_both(each, other) for each in fitting]
    return found


def _both(own: Obj, other: Obj) -> Obj:
    made: Obj = {**own, **other}
    for field in (*MAPS, "sourceLabels"):
        if field in own or field in other:
            made[field] = {**table(own, field), **table(other, field)}
    names = [name for name in (text(own, "name"), text(other, "name")) if name]
    return {**made, "name": "-".join(names)} if names else made


def _is_at_odds(own: Obj, other: Obj) -> bool:
    ports = {number(own, "port"), number(other, "port")} - {0}
    gateways = set(words(own, "gateways"))
    namespace = text(own, "sourceNamespace")
    labels = table(own, "sourceLabels")
    return (
        any(_is_no_part(own.get(field), other.get(field)) for field in TEXTS)
        or any(
            _is_no_part(table(own, field).get(key), said)
            for field in MAPS
            for key, said in table(other, field).items()
        )
        or (own.get("ignoreUriCase") is True) != (other.get("ignoreUriCase") is True)
        or len(ports) > 1
        or (bool(namespace) and text(other, "sourceNamespace") != namespace)
        or any(labels.get(key, said) != said for key, said in table(other, "sourceLabels").items())
        or (bool(gateways) and not set(words(other, "gateways")) <= gateways)
    )


def _is_no_part(own: Json, other: Json) -> bool:
    """Whether one text's match asks for something that another's does not allow."""
    if own is None or other is None:
        return False
    if text(own, "regex") or text(other, "regex"):
        return True
    exact, prefix = text(own, "exact"), text(own, "prefix")
    if exact:
        return text(other, "exact") != exact
    said = text(other, "prefix") or text(other, "exact")
    return not (prefix and said.startswith(prefix))
