"""The real kubectl against the sandbox's API server."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from pathlib import Path

import pytest
from sandbox.api.world import World, running_pod, world

from app.sandbox.objects import number, text
from app.sandbox.store.store import Watching

WEB = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: "nginx:1"}]}
"""


@pytest.fixture
async def lab(tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path) as made:
        yield made


async def test_apply_makes_then_changes_then_leaves_alone(lab: World) -> None:
    made = await lab.kubectl("apply", "-f", "-", stdin=WEB)
    assert made == (0, "deployment.apps/web created\n", "")
    changed = await lab.kubectl("apply", "-f", "-", stdin=WEB.replace("nginx:1", "nginx:2"))
    assert changed == (0, "deployment.apps/web configured\n", "")
    again = await lab.kubectl("apply", "-f", "-", stdin=WEB.replace("nginx:1", "nginx:2"))
    assert again == (0, "deployment.apps/web unchanged\n", "")
    stored = lab.registry.store.get("deployments.apps", "web", "default")
    assert stored
    assert text(stored, "spec.template.spec.containers.0.image") == "nginx:2"
    assert number(stored, "metadata.generation") == 2


async def test_a_mistyped_field_is_refused_in_the_servers_words(lab: World) -> None:
    code, _, said = await lab.kubectl(
        "apply", "-f", "-", stdin=WEB.replace("spec:\n  s", "spec:\n  replica: 1\n  s")
    )
    assert code == 1
    assert said == (
        'Error from server (BadRequest): error when creating "STDIN": Deployment in version "v1" '
        "cannot be handled as a Deployment: strict decoding error: unknown field "
        '"spec.replica"\n'
    )


async def test_verbs_that_send_protobuf_and_patches(lab: World) -> None:
    assert await lab.kubectl("create", "namespace", "demo") == (0, "namespace/demo created\n", "")
    labelled = await lab.kubectl("label", "namespace", "demo", "istio-injection=enabled")
    assert labelled == (0, "namespace/demo labeled\n", "")
    _, shown, _ = await lab.kubectl("get", "namespace", "demo", "--show-labels")
    assert "istio-injection=enabled,kubernetes.io/metadata.name=demo" in shown


async def test_scale_patch_and_jsonpath(lab: World) -> None:
    await lab.kubectl("apply", "-f", "-", stdin=WEB)
    scaled = await lab.kubectl("scale", "deployment", "web", "--replicas=3")
    assert scaled == (0, "deployment.apps/web scaled\n", "")
    count = await lab.kubectl("get", "deployment", "web", "-o", "jsonpath={.spec.replicas}")
    assert count == (0, "3", "")


async def test_a_dry_run_and_a_diff_change_nothing(lab: World) -> None:
    await lab.kubectl("apply", "-f", "-", stdin=WEB)
    version = lab.registry.store.version
    dry = await lab.kubectl("delete", "deployment", "web", "--dry-run=server")
    assert dry[1] == 'deployment.apps "web" deleted from default namespace (server dry run)\n'
    code, shown, _ = await lab.kubectl("diff", "-f", "-", stdin=WEB.replace("nginx:1", "nginx:2"))
    assert code == 1
    assert "+      - image: nginx:2" in shown
    assert lab.registry.store.version == version


async def test_delete_says_what_is_gone_and_what_never_was(lab: World) -> None:
    await lab.kubectl("create", "configmap", "settings", "--from-literal=a=b")
    gone = await lab.kubectl("delete", "configmap", "settings")
    assert gone == (0, 'configmap "settings" deleted from default namespace\n', "")
    missing = await lab.kubectl("delete", "configmap", "settings")
    assert missing == (1, "", 'Error from server (NotFound): configmaps "settings" not found\n')


