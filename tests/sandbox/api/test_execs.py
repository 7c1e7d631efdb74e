"""exec's channels, its ends and its refusals."""

import json

import pytest
from sandbox.api.sockets import V4, V5, refusal, said, send, socket
from sandbox.api.world import registry, running_pod

from app.sandbox.api.forwards import PROTOCOL
from app.sandbox.objects import at, text
from app.sandbox.registry.registry import Registry

POD = "/api/v1/namespaces/default/pods/web"
OUT = [("stdout", "true"), ("stderr", "true")]


@pytest.fixture
def made() -> Registry:
    found = registry()
    found.create(running_pod("web"))
    return found


async def test_a_program_ends_with_its_code(made: Registry) -> None:
    query = [("command", "curl"), ("command", "7"), *OUT]
    for protocol in (V5, V4):
        async with socket(made, f"{POD}/exec", query, protocol) as both:
            assert (await both.came.get())["subprotocol"] == protocol
            assert await said(both, 1) == b"default web web: curl 7\n"
            assert await said(both, 2) == b"an error\n"
            status = json.loads(await said(both, 3))
            assert at(status, "details.causes.0.message") == "7"
            assert (await both.came.get())["type"] == "websocket.close"


async def test_input_ends_when_its_channel_is_closed(made: Registry) -> None:
    query = [("command", "cat"), ("stdin", "true"), *OUT]
    async with socket(made, f"{POD}/exec", query) as both:
        send(both, b"\x00one\n")
        assert await said(both, 1) == b"one\n"
        send(both, b"\xff\x00")
        assert json.loads(await said(both, 3))["status"] == "Success"


async def test_a_terminal_echoes_and_ends_lines_as_terminals_do(made: Registry) -> None:
    query = [("command", "cat"), ("stdin", "true"), ("tty", "true"), *OUT]
    async with socket(made, f"{POD}/exec", query) as both:
        send(both, b"\x00hix\x7f\r")
        assert await said(both, 1) == b"hix\b \b\r\n"
        assert await said(both, 1) == b"hi\r\n"
        send(both, b"\x00\x04")
        assert json.loads(await said(both, 3))["status"] == "Success"


async def test_a_client_that_leaves_takes_its_program_along(made: Registry) -> None:
    async with socket(made, f"{POD}/exec", [("command", "sleep"), ("command", "60"), *OUT]) as both:
        assert (await both.came.get())["type"] == "websocket.accept"


@pytest.mark.parametrize(
    ("path", "query", "message"),
    [
        (POD.replace("web", "no"), [("command", "ls"), *OUT], 'pods "no" not found'),
        (POD, OUT, "you must specify at least one command for the container"),
        (POD, [("command", "ls")], "you must specify at least 1 of stdin, stdout, stderr"),
        (
            POD,
            [("command", "ls"), ("container", "x"), *OUT],
            "container x is not valid for pod web",
        ),
    ],
)
async def test_what_cannot_run_is_refused_before_it_begins(
    made: Registry, path: str, query: list[tuple[str, str]], message: str
) -> None:
    async with socket(made, f"{path}/exec", query) as both:
        assert text(await refusal(both), "message") == message


async def test_a_pod_that_does_not_run_and_another_path_are_refused(made: Registry) -> None:
    waiting = running_pod("late")
    made.create({**waiting, "status": {"phase": "Pending"}})
    late = POD.replace("web", "late")
    async with socket(made, f"{late}/exec", [("command", "ls"), *OUT]) as both:
        expected = 'unable to upgrade connection: container not found ("web")'
        assert json.loads(await said(both, 3))["message"].endswith(expected)
    async with socket(made, f"{late}/portforward", [], PROTOCOL) as both:
        assert "pod is not running. Current status=Pending" in text(await refusal(both), "message")
    async with socket(made, "/api/v1/pods", []) as both:
        assert at(await refusal(both), "code") == 404
    async with socket(made, f"{POD}/exec", [("command", "ls"), *OUT], "chat") as both:
        assert "unable to negotiate protocol" in text(await refusal(both), "message")
