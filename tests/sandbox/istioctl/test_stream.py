"""A call over the wire: what is asked for, what comes back, and how it ends."""

import asyncio
import json
from contextlib import aclosing

import pytest
from sandbox.istioctl.bench import lab_of
from sandbox.istioctl.test_install import lab as installable

from app.sandbox.istioctl.lab import Lab
from app.sandbox.istioctl.stream import answer, request_of
from app.sandbox.objects import Json
from app.sandbox.status import StatusError


async def said(body: Json, lab: Lab) -> list[dict]:
    async with aclosing(answer(body, lab)) as lines:  # type: ignore[type-var]
        return [json.loads(line) async for line in lines]


async def test_a_call_ends_with_its_exit_status() -> None:
    lines = await said({"argv": ["version", "--remote=false"]}, lab_of([]))
    assert lines == [{"out": "client version: 1.31.0\n"}, {"code": 0}]


async def test_what_is_wrong_comes_as_standard_error() -> None:
    lines = await said({"argv": ["frobnicate"]}, lab_of([]))
    assert [list(line) for line in lines] == [["err"], ["code"]]
    assert lines[-1] == {"code": 64}


async def test_a_question_ends_the_answer_and_is_not_printed_twice() -> None:
    asked = await said({"argv": ["install"]}, installable())
    assert asked[-1] == {"ask": True}
    assert asked[-2]["out"].endswith("Proceed? (y/N) ")
    again = await said({"argv": ["install"], "answers": ["n"]}, installable())
    assert again == [{"err": "Cancelled.\n"}, {"code": 1}]


@pytest.mark.parametrize("body", [None, [], {}, {"argv": "version"}, {"argv": [1]}])
def test_a_body_without_a_line_is_refused(body: Json) -> None:
    with pytest.raises(StatusError) as refused:
        request_of(body)
    assert refused.value.code == 400


def test_files_and_folders_of_a_body_are_those_of_the_request() -> None:
    body: Json = {
        "argv": ["analyze", "d"],
        "files": {"d/a.yaml": "a: 1\n"},
        "folders": {"d": ["d/a.yaml", "d/b.txt"]},
        "namespace": "demo",
    }
    request = request_of(body)
    assert request.files == {"d/a.yaml": b"a: 1\n"}
    assert request.folders == {"d": ["d/a.yaml", "d/b.txt"]}
    assert (request.namespace, request.is_terminal) == ("demo", False)


async def test_who_leaves_early_ends_the_call() -> None:
    lines = answer({"argv": ["install", "-y", "--set", "profile=minimal"]}, installable())
    assert json.loads(await anext(lines))["err"].startswith("        |\\")
    await lines.aclose()  # type: ignore[attr-defined]
    left = [task for task in asyncio.all_tasks() if "_ended" in repr(task.get_coro())]
    assert left == []
