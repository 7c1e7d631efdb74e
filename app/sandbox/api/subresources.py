"""Parts of an object with verbs of their own: status, scale, token, eviction."""

import dataclasses
from datetime import UTC, datetime, timedelta

from starlette.responses import Response

from app.sandbox.api.answers import answer, shaped
from app.sandbox.api.bodies import read_object, read_patch
from app.sandbox.api.call import Call, unknown_path, wrong_method
from app.sandbox.api.options import ask_of, is_dry
from app.sandbox.api.tables.table import table as rows
from app.sandbox.api.tables.table import wants_table
from app.sandbox.api.users import ISSUER, Users
from app.sandbox.api.verbs import found, patch, replace
from app.sandbox.objects import (
    Json,
    Obj,
    at,
    is_ending,
    items,
    labels_of,
    name_of,
    namespace_of,
    number,
    stamp,
    table,
    text,
    words,
)
from app.sandbox.registry import patching
from app.sandbox.registry.causes import wrong
from app.sandbox.registry.patches import merge, operations
from app.sandbox.registry.registry import Registry
from app.sandbox.registry.selectors import matcher_of
from app.sandbox.status import StatusError, bad_request, invalid
from app.sandbox.store.kinds import Kind

SCALE = Kind("Scale", "scales", "autoscaling")
LEAST_LIFE_S = 600  # as Kubernetes wants of a token
MOST_LIFE_S = 2**32


async def part(registry: Registry, users: Users, call: Call) -> Response:
    """Return what a part of an object answers."""
    kind = call.target.subresource
    if kind in ("status", "finalize"):
        return await _status(registry, call, kind)
    if kind == "scale":
        return await _scale(registry, call)
    if kind == "token" and call.method == "POST":
        return await _token(registry, users, call)
    if kind == "eviction" and call.method == "POST":
        return await _evict(registry, call)
    if kind in ("token", "eviction"):
        raise wrong_method()
    raise unknown_path()


async def _status(registry: Registry, call: Call, kind: str) -> Response:
    if call.method in ("GET", "HEAD"):
        from app.sandbox.api.verbs import single

        return await single(registry, call)
    if call.method == "PUT":
        return await replace(registry, call, kind)
    if call.method == "PATCH":
        return await patch(registry, call, kind)
    raise wrong_method()


def scale_of(obj: Obj) -> Obj:
    """Return the Scale of a Deployment or a ReplicaSet."""
    labels = table(obj, "spec.selector.matchLabels")
    metadata = table(obj, "metadata")
    kept = ("name", "namespace", "uid", "resourceVersion", "creationTimestamp")
    return {
        "kind": "Scale",
        "apiVersion": "autoscaling/v1",
        "metadata": {key: metadata[key] for key in kept if key in metadata},
        "spec": {"replicas": number(obj, "spec.replicas")},
        "status": {
            "replicas": number(obj, "status.replicas"),
            "selector": ",".join(f"{key}={value}" for key, value in sorted(labels.items())),
        },
    }


async def _scale(registry: Registry, call: Call) -> Response:
    obj = found(registry, call)
    before = scale_of(obj)
    ask = ask_of(call)
    if call.method in ("GET", "HEAD"):
        is_table = wants_table(call.request.headers.get("accept", ""))
        return shaped(call, rows(SCALE, [before]) if is_table else before)
    if call.method == "PUT":
        after = await read_object(call.request, "Scale")
    elif call.method == "PATCH":
        asked = await read_patch(call)
        if asked.type == "json":
            after = operations.patched(before, asked.body)
        elif isinstance(asked.body, dict):
            after = merge.patched(before, asked.body)
        else:
            raise bad_request("error decoding patch: a part of a Scale is an object")
    else:
        raise wrong_method()
    if call.method == "PATCH":
        patching.check_fields(registry.schemas, asked, after, ask)
    wanted = at(after, "spec.replicas")
    count = wanted if isinstance(wanted, int) else 0
    if count < 0:
        said = "must be greater than or equal to 0"
        raise invalid("Scale", "autoscaling", name_of(obj), [wrong("spec.replicas", count, said)])
    changed: Obj = {**obj, "spec": {**table(obj, "spec"), "replicas": count}}
    expected = text(after, "metadata.resourceVersion")
    changed["metadata"] = {**table(obj, "metadata"), "resourceVersion": expected}
    return shaped(call, scale_of(registry.update(changed, ask, subresource="scale")), ask=ask)


