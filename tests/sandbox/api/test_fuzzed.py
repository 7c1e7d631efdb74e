"""Whatever is sent, the API server answers with a refusal or does it; it never fails."""

import asyncio
import json
from functools import cache

from hypothesis import given
from hypothesis import strategies as st
from sandbox.api.asgi import Answer, ask
from sandbox.api.world import FakeKubelet, registry, running_pod
from starlette.types import ASGIApp

from app.sandbox.api.server import create_api
from app.sandbox.objects import Json, Obj, text

TOKEN = "the-owner's-own-token"
KEYS = (
    "metadata", "spec", "status", "name", "namespace", "labels", "annotations", "finalizers",
    "selector", "matchLabels", "matchExpressions", "template", "containers", "image", "ports",
    "containerPort", "port", "targetPort", "env", "value", "volumes", "volumeMounts", "configMap",
    "resources", "limits", "requests", "cpu", "data", "stringData", "type", "clusterIP", "rules",
    "subjects", "roleRef", "kind", "apiVersion", "webhooks", "versions", "names", "replicas",
    "strategy", "rollingUpdate", "maxSurge", "readinessProbe", "httpGet", "$patch", "uid",
    "$setElementOrder/containers", "$deleteFromPrimitiveList/finalizers", "$retainKeys", "op",
    "path", "resourceVersion", "ownerReferences", "generateName", "deletionTimestamp", "group",
)  # fmt: skip
COLLECTIONS = (
    "/api/v1/namespaces/default/pods",
    "/api/v1/namespaces/default/services",
    "/api/v1/namespaces/default/configmaps",
    "/api/v1/namespaces/default/secrets",
    "/api/v1/namespaces/default/events",
    "/api/v1/namespaces",
    "/apis/apps/v1/namespaces/default/deployments",
    "/apis/batch/v1/namespaces/default/jobs",
    "/apis/rbac.authorization.k8s.io/v1/clusterroles",
    "/apis/rbac.authorization.k8s.io/v1/namespaces/default/rolebindings",
    "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations",
    "/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
    "/apis/authorization.k8s.io/v1/subjectaccessreviews",
    "/apis/authentication.k8s.io/v1/tokenreviews",
)
PATCHES = ("json", "merge", "strategic-merge")
scalars = st.none() | st.booleans() | st.integers() | st.sampled_from(["", "a", "A b", "80", "/a"])
keys = st.sampled_from(KEYS)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3),
    max_leaves=10,
)
objects = st.dictionaries(keys, values, max_size=6)
parts = st.fixed_dictionaries({"name": st.just("web")}, optional={"image": scalars})


@cache
def api() -> ASGIApp:
    """One API server for all: nothing that is sent to it is kept."""
    made = registry()
    made.create(running_pod("web"))
    return create_api(made, FakeKubelet(), TOKEN)


def sent(method: str, path: str, body: Json, kind: str = "application/json") -> Answer:
    """Return the answer to one request that is only tried."""
    written = json.dumps(body).encode()
    return asyncio.run(ask(api(), method, path, written, {"content-type": kind}, dryRun="All"))


def is_answered(answer: Answer) -> bool:
    """Whether it was done or refused; Kubernetes itself has a 500 for a patch without its key."""
    return answer.code < 500 or text(answer.json, "reason") == ""


@given(st.sampled_from(COLLECTIONS), objects)
def test_any_object_is_taken_or_refused(path: str, body: Obj) -> None:
    answer = sent("POST", path, {"metadata": {"name": "a"}, **body})
    assert is_answered(answer), answer.body


@given(st.sampled_from(PATCHES), values)
def test_any_patch_is_taken_or_refused(kind: str, body: Json) -> None:
    path = "/api/v1/namespaces/default/pods/web"
    answer = sent("PATCH", path, body, f"application/{kind}-patch+json")
    assert is_answered(answer), answer.body


@given(st.lists(parts, max_size=3), values)
def test_any_patch_of_containers_is_taken_or_refused(containers: list[Obj], more: Json) -> None:
    body: Obj = {"spec": {"containers": [*containers], "$setElementOrder/containers": more}}
    path = "/api/v1/namespaces/default/pods/web"
    answer = sent("PATCH", path, body, "application/strategic-merge-patch+json")
    assert is_answered(answer), answer.body


@given(st.text(max_size=40), st.text(max_size=40), st.text(max_size=12))
def test_any_query_is_answered_or_refused(labels: str, fields: str, number: str) -> None:
    query = {"labelSelector": labels, "fieldSelector": fields, "limit": number}
    answer = asyncio.run(ask(api(), "GET", "/api/v1/pods", **query))
    assert is_answered(answer), answer.body
    query = {"continue": labels, "resourceVersion": number, "resourceVersionMatch": fields}
    answer = asyncio.run(ask(api(), "GET", "/api/v1/pods", **query))
    assert is_answered(answer), answer.body


@given(
    st.lists(
        st.sampled_from(
            [
                "api",
                "apis",
                "v1",
                "apps",
                "namespaces",
                "default",
                "pods",
                "web",
                "status",
                "log",
                "",
                "..",
                "%2e",
                "é",
                "openapi",
                "v3",
                "token",
                "scale",
                "eviction",
                "exec",
                "version",
            ]
        ),
        max_size=8,
    ),
    st.sampled_from(["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"]),
)
def test_any_path_is_answered_or_refused(steps: list[str], method: str) -> None:
    answer = sent(method, "/" + "/".join(steps), {})
    assert is_answered(answer), answer.body
