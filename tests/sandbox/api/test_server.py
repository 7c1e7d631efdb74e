"""What the API server answers to every kind of request, in the words of a real one."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
from sandbox.api.asgi import Answer, ask
from sandbox.api.world import FakeKubelet, registry
from starlette.types import ASGIApp

from app.sandbox.api.server import create_api
from app.sandbox.objects import Json, Obj, at, items, name_of, text
from app.sandbox.registry.registry import Registry

MAPS = "/api/v1/namespaces/default/configmaps"
MERGE = {"content-type": "application/merge-patch+json"}
TABLE = {"accept": "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"}
PARTIAL = {"accept": "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"}


@dataclass
class Server:
    """An API and the registry behind it."""

    registry: Registry
    app: ASGIApp

    async def ask(
        self, method: str, path: str, body: "Json | bytes" = None, **query: str
    ) -> Answer:
        return await ask(self.app, method, path, body, **query)


@pytest.fixture
def server() -> Server:
    made = registry()
    return Server(made, create_api(made, FakeKubelet(), "the-owner's-own-token"))


def config_map(name: str, **data: str) -> Obj:
    return {"metadata": {"name": name}, "data": dict(data)}


def said(answer: Answer) -> tuple[int, str, str]:
    body = answer.json
    return answer.code, text(body, "reason"), text(body, "message")


async def test_an_object_is_made_read_changed_and_deleted(server: Server) -> None:
    made = await server.ask("POST", MAPS, config_map("a", key="1"))
    assert made.code == 201
    assert text(made.json, "kind") == "ConfigMap"
    read = await server.ask("GET", f"{MAPS}/a")
    assert read.json == made.json
    patch = {"data": {"key": "2"}}
    changed = await ask(server.app, "PATCH", f"{MAPS}/a", patch, MERGE)
    assert text(changed.json, "data.key") == "2"
    gone = await server.ask("DELETE", f"{MAPS}/a")
    assert text(gone.json, "status") == "Success"
    assert text(gone.json, "details.uid") == text(made.json, "metadata.uid")
    missing = await server.ask("GET", f"{MAPS}/a")
    assert said(missing) == (404, "NotFound", 'configmaps "a" not found')


NO_RESOURCE = "the server could not find the requested resource"
NO_METHOD = "the server does not allow this method on the requested resource"


@pytest.mark.parametrize(
    ("method", "path", "code", "message"),
    [
        ("GET", "/nope", 404, NO_RESOURCE),
        ("GET", "/api/v1/nope", 404, NO_RESOURCE),
        ("GET", "/apis/nope.io/v1/things", 404, NO_RESOURCE),
        ("GET", "/apis/apps/v2/deployments", 404, NO_RESOURCE),
        ("GET", f"{MAPS}/a/status", 404, NO_RESOURCE),
        ("GET", "/version/foo", 404, NO_RESOURCE),
        ("GET", "/api/v1/namespaces/default/nodes", 404, NO_RESOURCE),
        ("PUT", MAPS, 405, NO_METHOD),
        ("POST", f"{MAPS}/a", 405, NO_METHOD),
        ("BREW", f"{MAPS}/a", 405, NO_METHOD),
        ("POST", "/version", 405, NO_METHOD),
        ("GET", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", 405, NO_METHOD),
    ],
)
async def test_unknown_paths_and_methods_are_refused(
    server: Server, method: str, path: str, code: int, message: str
) -> None:
    answer = await server.ask(method, path)
    assert (answer.code, text(answer.json, "message")) == (code, message)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (
            b"{garbage",
            "the object provided is unrecognized (must be of type ConfigMap): couldn't get "
            "version/kind; json parse error: invalid character 'g' looking for beginning of "
            "object key string ({garbage)",
        ),
        (
            b'{"kind":"Secret","apiVersion":"v1"}',
            'Secret in version "v1" cannot be handled as a '
            "ConfigMap: converting (v1.Secret) to (core.ConfigMap): unknown conversion",
        ),
        (
            b'{"metadata":{"name":"a","namespace":"other"}}',
            "the namespace of the provided object does not match the namespace sent on the request",
        ),
        (
            b'{"metadata":{"name":"a"},"data":{"a":1}}',
            'ConfigMap in version "v1" cannot be handled '
            "as a ConfigMap: json: cannot unmarshal number into Go struct field ConfigMap.data of "
            "type string",
        ),
        (b"[" * 100_000, ""),
        (b"\xff\xfe", ""),
        (b"[]", ""),
        (b"7", ""),
        (b"", ""),
        (b'{"metadata":[]}', ""),
        (b'{"metadata":{"name":7}}', ""),
    ],
)
async def test_garbage_is_a_bad_request(server: Server, body: bytes, message: str) -> None:
    answer = await server.ask("POST", MAPS, body)
    assert said(answer)[:2] == (400, "BadRequest")
    assert message in text(answer.json, "message")


async def test_a_body_that_is_too_large_or_of_another_type_is_refused(server: Server) -> None:
    large = await server.ask("POST", MAPS, b" " * (3 * 1024 * 1024 + 1))
    assert said(large)[:2] == (413, "RequestEntityTooLarge")
    other = await ask(server.app, "POST", MAPS, {}, {"content-type": "text/plain"})
    assert said(other) == (
        415,
        "UnsupportedMediaType",
        "the body of the request was in an unknown format - accepted media types include: "
        "application/json, application/yaml, application/vnd.kubernetes.protobuf",
    )
    page = await ask(server.app, "GET", MAPS, None, {"accept": "text/html"})
    assert said(page)[:2] == (406, "NotAcceptable")


async def test_yaml_is_read_and_written_and_may_not_explode(server: Server) -> None:
    yaml = {"content-type": "application/yaml"}
    body = b"metadata: {name: a}\ndata: {key: value}\n"
    assert (await ask(server.app, "POST", MAPS, body, yaml)).code == 201
    read = await ask(server.app, "GET", f"{MAPS}/a", None, {"accept": "application/yaml"})
    assert b"key: value" in read.body
    levels = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    levels += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    bomb = await ask(server.app, "POST", MAPS, "\n".join(levels).encode(), yaml)
    assert said(bomb)[:2] == (400, "BadRequest")
    assert "excessive aliasing" in text(bomb.json, "message")


async def test_a_list_comes_in_pages(server: Server) -> None:
    for number in range(5):
        await server.ask("POST", MAPS, config_map(f"m{number}"))
    first = (await server.ask("GET", MAPS, limit="2")).json
    assert [name_of(one) for one in items(first, "items")] == ["m0", "m1"]
    assert at(first, "metadata.remainingItemCount") == 3
    mark = text(first, "metadata.continue")
    second = (await server.ask("GET", MAPS, **{"limit": "9", "continue": mark})).json
    assert [name_of(one) for one in items(second, "items")] == ["m2", "m3", "m4"]
    assert text(second, "metadata.continue") == ""
    broken = await server.ask("GET", MAPS, **{"continue": "abc"})
    assert said(broken)[1] == "BadRequest"


async def test_selectors_choose_and_delete(server: Server) -> None:
    for name, app in (("a", "web"), ("b", "web"), ("c", "other")):
        obj = config_map(name)
        obj["metadata"] = {"name": name, "labels": {"app": app}}
        await server.ask("POST", MAPS, obj)
    chosen = (await server.ask("GET", MAPS, labelSelector="app in (web)")).json
    assert [name_of(one) for one in items(chosen, "items")] == ["a", "b"]
    one = (await server.ask("GET", MAPS, fieldSelector="metadata.name=c")).json
    assert [name_of(found) for found in items(one, "items")] == ["c"]
    await server.ask("DELETE", MAPS, labelSelector="app=web")
    left = (await server.ask("GET", MAPS)).json
    assert [name_of(found) for found in items(left, "items")] == ["c"]


async def test_an_object_comes_in_the_shape_that_is_asked_for(server: Server) -> None:
    await server.ask("POST", MAPS, config_map("a"))
    rows = (await ask(server.app, "GET", MAPS, None, TABLE)).json
    assert text(rows, "kind") == "Table"
    assert at(rows, "rows.0.cells.0") == "a"
    names = (await ask(server.app, "GET", MAPS, None, PARTIAL)).json
    assert text(names, "kind") == "PartialObjectMetadataList"
    assert "data" not in items(names, "items")[0]


async def test_warnings_come_as_headers(server: Server) -> None:
    answer = await server.ask("POST", MAPS, {**config_map("a"), "foo": 1})
    assert answer.code == 201
    assert answer.header("warning") == ['299 - "unknown field \\"foo\\""']
    strict = await server.ask("POST", MAPS, {**config_map("b"), "foo": 1}, fieldValidation="Strict")
    assert said(strict)[0] == 400
    odd = await server.ask("POST", MAPS, config_map("b"), fieldValidation="Foo")
    assert said(odd)[2].startswith('CreateOptions.meta.k8s.io "" is invalid: fieldValidation: ')


async def test_a_scale_is_a_part_of_a_deployment(server: Server) -> None:
    path = "/apis/apps/v1/namespaces/default/deployments"
    template = {
        "metadata": {"labels": {"app": "web"}},
        "spec": {"containers": [{"name": "web", "image": "nginx"}]},
    }
    spec = {"selector": {"matchLabels": {"app": "web"}}, "template": template}
    await server.ask("POST", path, {"metadata": {"name": "web"}, "spec": spec})
    scale = (await server.ask("GET", f"{path}/web/scale")).json
    assert (at(scale, "spec.replicas"), text(scale, "status.selector")) == (1, "app=web")
    patched = await ask(server.app, "PATCH", f"{path}/web/scale", {"spec": {"replicas": 3}}, MERGE)
    assert at(patched.json, "spec.replicas") == 3
    assert at((await server.ask("GET", f"{path}/web")).json, "spec.replicas") == 3
    refused = await ask(server.app, "PATCH", f"{path}/web/scale", {"spec": {"replicas": -1}}, MERGE)
    assert refused.code == 422


async def test_tokens_tell_who_asks_and_roles_what_they_may(server: Server) -> None:
    nobody = {"authorization": ""}
    anonymous = await ask(server.app, "GET", "/api/v1/pods", None, nobody)
    assert said(anonymous) == (
        403,
        "Forbidden",
        'pods is forbidden: User "system:anonymous" cannot list resource "pods" in API group "" '
        "at the cluster scope",
    )
    assert (await ask(server.app, "GET", "/version", None, nobody)).code == 200
    wrong = await ask(server.app, "GET", "/version", None, {"authorization": "Bearer x.y.z"})
    assert said(wrong) == (401, "Unauthorized", "Unauthorized")
    accounts = "/api/v1/namespaces/default/serviceaccounts"
    await server.ask("POST", accounts, {"metadata": {"name": "robot"}})
    token = text((await server.ask("POST", f"{accounts}/robot/token", {})).json, "status.token")
    robot = {"authorization": f"Bearer {token}"}
    assert (await ask(server.app, "GET", MAPS, None, robot)).code == 403
    bindings = "/apis/rbac.authorization.k8s.io/v1/namespaces/default/rolebindings"
    subject = {"kind": "ServiceAccount", "name": "robot", "namespace": "default"}
    reference = {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "view"}
    binding = {"metadata": {"name": "b"}, "roleRef": reference, "subjects": [subject]}
    assert (await server.ask("POST", bindings, binding)).code == 201
    assert (await ask(server.app, "GET", MAPS, None, robot)).code == 200
    assert (await ask(server.app, "POST", MAPS, config_map("a"), robot)).code == 403
    await server.ask("DELETE", f"{accounts}/robot")
    assert (await ask(server.app, "GET", MAPS, None, robot)).code == 401


async def test_reviews_answer_who_may_what(server: Server) -> None:
    who = await server.ask("POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews", {})
    assert text(who.json, "status.userInfo.username") == "sandbox-admin"
    path = "/apis/authorization.k8s.io/v1/subjectaccessreviews"
    wanted = {"verb": "get", "resource": "pods", "namespace": "default"}
    may = await server.ask("POST", path, {"spec": {"user": "bob", "resourceAttributes": wanted}})
    assert (may.code, at(may.json, "status.allowed")) == (201, False)
    empty = await server.ask("POST", path, {"spec": {}})
    assert empty.code == 422


async def test_the_server_tells_of_itself(server: Server) -> None:
    assert (await server.ask("GET", "/readyz")).body == b"ok"
    assert b"[+]ping ok" in (await server.ask("GET", "/readyz", verbose="")).body
    assert text((await server.ask("GET", "/version")).json, "gitVersion").startswith("v1.")
    assert "/apis/apps/v1" in str((await server.ask("GET", "/")).json["paths"])
    document = await server.ask("GET", "/openapi/v3/apis/apps/v1")
    assert (document.code, text(document.json, "openapi")) == (200, "3.0.0")


async def test_an_istioctl_runs_inside_and_streams_what_it_says() -> None:
    async def istioctl(call: Json) -> AsyncIterator[bytes]:
        yield json.dumps({"out": at(call, "argv.0")}).encode() + b"\n"
        await asyncio.sleep(0)
        yield b'{"code": 3}\n'

    app = create_api(registry(), FakeKubelet(), "the-owner's-own-token", istioctl=istioctl)
    path = "/apis/sandbox.mesh-dojo/v1/istioctl"
    answer = await ask(app, "POST", path, {"argv": ["version"]})
    lines = [json.loads(line) for line in answer.body.splitlines()]
    assert lines == [{"out": "version"}, {"code": 3}]
    assert (await ask(app, "POST", path, {}, {"authorization": ""})).code == 403
    assert (await ask(app, "POST", path, b"{")).code == 400
