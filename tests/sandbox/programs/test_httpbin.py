"""go-httpbin answers as go-httpbin 2.26 does."""

import json
import time
from collections.abc import AsyncIterator

import pytest
from sandbox.shell.lab import Lab, lab

pytestmark = pytest.mark.anyio


class Bin:
    """A pod that asks go-httpbin."""

    def __init__(self, made: Lab) -> None:
        self._lab = made
        self._me = made.container("curlimages/curl")

    async def get(self, path: str, *words: str) -> tuple[int, dict[str, str], str]:
        """Return status, headers as they are spelt, and body."""
        done = await self._lab.exec(self._me, "curl", "-s", "-i", *words, f"http://httpbin/{path}")
        head, _, body = done.out.partition("\r\n\r\n")
        first, *lines = head.split("\r\n")
        headers = {name: value for name, _, value in (line.partition(": ") for line in lines)}
        return int(first.split()[1]), headers, body


@pytest.fixture
async def httpbin() -> AsyncIterator[Bin]:
    async with lab() as made:
        await made.start("mccutchen/go-httpbin:v2.15.0", "httpbin", 8080)
        yield Bin(made)


async def test_get_tells_the_request_in_gos_shape(httpbin: Bin) -> None:
    status, headers, body = await httpbin.get("get?a=1&b=2&a=3", "-H", "x-request-id: r")
    assert status == 200
    assert list(headers) == [
        "Access-Control-Allow-Credentials",
        "Access-Control-Allow-Origin",
        "Content-Type",
        "Date",
        "Content-Length",
    ]
    assert json.loads(body) == {
        "args": {"a": ["1", "3"], "b": ["2"]},
        "headers": {
            "Accept": ["*/*"],
            "Host": ["httpbin"],
            "User-Agent": ["curl/8.16.0"],
            "X-Request-Id": ["r"],
        },
        "method": "GET",
        "origin": "10.244.0.3",
        "url": "http://httpbin/get?a=1&b=2&a=3",
    }
    assert body.startswith('{\n  "args": {\n    "a": [\n      "1",\n')


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("status/503", 503),
        ("status/418", 418),
        ("status/204", 204),
        ("status/304", 304),
        ("unstable?failure_rate=1", 500),
        ("unstable?failure_rate=0", 200),
        ("redirect/2", 302),
        ("redirect-to?url=/get&status_code=307", 307),
        ("basic-auth/u/p", 401),
        ("hidden-basic-auth/u/p", 404),
        ("bearer", 401),
        ("nope", 404),
        ("status/", 404),
        ("post", 405),
        ("anything/a/b", 200),
        ("image/png", 501),
        ("digest-auth/auth/u/p", 501),
    ],
)
async def test_paths_answer_with_their_status(httpbin: Bin, path: str, status: int) -> None:
    assert (await httpbin.get(path))[0] == status


@pytest.mark.parametrize(
    ("path", "detail"),
    [
        ("status/abc", 'invalid status code: "abc": strconv.Atoi: parsing "abc": invalid syntax'),
        ("status/999", "invalid status code: 999 not in range [100, 599]"),
        ("delay/x", 'invalid duration: strconv.ParseFloat: parsing "x": invalid syntax'),
        ("delay/20", "invalid duration: duration 20s longer than 10s"),
        ("unstable?failure_rate=2", "invalid failure rate: %!d(<nil>) not in range [0, 1]"),
        ("bytes/-1", "invalid byte count: -1 must be greater than 0"),
        ("redirect/0", "redirect count must be > 0"),
        ("redirect-to", "missing required query parameter: url"),
        ("drip?numbytes=0", "invalid numbytes: 0 not in range [1, 1048576]"),
    ],
)
async def test_wrong_parameters_are_refused_with_gos_words(
    httpbin: Bin, path: str, detail: str
) -> None:
    status, _headers, body = await httpbin.get(path)
    assert status == 400
    assert json.loads(body) == {"status_code": 400, "error": "Bad Request", "detail": detail}


async def test_unstable_fails_in_its_share(httpbin: Bin) -> None:
    done = await httpbin._lab.exec(
        httpbin._me, "curl", "-s", "-o", "/dev/null", "-w", "%{http_code}\\n",
        "http://httpbin/unstable?failure_rate=0.5&n=[1-400]",
    )  # fmt: skip
    failed = done.out.split().count("500")
    assert 140 < failed < 260  # 200 ± 6 standard deviations
    assert done.out.split().count("200") == 400 - failed


async def test_delay_takes_its_time(httpbin: Bin) -> None:
    began = time.perf_counter()
    status, headers, _body = await httpbin.get("delay/0.1")
    assert 0.1 <= time.perf_counter() - began < 10
    assert (status, headers["Server-Timing"]) == (
        200,
        'initial_delay;dur=100.00;desc="initial delay"',
    )


async def test_bodies_are_told_by_their_kind(httpbin: Bin) -> None:
    form = json.loads((await httpbin.get("post", "-d", "a=1"))[2])
    assert (form["data"], form["form"], form["json"]) == ("a=1", {"a": ["1"]}, None)
    sent = json.loads((await httpbin.get("anything", "--json", '{"x": [1, 2.0]}'))[2])
    assert sent["json"] == {"x": [1, 2]}
    parts = json.loads((await httpbin.get("post", "-F", "a=1"))[2])
    assert parts["form"] == {"a": ["1"]}
    raw = json.loads(
        (await httpbin.get("put", "-X", "PUT", "-d", "x", "-H", "Content-Type: a/b"))[2]
    )
    assert raw["data"] == "data:a/b;base64,eA=="


async def test_a_long_answer_comes_in_chunks(httpbin: Bin) -> None:
    _status, headers, body = await httpbin.get("get?x=" + "y" * 3000)
    assert headers["Transfer-Encoding"] == "chunked"
    assert "Content-Length" not in headers
    assert len(json.loads(body)["args"]["x"][0]) == 3000


async def test_drip_and_stream_come_piece_by_piece(httpbin: Bin) -> None:
    assert (await httpbin.get("drip?numbytes=3&duration=0.02&delay=0"))[2] == "***"
    assert len((await httpbin.get("stream/3"))[2].splitlines()) == 3
    assert (await httpbin.get("range/30"))[2] == "abcdefghijklmnopqrstuvwxyzabcd"


async def test_no_header_can_be_smuggled_into_an_answer(httpbin: Bin) -> None:
    path = "response-headers?X-A=1%0d%0aX-B:%202"
    assert (await httpbin.get(path))[0] == 400
    assert (await httpbin.get("redirect-to?url=/%0d%0aX-B:%202"))[0] == 400
