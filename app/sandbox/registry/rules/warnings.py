"""What the server takes, with a warning: the lines of `Warning: ...`.

Source: k8s.io/kubernetes, pkg/api/pod/warnings.go.
"""

from collections.abc import Iterator

from app.sandbox.objects import Obj, items, number, table, text
from app.sandbox.registry.rules.environment import twice_named
from app.sandbox.registry.rules.resources import quantity
from app.sandbox.store.kinds import Kind

SPECS = {
    "pods": "spec",
    "deployments.apps": "spec.template.spec",
    "replicasets.apps": "spec.template.spec",
    "jobs.batch": "spec.template.spec",
}


def warnings(kind: Kind, obj: Obj) -> list[str]:
    """Return what an object's asker is warned of."""
    field = SPECS.get(kind.resource)
    return list(_of_pod(table(obj, field), field)) if field else []


def _of_pod(spec: Obj, field: str) -> Iterator[str]:
    # A Pod's own becomes 1 before anybody is warned.
    if number(spec, "terminationGracePeriodSeconds") < 0 and field != "spec":
        yield (
            f"{field}.terminationGracePeriodSeconds: must be >= 0; "
            "negative values are invalid and will be treated as 1"
        )
    for part in ("initContainers", "containers"):
        for place, container in enumerate(items(spec, part)):
            here = f"{field}.{part}[{place}]"
            yield from _of_ports(container, f"{here}.ports")
            yield from twice_named(container, here)
            for kind in ("requests", "limits"):
                yield from _of_memory(container, kind, f"{here}.resources.{kind}")


def _of_ports(container: Obj, field: str) -> Iterator[str]:
    seen: dict[tuple[int, str], int] = {}
    for place, port in enumerate(items(container, "ports")):
        key = (number(port, "containerPort"), text(port, "protocol", "TCP"))
        if key in seen:
            yield f"{field}[{place}]: duplicate port definition with {field}[{seen[key]}]"
        else:
            seen[key] = place


def _of_memory(container: Obj, kind: str, field: str) -> Iterator[str]:
    asked = table(container, f"resources.{kind}").get("memory")
    amount = quantity(asked)
    if amount is not None and amount != int(amount):
        yield f'{field}[memory]: fractional byte value "{asked}" is invalid, must be an integer'
