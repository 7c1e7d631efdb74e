"""Whether the VirtualService in force for a host says what is asked, and if not, why."""

from collections.abc import Mapping, Sequence

from app.checks.durations import seconds_of, shown
from app.checks.inforce import full_name
from app.checks.result import Finding, failed
from app.checks.scene import Problem, Scene, Wish, absence, ordinary_route
from app.clusters.objects import Object

REASONS = (
    "no-virtualservice",
    "other-namespace",
    "wrong-host",
    "gateway-only",
    "not-exported",
    "older-virtualservice",
    "unknown-destination",
    "unknown-subset",
    "wrong-port",
    "wrong-destination",
    "wrong-weights",
    "wrong-timeout",
    "wrong-retries",
    "not-in-proxy",
)


def judge(scene: Scene, wish: Wish) -> Finding | None:
    """Return what is wrong with the objects; None where they say what is asked."""
    found = scene.in_force()
    look = f"kubectl get virtualservices -n {scene.namespace} -o yaml"
    if not found:
        reason, message = absence(scene)
        where = "kubectl get virtualservices -A" if reason == "other-namespace" else look
        return failed(reason, message, look=where)
    problem = problem_of(found[0], scene, wish)
    if problem is None:
        return None
    fitting = next((each for each in found[1:] if problem_of(each, scene, wish) is None), None)
    if fitting is not None:
        return failed(
            "older-virtualservice", _outranked(found[0], fitting, scene), look=_by_age(scene)
        )
    reason, message = problem
    ignored = ", ".join(each.name for each in found[1:])
    extra = f" For this host {ignored} counts for nothing: it is younger." if ignored else ""
    return failed(reason, message + extra, look=look)


def _by_age(scene: Scene) -> str:
    return f"kubectl get virtualservices -n {scene.namespace} --sort-by=.metadata.creationTimestamp"


def _outranked(winner: Object, fitting: Object, scene: Scene) -> str:
    return (
        f"{fitting.name} says what is asked, but {winner.name} speaks for the same host and is "
        f"older. Sidecars do not merge VirtualServices of one host: {winner.name} is in force for "
        f"{scene.backend.host} and {fitting.name} is ignored."
    )


def problem_of(virtual_service: Object, scene: Scene, wish: Wish) -> Problem | None:
    """Return why this VirtualService, were it in force, is not what is asked."""
    name = virtual_service.name
    route = ordinary_route(virtual_service)
    if route is None:
        return "wrong-destination", (
            f"{name} has no HTTP route that every request matches: an ordinary request finds no "
            "way."
        )
    targets = route.parts("route")
    if not targets:
        return "wrong-destination", f"The route of {name} has no destination."
    return (
        _unknown(virtual_service, targets, scene)
        or _wrong_port(virtual_service, targets, scene, wish)
        or _wrong_targets(virtual_service, targets, wish)
        or _wrong_times(name, route, wish)
    )


def _unknown(owner: Object, targets: Sequence[Object], scene: Scene) -> Problem | None:
    for target in targets:
        short, subset = target.text("destination.host"), target.text("destination.subset")
        host = full_name(short, owner.namespace)
        if scene.is_lost(short, owner.namespace):
            return "unknown-destination", (
                f"{owner.name} sends to {short}, which means {host}: there is no such Service."
            )
        if subset and host == scene.host and subset not in scene.rules.subsets:
            defined = ", ".join(scene.rules.subsets) or "none"
            return "unknown-subset", (
                f"{owner.name} sends to subset {subset} of {short}, but no DestinationRule in "
                f"force for it defines that subset (defined: {defined}). Until one does, callers "
                "get 503."
            )
    return None


def _wrong_port(
    owner: Object, targets: Sequence[Object], scene: Scene, wish: Wish
) -> Problem | None:
    asked = {d.port for d in wish.to if d.port is not None}
    for target in targets:
        port = target.number("destination.port.number")
        host = full_name(target.text("destination.host"), owner.namespace)
        if port is None or host != scene.host:
            continue
        if int(port) not in scene.backend.ports:
            ports = ", ".join(map(str, scene.backend.ports))
            return "wrong-port", (
                f"{owner.name} sends to port {port:g} of {target.text('destination.host')}; the "
                f"Service has {ports}. A destination names the Service's port, not the container's."
            )
        if asked and int(port) not in asked:
            return "wrong-port", f"{owner.name} sends to port {port:g}; asked is {asked}."
    return None


