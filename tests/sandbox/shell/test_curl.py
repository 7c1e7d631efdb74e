"""curl asks as curl asks: flags, globs, redirects, what it prints."""

import json
import re
import time
from collections.abc import AsyncIterator

import pytest
from sandbox.shell.asking import Asking, asking_pod

pytestmark = pytest.mark.anyio


@pytest.fixture
async def asking() -> AsyncIterator[Asking]:
    async with asking_pod() as asking:
        yield asking


async def test_the_body_alone_is_printed(asking: Asking) -> None:
    assert await asking.said("http://backend/") == "Backend v1\n"


async def test_a_scheme_is_not_needed(asking: Asking) -> None:
    assert await asking.said("backend") == "Backend v1\n"


async def test_i_prints_the_head_first(asking: Asking) -> None:
    head, _, body = (await asking.said("-i", "http://backend/")).partition("\r\n\r\n")
    assert head.startswith("HTTP/1.1 200 OK\r\nX-App-Name: http-echo\r\n")
    assert body == "Backend v1\n"


async def test_capital_i_asks_for_the_head_alone(asking: Asking) -> None:
    out = await asking.said("-I", "http://backend/")
    assert out.startswith("HTTP/1.1 200 OK\r\n")
    assert out.endswith("\r\n\r\n")


async def test_a_range_of_urls_is_asked_over_one_connection(asking: Asking) -> None:
    out = await asking.said("-w", "%{num_connects}\n", "-o", "/dev/null", "http://backend/[1-5]")
    assert out == "1\n0\n0\n0\n0\n"


async def test_one_command_asks_a_thousand_times(asking: Asking) -> None:
    out = await asking.said("http://backend/[1-1000]")
    assert out == "Backend v1\n" * 1000


@pytest.mark.parametrize(
    ("glob", "asked"),
    [
        ("[1-3]", ["1", "2", "3"]),
        ("[01-03]", ["01", "02", "03"]),
        ("[1-10:4]", ["1", "5", "9"]),
        ("[a-c]", ["a", "b", "c"]),
        ("{x,yy}", ["x", "yy"]),
        ("{a,b}[1-2]", ["a1", "a2", "b1", "b2"]),
        ("\\[x\\]", ["[x]"]),
    ],
)
async def test_globs_turn_as_curls_do(asking: Asking, glob: str, asked: list[str]) -> None:
    form = "%{url_effective}\n"
    out = await asking.said("-o", "/dev/null", "-w", form, f"http://backend/{glob}")
    assert out.split() == [f"http://backend/{each}" for each in asked]


async def test_g_takes_a_glob_as_it_stands(asking: Asking) -> None:
    asked = await asking.told("-g", "http://httpbin/get?a=[1-2]")
    assert asked["args"] == {"a": ["[1-2]"]}


async def test_transfers_after_next_have_their_own_options(asking: Asking) -> None:
    words = ["-w", "one %{http_code}\\n", "-o", "/dev/null", "http://httpbin/status/503", "--next"]
    out = await asking.said(*words, "-s", "-w", "two %{exitcode}\\n", "http://backend/")
    assert out == "one 503\nBackend v1\ntwo 0\n"


async def test_w_knows_its_variables(asking: Asking) -> None:
    form = "%{http_code} %{size_download} %{content_type} %{remote_ip}:%{remote_port} %{scheme}"
    form += " %{http_version} %{method} %header{x-app-name} %{errormsg}%%"
    out = await asking.said("-o", "/dev/null", "-w", form, "http://backend/")
    assert out == "200 11 text/plain; charset=utf-8 10.96.0.1:80 HTTP 1.1 GET http-echo %"


async def test_w_says_how_long_it_took(asking: Asking) -> None:
    out = await asking.said("-o", "/dev/null", "-w", "%{time_total}", "http://httpbin/delay/0.1")
    assert re.fullmatch(r"0\.1\d{5}", out)


async def test_transfers_side_by_side_overlap(asking: Asking) -> None:
    began = time.perf_counter()
    words = ["--parallel", "--parallel-immediate", "-o", "/dev/null", "-w", "%{http_code}\\n"]
    out = await asking.said(*words, "http://httpbin/delay/0.2?n=[1-10]")
    assert out == "200\n" * 10
    assert time.perf_counter() - began < 1.0


