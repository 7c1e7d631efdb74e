"""The webhooks by which the API server asks istiod: injection and validation."""

from app.sandbox.istiod.installation.marks import NAMESPACE, REVISION, obj
from app.sandbox.objects import Json, Obj

ADMISSION = "admissionregistration.k8s.io/v1"
INJECT, REVISION_LABEL, INJECTION = "sidecar.istio.io/inject", "istio.io/rev", "istio-injection"


def _has(key: str, operator: str, *values: str) -> Obj:
    return {"key": key, "operator": operator, **({"values": [*values]} if values else {})}


def _webhook(name: str, path: str, namespaces: list[Json], objects: list[Json]) -> Obj:
    rule: Obj = {"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"],
                 "resources": ["pods"]}  # fmt: skip
    service: Obj = {"name": "istiod", "namespace": NAMESPACE, "path": path, "port": 443}
    return {
        "admissionReviewVersions": ["v1"],
        "clientConfig": {"service": service},
        "failurePolicy": "Fail",
        "matchPolicy": "Equivalent",
        "name": name,
        "namespaceSelector": {"matchExpressions": namespaces},
        "objectSelector": {"matchExpressions": objects},
        "reinvocationPolicy": "Never",
        "rules": [rule],
        "sideEffects": "None",
        "timeoutSeconds": 10,
    }


def injector(name: str, labels: Obj) -> Obj:
    """Return the four webhooks of injection: by namespace or pod, by revision or plainly."""
    not_off = _has(INJECT, "NotIn", "false")
    suffix = "sidecar-injector.istio.io"
    revision = _has(REVISION_LABEL, "In", REVISION)
    free: list[Json] = [_has(REVISION_LABEL, "DoesNotExist"), _has(INJECTION, "DoesNotExist")]
    webhooks = [
        _webhook(
            f"rev.namespace.{suffix}", "/inject", [revision, _has(INJECTION, "DoesNotExist")],
            [not_off],
        ),
        _webhook(f"rev.object.{suffix}", "/inject", free, [not_off, revision]),
        _webhook(f"namespace.{suffix}", "/inject", [_has(INJECTION, "In", "enabled")], [not_off]),
        _webhook(
            f"object.{suffix}", "/inject", free[::-1],
            [_has(INJECT, "In", "true"), _has(REVISION_LABEL, "DoesNotExist")],
        ),
    ]  # fmt: skip
    kind = "MutatingWebhookConfiguration"
    return obj(ADMISSION, kind, name, labels, is_namespaced=False, webhooks=webhooks)


def validators(labels: Obj, tagged: Obj) -> list[Obj]:
    """Return both validating configurations: the revision's, and the default one."""
    groups = ("security", "networking", "telemetry", "extensions")
    rule: Obj = {
        "apiGroups": [f"{group}.istio.io" for group in groups],
        "apiVersions": ["*"],
        "operations": ["CREATE", "UPDATE"],
        "resources": ["*"],
        "scope": "*",
    }
    made = []
    for name, webhook, selector, marks in (
        ("istio-validator-istio-system", "rev.validation.istio.io",
         _has(REVISION_LABEL, "In", REVISION), labels),
        ("istiod-default-validator", "validation.istio.io",
         _has(REVISION_LABEL, "DoesNotExist"), tagged),
    ):  # fmt: skip
        made_of = _webhook(webhook, "/validate", [], [selector])
        body: Obj = {
            **{key: value for key, value in made_of.items() if key != "reinvocationPolicy"},
            "namespaceSelector": {},
            "rules": [rule],
        }
        kind = "ValidatingWebhookConfiguration"
        made.append(obj(ADMISSION, kind, name, marks, is_namespaced=False, webhooks=[body]))
    return made
