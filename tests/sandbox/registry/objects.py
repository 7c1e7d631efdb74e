"""A registry to try things on, and the objects that tests give it."""

from app.sandbox.objects import Json, Obj
from app.sandbox.registry.ask import Ask
from app.sandbox.registry.registry import Registry
from app.sandbox.schemas.schemas import Schemas
from app.sandbox.store.kinds import Kinds
from app.sandbox.store.store import Store

LEARNER = Ask(user="learner", field_validation="Strict")


def registry() -> Registry:
    kinds = Kinds()
    made = Registry(Store(kinds), Schemas.load(kinds))
    for name in ("default", "kube-system"):
        made.create(
            {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}},
        )
    return made


def obj(kind: str, name: str, api_version: str = "v1", **fields: Json) -> Obj:
    return {
        "apiVersion": api_version,
        "kind": kind,
        "metadata": {"name": name, "namespace": "default"},
        **fields,
    }


def pod(name: str = "web", **spec: Json) -> Obj:
    return obj("Pod", name, spec={"containers": [{"name": "web", "image": "nginx"}], **spec})


def deployment(name: str = "web", **spec: Json) -> Obj:
    template: Obj = {
        "metadata": {"labels": {"app": name}},
        "spec": {"containers": [{"name": "web", "image": "nginx:1.27"}]},
    }
    wanted: Obj = {"selector": {"matchLabels": {"app": name}}, "template": template}
    return obj("Deployment", name, "apps/v1", spec={**wanted, **spec})


def service(name: str = "web", **spec: Json) -> Obj:
    return obj("Service", name, spec={"ports": [{"port": 80}], **spec})


def crd() -> Obj:
    """A kind of our own, Robot, served in two versions."""
    schema: Obj = {
        "openAPIV3Schema": {
            "type": "object",
            "properties": {"spec": {"type": "object", "properties": {"arms": {"type": "integer"}}}},
        }
    }
    versions: list[Json] = [
        {"name": "v1", "served": True, "storage": True, "schema": schema},
        {"name": "v1beta1", "served": True, "storage": False, "schema": schema},
    ]
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": "robots.example.org"},
        "spec": {
            "group": "example.org",
            "scope": "Namespaced",
            "names": {"plural": "robots", "kind": "Robot"},
            "versions": versions,
        },
    }


def robot(name: str = "r2", version: str = "v1", **spec: Json) -> Obj:
    return obj("Robot", name, f"example.org/{version}", spec=dict(spec))