async def _token(registry: Registry, users: Users, call: Call) -> Response:
    account = found(registry, call)
    request = await read_object(call.request, "TokenRequest")
    life = number(request, "spec.expirationSeconds", 3600)
    if not LEAST_LIFE_S <= life <= MOST_LIFE_S:
        said = (
            "may not specify a duration less than 10 minutes"
            if life < LEAST_LIFE_S
            else "may not specify a duration larger than 2^32 seconds"
        )
        cause = wrong("spec.expirationSeconds", life, said)
        raise invalid("TokenRequest", "authentication.k8s.io", "", [cause])
    until = stamp(datetime.now(UTC) + timedelta(seconds=life))
    spec: Obj = {"audiences": [ISSUER], "boundObjectRef": None, **table(request, "spec")}
    made: Obj = {
        "kind": "TokenRequest",
        "apiVersion": "authentication.k8s.io/v1",
        "metadata": {
            "name": name_of(account),
            "namespace": namespace_of(account),
            "uid": text(account, "metadata.uid"),
            "creationTimestamp": stamp(),
        },
        "spec": {**spec, "expirationSeconds": life},
        "status": {"token": users.token_for(account, life), "expirationTimestamp": until},
    }
    return answer(made, 201)


async def _evict(registry: Registry, call: Call) -> Response:
    pod = found(registry, call)
    eviction = await read_object(call.request, "Eviction")
    _check_budgets(registry, pod)
    wanted = at(eviction, "deleteOptions.gracePeriodSeconds")
    ask = ask_of(call)
    tries = is_dry(words(eviction, "deleteOptions.dryRun"), "DeleteOptions")
    registry.delete(
        "pods",
        name_of(pod),
        namespace_of(pod),
        dataclasses.replace(ask, dry_run=ask.dry_run or tries),
        grace_s=wanted if isinstance(wanted, int) else None,
    )
    done: dict[str, Json] = {
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Success",
        "code": 201,
    }
    return answer(done, 201)


def _check_budgets(registry: Registry, pod: Obj) -> None:
    """Raises: StatusError 429 where a budget does not allow one healthy pod less."""
    namespace = namespace_of(pod)
    for budget in registry.store.list("poddisruptionbudgets.policy", namespace):
        chosen = matcher_of(table(budget, "spec.selector"))
        if not chosen(labels_of(pod)):
            continue
        pods = [one for one in registry.store.list("pods", namespace) if chosen(labels_of(one))]
        healthy = len([one for one in pods if _is_healthy(one)])
        least = _least(budget, len(pods))
        if healthy - _is_healthy(pod) < least:
            told = f"The disruption budget {name_of(budget)} needs {least} healthy pods and has "
            causes: list[Json] = [
                {"reason": "DisruptionBudget", "message": f"{told}{healthy} currently"}
            ]
            message = "Cannot evict pod as it would violate the pod's disruption budget."
            raise StatusError(429, "TooManyRequests", message, {"causes": causes})


def _is_healthy(pod: Obj) -> bool:
    return not is_ending(pod) and any(
        text(one, "type") == "Ready" and text(one, "status") == "True"
        for one in items(pod, "status.conditions")
    )


def _least(budget: Obj, count: int) -> int:
    """Return how many of so many pods must stay healthy: all, where a budget does not say."""
    most, least = at(budget, "spec.maxUnavailable"), at(budget, "spec.minAvailable")
    if most is not None:
        return count - _share(most, count)
    return count if least is None else _share(least, count)


def _share(written: Json, count: int) -> int:
    """Return a number, or a part of a whole such as `50%`, rounded up."""
    if isinstance(written, str) and written.rstrip("%").isdigit():
        return -(-count * int(written.rstrip("%")) // 100)
    return written if isinstance(written, int) else 0


def container_of(pod: Obj, asked: str) -> str:
    """Return the container that is meant. Raises: StatusError 400 where that is not clear."""
    names = [text(one, "name") for one in items(pod, "spec.containers")]
    first = [text(one, "name") for one in items(pod, "spec.initContainers")]
    late = [text(one, "name") for one in items(pod, "spec.ephemeralContainers")]
    if asked:
        if asked not in (*names, *first, *late):
            raise bad_request(f"container {asked} is not valid for pod {name_of(pod)}")
        return asked
    if len(names) == 1:
        return names[0]
    told = f"choose one of: [{' '.join(names)}]"
    if first:
        told += f" or one of the init containers: [{' '.join(first)}]"
    raise bad_request(f"a container name must be specified for pod {name_of(pod)}, {told}")