async def test_rate_spreads_transfers(asking: Asking) -> None:
    began = time.perf_counter()
    await asking.said("--rate", "600/m", "http://backend/[1-3]")
    assert 0.18 < time.perf_counter() - began < 10


async def test_redirects_are_followed_when_asked_to(asking: Asking) -> None:
    form = "%{http_code} %{num_redirects} %{url_effective}"
    asked = ["-o", "/dev/null", "-w", form]
    assert await asking.said("-L", *asked, "http://httpbin/redirect/2") == (
        "200 2 http://httpbin/get"
    )
    assert (await asking.said(*asked, "http://httpbin/redirect/2")).startswith("302 0 ")


async def test_data_is_posted_as_a_form(asking: Asking) -> None:
    asked = await asking.told("-d", "a=1", "-d", "b=2", "http://httpbin/post")
    assert (asked["form"], asked["method"]) == ({"a": ["1"], "b": ["2"]}, "POST")


async def test_data_of_get_goes_into_the_query(asking: Asking) -> None:
    words = ["-G", "-d", "a=1", "--data-urlencode", "b=x y", "http://httpbin/get"]
    assert (await asking.told(*words))["args"] == {"a": ["1"], "b": ["x y"]}


async def test_data_comes_from_input_and_files(asking: Asking) -> None:
    done = await asking.curl("-s", "-d", "@-", "http://httpbin/post", given=b"k=v\n")
    assert json.loads(done.out)["form"] == {"k": ["v"]}
    asking.me.files.put("/tmp/in", b'{"x": 1}')
    assert (await asking.told("--json", "@/tmp/in", "http://httpbin/post"))["json"] == {"x": 1}


async def test_headers_are_added_replaced_and_left_out(asking: Asking) -> None:
    words = ["-H", "X-A: 1", "-H", "Host: other", "-H", "Accept:", "-A", "me", "-H", "X-E;"]
    seen = (await asking.told(*words, "http://httpbin/headers"))["headers"]
    assert seen == {"Host": ["other"], "User-Agent": ["me"], "X-A": ["1"], "X-E": [""]}


async def test_a_line_end_in_a_header_starts_no_other(asking: Asking) -> None:
    seen = (await asking.told("-H", "X-A: 1\r\nX-B: 2", "http://httpbin/headers"))["headers"]
    assert isinstance(seen, dict)
    assert "X-B" not in seen


async def test_a_user_and_a_token_are_sent(asking: Asking) -> None:
    assert (await asking.curl("-sf", "-u", "u:p", "http://httpbin/basic-auth/u/p")).code == 0
    assert (await asking.curl("-sf", "http://httpbin/basic-auth/u/p")).code == 22
    asked = ["-sf", "--oauth2-bearer", "t", "http://httpbin/bearer"]
    assert (await asking.curl(*asked)).code == 0


async def test_resolve_and_connect_to_lead_elsewhere(asking: Asking) -> None:
    pin = ["--resolve", "made.up:80:10.96.0.1"]
    assert await asking.said(*pin, "http://made.up/") == "Backend v1\n"
    assert await asking.said("--connect-to", "::backend:80", "http://x.y/") == "Backend v1\n"


async def test_output_goes_to_files_below_tmp(asking: Asking) -> None:
    await asking.said("-o", "/tmp/out#1", "http://backend/[1-2]")
    assert asking.me.files.read("/tmp/out2") == b"Backend v1\n"


async def test_v_tells_the_conversation(asking: Asking) -> None:
    done = await asking.curl("-sv", "http://backend/")
    told = done.err.splitlines()
    assert "> GET / HTTP/1.1" in told
    assert "< HTTP/1.1 200 OK" in told
    assert "* Connected to backend (10.96.0.1) port 80" in told


async def test_the_meter_shows_where_nothing_silences_it(asking: Asking) -> None:
    done = await asking.curl("http://backend/")
    assert done.err.startswith("  % Total    % Received % Xferd")
    assert (await asking.curl("--no-progress-meter", "http://backend/")).err == ""