async def test_wait_sees_what_comes_true_while_it_waits(
    lab: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, waits = lab.registry.store, asyncio.Event()
    watch = store.watch

    def watched(resources: Iterable[str], since: int | None = None) -> Watching:
        waits.set()
        return watch(resources, since)

    monkeypatch.setattr(store, "watch", watched)
    pod = lab.registry.create({**running_pod("web"), "status": {"phase": "Pending"}})
    condition = "--for=jsonpath={.status.phase}=Running"
    waiting = asyncio.create_task(lab.kubectl("wait", condition, "pod/web", "--timeout=10s"))
    await waits.wait()
    lab.registry.update({**pod, "status": {"phase": "Running"}}, subresource="status")
    assert await waiting == (0, "pod/web condition met\n", "")


async def test_exec_carries_streams_and_exit_codes(lab: World) -> None:
    lab.registry.create(running_pod("web", "web", "istio-proxy"))
    said = await lab.kubectl("exec", "web", "-c", "web", "--", "curl", "-s", "3")
    assert said == (
        3,
        "default web web: curl -s 3\n",
        "an error\ncommand terminated with exit code 3\n",
    )
    echoed = await lab.kubectl("exec", "-i", "web", "-c", "web", "--", "cat", stdin="hello\n")
    assert echoed == (0, "hello\n", "")
    missing = await lab.kubectl("exec", "nope", "--", "ls")
    assert missing == (1, "", 'Error from server (NotFound): pods "nope" not found\n')


async def test_logs_are_read_and_refused(lab: World) -> None:
    lab.registry.create(running_pod("web"))
    assert await lab.kubectl("logs", "web", "--tail=1") == (0, "second\n", "")
    code, _, said = await lab.kubectl("logs", "web", "--previous")
    assert (code, said) == (1, 'Error from server (NotFound): containers "web" not found\n')


async def test_a_port_is_forwarded_into_a_pod(lab: World) -> None:
    lab.registry.create(running_pod("web"))
    with await asyncio.to_thread(lab.started, "port-forward", "pod/web", ":80") as forwarding:
        assert forwarding.stdout
        try:
            told = await asyncio.to_thread(forwarding.stdout.readline)
            port = int(told.split("127.0.0.1:")[1].split(" ")[0])
            answers = await asyncio.gather(*(_asked(port, f"hello {n}\n") for n in range(5)))
            assert answers == [f"HELLO {n}\n" for n in range(5)]
        finally:
            forwarding.terminate()
            await asyncio.to_thread(forwarding.wait)


async def _asked(port: int, line: str) -> str:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(line.encode())
    answer = await reader.read()
    writer.close()
    await writer.wait_closed()
    return answer.decode()


async def test_auth_tells_who_asks_and_what_they_may(lab: World) -> None:
    assert await lab.kubectl("auth", "can-i", "delete", "pods") == (0, "yes\n", "")
    assert await lab.kubectl("auth", "can-i", "list", "pods", "--as=bob") == (1, "no\n", "")
    code, _, said = await lab.kubectl("get", "pods", "--as=bob")
    assert code == 1
    assert said == (
        'Error from server (Forbidden): pods is forbidden: User "bob" cannot list resource '
        '"pods" in API group "" in the namespace "default"\n'
    )


LISTED = """
apiVersion: v1
kind: List
items:
- {apiVersion: v1, kind: ConfigMap, metadata: {name: one}, data: {a: "1"}}
- {apiVersion: v1, kind: ConfigMap, metadata: {name: two}, data: {a: "1"}}
"""


async def test_a_list_is_checked_by_kubectl_itself(lab: World) -> None:
    made = await lab.kubectl("apply", "-f", "-", stdin=LISTED)
    assert made == (0, "configmap/one created\nconfigmap/two created\n", "")
    code, _, said = await lab.kubectl("apply", "-f", "-", stdin=LISTED.replace("data", "daata"))
    assert code == 1
    assert (
        'ValidationError(ConfigMap): unknown field "daata" in io.k8s.api.core.v1.ConfigMap' in said
    )


async def test_what_was_applied_on_the_clients_side_goes_on_on_the_servers(lab: World) -> None:
    config = "{apiVersion: v1, kind: ConfigMap, metadata: {name: c}, data: {a: '%s'}}"
    await lab.kubectl("apply", "-f", "-", stdin=config % 1)
    moved = await lab.kubectl("apply", "--server-side", "-f", "-", stdin=config % 2)
    assert moved == (0, "configmap/c serverside-applied\n", "")
    await lab.kubectl("patch", "configmap", "c", "-p", '{"data":{"a":"3"}}')
    code, _, said = await lab.kubectl("apply", "--server-side", "-f", "-", stdin=config % 4)
    assert code == 1
    assert said.startswith(
        'error: Apply failed with 1 conflict: conflict with "kubectl-patch" using v1: .data.a\n'
    )
    forced = await lab.kubectl(
        "apply", "--server-side", "--force-conflicts", "-f", "-", stdin=config % 4
    )
    assert forced == moved
    managers = "jsonpath={.metadata.managedFields[*].manager}"
    shown = await lab.kubectl("get", "configmap", "c", "--show-managed-fields", "-o", managers)
    assert shown[1] == "kubectl-last-applied kubectl"


async def test_raw_objects_begin_as_the_servers_do(lab: World) -> None:
    await lab.kubectl("apply", "-f", "-", stdin=LISTED)
    _, one, _ = await lab.kubectl("get", "--raw", "/api/v1/namespaces/default/configmaps/one")
    assert one.startswith(
        '{"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"one","namespace":"default","uid"'
    )
    assert one.endswith("\n")
    _, many, _ = await lab.kubectl("get", "--raw", "/api/v1/namespaces/default/configmaps")
    assert '"items":[{"metadata":' in many


async def test_a_refused_object_still_brings_its_warnings(lab: World) -> None:
    wrong = WEB.replace("spec:\n  s", "spec:\n  replica: 1\n  replicas: -1\n  s")
    code, _, said = await lab.kubectl("apply", "--validate=warn", "-f", "-", stdin=wrong)
    assert code == 1
    first, second = said.splitlines()[:2]
    assert first == 'Warning: unknown field "spec.replica"'
    assert second.startswith('The Deployment "web" is invalid: spec.replicas: Invalid value: -1')


async def test_a_scale_is_shown_as_a_table_and_its_patch_is_checked(lab: World) -> None:
    await lab.kubectl("apply", "-f", "-", stdin=WEB)
    _, shown, _ = await lab.kubectl("get", "deployment", "web", "--subresource=scale")
    assert [line.split()[:3] for line in shown.splitlines()] == [
        ["NAME", "DESIRED", "AVAILABLE"],
        ["web", "1", "0"],
    ]
    patch = ("--subresource=scale", "--type=merge", "-p", '{"spec":{"replicas":"x"}}')
    code, _, said = await lab.kubectl("patch", "deployment", "web", *patch)
    assert code == 1
    assert "cannot unmarshal string into Go struct field ScaleSpec.spec.replicas" in said
