"""What is done with a collection of objects, and with one of them."""

from starlette.responses import Response

from app.sandbox.api.answers import Shape, answer, shaped
from app.sandbox.api.bodies import placed, read_object, read_patch
from app.sandbox.api.call import Call, wrong_method
from app.sandbox.api.listing import listed
from app.sandbox.api.options import Deletion, ask_of, read_deletion
from app.sandbox.objects import Json, Obj, name_of, namespace_of, table, text
from app.sandbox.registry.registry import Registry
from app.sandbox.status import StatusError, bad_request, not_found

RETURNED = ("pods", "services", "serviceaccounts", "resourcequotas")


async def collection(registry: Registry, call: Call) -> Response:
    """Return what a collection answers: a list, a new object, or what was deleted of it."""
    if call.method in ("GET", "HEAD"):
        page = listed(registry.store, call)
        return shaped(call, Shape(call).many(page.objects, page.metadata))
    if call.method == "POST":
        shape, ask = Shape(call), ask_of(call)
        obj = placed(call, await read_object(call.request, call.target.kind.kind))
        return shaped(call, shape.one(registry.create(obj, ask)), 201, ask)
    if call.method == "DELETE":
        how = await read_deletion(call)
        page = listed(registry.store, call)
        gone = [_deleted(registry, call, obj, how) for obj in page.objects]
        return shaped(call, Shape(call).many(gone, page.metadata), ask=how.ask)
    raise wrong_method()


async def single(registry: Registry, call: Call) -> Response:
    """Return what one object answers: itself, changed or deleted."""
    if call.method in ("GET", "HEAD"):
        return shaped(call, Shape(call).one(found(registry, call)))
    if call.method == "PUT":
        return await replace(registry, call, "")
    if call.method == "PATCH":
        return await patch(registry, call, "")
    if call.method == "DELETE":
        return await delete(registry, call)
    raise wrong_method()


def found(registry: Registry, call: Call) -> Obj:
    """Return the object of a call. Raises: StatusError 404."""
    target = call.target
    namespace = target.namespace if target.kind.namespaced else ""
    obj = registry.store.get(target.kind.resource, target.name, namespace)
    if obj is None:
        raise not_found(target.kind.resource, target.name)
    return obj


async def replace(registry: Registry, call: Call, subresource: str) -> Response:
    """Return the object after a PUT; `subresource` says which part of it was meant."""
    shape, ask = Shape(call), ask_of(call)
    obj = placed(call, await read_object(call.request, call.target.kind.kind))
    name = name_of(obj)
    if name and name != call.target.name:
        raise bad_request(
            f"the name of the object ({name}) does not match the name on the URL "
            f"({call.target.name})"
        )
    if not name:
        obj = {**obj, "metadata": {**table(obj, "metadata"), "name": call.target.name}}
    after = registry.update(obj, ask, subresource=subresource)
    return shaped(call, shape.one(after), ask=ask)


async def patch(registry: Registry, call: Call, subresource: str) -> Response:
    """Return the object after a PATCH."""
    shape, ask, target = Shape(call), ask_of(call), call.target
    asked = await read_patch(call)
    namespace = target.namespace if target.kind.namespaced else ""
    had = asked.type != "apply" or registry.store.get(target.kind.resource, target.name, namespace)
    after = registry.patch(
        target.kind.resource,
        target.name,
        namespace,
        asked,
        ask,
        subresource=subresource,
        version=target.version,
    )
    return shaped(call, shape.one(after), 200 if had else 201, ask=ask)


async def delete(registry: Registry, call: Call) -> Response:
    """Return what a DELETE answers: a Status where the object is gone, else the object."""
    how = await read_deletion(call)
    before = found(registry, call)
    _check_identity(call, before, how.preconditions)
    after = _deleted(registry, call, before, how)
    resource = call.target.kind.resource
    left = registry.store.get(resource, name_of(before), namespace_of(before))
    if resource in RETURNED or (left is not None and not how.ask.dry_run):
        return shaped(call, Shape(call).one(after), ask=how.ask)
    return answer(deleted_status(call, before))


def deleted_status(call: Call, obj: Obj) -> Obj:
    """Return the Status of an object that is gone."""
    kind = call.target.kind
    return {
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Success",
        "details": {
            "name": name_of(obj),
            **({"group": kind.group} if kind.group else {}),
            "kind": kind.plural,
            "uid": text(obj, "metadata.uid"),
        },
    }


def _deleted(registry: Registry, call: Call, obj: Obj, how: Deletion) -> Obj:
    return registry.delete(
        call.target.kind.resource,
        name_of(obj),
        namespace_of(obj),
        how.ask,
        grace_s=how.grace_s,
        propagation=how.propagation,
    )


def _check_identity(call: Call, obj: Obj, preconditions: Obj) -> None:
    kind = call.target.kind
    for field, told in (("uid", "UID"), ("resourceVersion", "ResourceVersion")):
        asked, real = text(preconditions, field), text(obj, f"metadata.{field}")
        if asked and asked != real:
            qualified = f"{kind.kind}.{kind.group}" if kind.group else kind.kind
            message = (
                f'Operation cannot be fulfilled on {qualified} "{name_of(obj)}": the {told} in '
                f"the precondition ({asked}) does not match the {told} in record ({real}). The "
                "object might have been deleted and then recreated"
            )
            details: dict[str, Json] = {"name": name_of(obj), "kind": kind.kind}
            raise StatusError(409, "Conflict", message, details)