def _wrong_targets(owner: Object, targets: Sequence[Object], wish: Wish) -> Problem | None:
    if not wish.to:
        return None
    listed, wanted = _weights(owner, targets), _asked(owner.namespace, wish)
    seen, asked = _active(listed), _active(wanted)
    has_weights = any(d.weight is not None for d in wish.to)
    if set(seen) == set(asked) and (not has_weights or _shares(seen) == _shares(asked)):
        return None
    if has_weights and (set(seen) == set(asked) or set(listed) == set(wanted)):
        return "wrong-weights", (
            f"{owner.name} has the weights {_weighted(listed, owner)}; asked are "
            f"{_weighted(wanted, owner)}."
        )
    return "wrong-destination", (
        f"{owner.name} sends to {_listed(seen, owner)}; asked is {_listed(asked, owner)}."
    )


Target = tuple[str, str]  # host in full, subset


def weights_of(owner: Object, targets: Sequence[Object]) -> dict[Target, float]:
    """Return the weight of each destination that gets any: {(host, subset): weight}."""
    return _active(_weights(owner, targets))


def _weights(owner: Object, targets: Sequence[Object]) -> dict[Target, float]:
    found: dict[Target, float] = {}
    alone = len(targets) == 1
    for target in targets:
        host = full_name(target.text("destination.host"), owner.namespace)
        key = (host, target.text("destination.subset"))
        weight = target.number("weight")
        found[key] = found.get(key, 0) + ((100.0 if alone else 0.0) if weight is None else weight)
    return found if any(found.values()) else dict.fromkeys(found, 100.0)


def _active(weights: Mapping[Target, float]) -> dict[Target, float]:
    return {key: weight for key, weight in weights.items() if weight}


def _asked(namespace: str, wish: Wish) -> dict[Target, float]:
    return {
        (full_name(d.host, namespace), d.subset): 100.0 if d.weight is None else float(d.weight)
        for d in wish.to
    }


def _shares(weights: Mapping[Target, float]) -> dict[Target, float]:
    whole = sum(weights.values())
    return {key: round(weight / whole, 6) for key, weight in weights.items()}


def _named(key: Target, owner: Object) -> str:
    host, subset = key
    short = host.removesuffix(f".{owner.namespace}.svc.cluster.local")
    return f"{short} subset {subset}" if subset else f"{short} without a subset"


def _listed(weights: Mapping[Target, float], owner: Object) -> str:
    return " and ".join(_named(key, owner) for key in sorted(weights))


def _weighted(weights: Mapping[Target, float], owner: Object) -> str:
    return ", ".join(f"{_named(key, owner)}: {weights[key]:g}" for key in sorted(weights))


def _wrong_times(name: str, route: Object, wish: Wish) -> Problem | None:
    timeout = seconds_of(route.text("timeout")) or 0.0
    if wish.timeout_s is not None and timeout != wish.timeout_s:
        seen = shown(timeout) if timeout else "none"
        return "wrong-timeout", f"{name} has the timeout {seen}; asked is {shown(wish.timeout_s)}."
    return _wrong_retries(name, route, wish)


def _wrong_retries(name: str, route: Object, wish: Wish) -> Problem | None:
    attempts, each = route.number("retries.attempts"), route.text("retries.perTryTimeout")
    if wish.attempts is not None and attempts != wish.attempts:
        seen = "no retries of its own" if attempts is None else f"retries.attempts {attempts:g}"
        return "wrong-retries", f"{name} has {seen}; asked is attempts {wish.attempts}."
    if wish.per_try_timeout_s is not None and (seconds_of(each) or 0.0) != wish.per_try_timeout_s:
        return "wrong-retries", (
            f"{name} has perTryTimeout {each or 'none'}; asked is {shown(wish.per_try_timeout_s)}."
        )
    given = {word.strip() for word in route.text("retries.retryOn").split(",") if word.strip()}
    if wish.retry_on and given != set(wish.retry_on):
        return "wrong-retries", (
            f"{name} retries on {', '.join(sorted(given)) or 'what Istio takes by default'}; "
            f"asked is {', '.join(sorted(wish.retry_on))}."
        )
    return None
