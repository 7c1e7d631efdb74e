"""attach: output as it comes, and no input."""

import json

from sandbox.api.sockets import refusal, said, send, socket
from sandbox.api.world import registry, running_pod

from app.sandbox.objects import Json, Obj, items, table, text
from app.sandbox.registry.registry import Registry

ATTACH = "/api/v1/namespaces/default/pods/web/attach"
OUT = [("stdout", "true"), ("stderr", "true"), ("stdin", "true")]


def made(**container: Json) -> Registry:
    found, pod = registry(), running_pod("web")
    spec: Obj = {**table(pod, "spec")}
    spec["containers"] = [{**items(pod, "spec.containers")[0], **container}]
    found.create({**pod, "spec": spec})
    return found


async def test_what_a_container_says_comes_until_it_ends() -> None:
    async with socket(made(stdin=True, args=["curl", "-s", "x"]), ATTACH, OUT) as both:
        send(both, b"\x00typed for nobody\n")
        assert await said(both, 1) == b"first\n"
        assert await said(both, 1) == b"second\n"
        assert json.loads(await said(both, 3))["status"] == "Success"


async def test_a_program_that_would_wait_for_input_is_not_attached_to() -> None:
    for argv in ([], ["sh"], ["cat"]):
        async with socket(made(stdin=True, args=[*argv]), ATTACH, OUT) as both:
            assert "gives no input" in text(await refusal(both), "message")
