"""curl asks as curl asks: flags, words, exit codes."""

import asyncio
import json
import re
import time
from collections.abc import AsyncIterator

import pytest
from sandbox.shell.lab import Done, Lab, lab

from app.sandbox.network import network as network_module
from app.sandbox.shell.container import Container

pytestmark = pytest.mark.anyio


class Asking:
    """A pod that asks, and two that answer."""

    def __init__(self, made: Lab, me: Container) -> None:
        self.lab = made
        self.me = me

    async def curl(self, *words: str, given: bytes = b"") -> Done:
        return await self.lab.exec(self.me, "curl", *words, given=given)

    async def said(self, *words: str) -> str:
        done = await self.curl("-s", *words)
        assert (done.code, done.err) == (0, "")
        return done.out

    async def told(self, *words: str) -> dict[str, object]:
        """What go-httpbin says that it was asked."""
        answer = json.loads(await self.said(*words))
        assert isinstance(answer, dict)
        return answer


@pytest.fixture
async def asking() -> AsyncIterator[Asking]:
    async with lab() as made:
        await made.start("hashicorp/http-echo", "backend", 5678, "-text=Backend v1")
        await made.start("mccutchen/go-httpbin", "httpbin", 8080)
        yield Asking(made, made.container("curlimages/curl:8.16.0"))


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


async def test_a_thousand_requests_cost_less_than_a_third_of_a_second(asking: Asking) -> None:
    began = time.process_time()
    out = await asking.said("http://backend/[1-1000]")
    assert out == "Backend v1\n" * 1000
    assert time.process_time() - began < 0.33


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


@pytest.mark.parametrize("glob", ["[5-1]", "[a", "{a", "a}", "a]", "{}", "{a,{b}}", "[1-3:9]"])
async def test_a_broken_glob_is_refused_with_its_place(asking: Asking, glob: str) -> None:
    done = await asking.curl("-sS", f"http://backend/{glob}")
    assert done.code == 3
    assert re.match(r"curl: \(3\) .* in URL position \d+:\n", done.err)


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


async def test_an_unknown_variable_is_said_to_be_unknown(asking: Asking) -> None:
    done = await asking.curl("-s", "-o", "/dev/null", "-w", "%{nope}|", "http://backend/")
    assert done.out == "|"
    assert done.err == "curl: unknown --write-out variable: 'nope'\n"


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["http://nope/"], 6, "Could not resolve host: nope"),
        (["http://localhost:9/"], 7, "Failed to connect to localhost port 9 after "),
        (["-f", "http://httpbin/status/503"], 22, "The requested URL returned error: 503"),
        (["-m", "0.05", "http://httpbin/delay/1"], 28, "Operation timed out after "),
        (["ftp://backend/"], 1, 'Protocol "ftp" not supported'),
        (["http://"], 3, "URL rejected: No host part in the URL"),
        (["http://a b/"], 3, "URL rejected: Malformed input to a URL function"),
        (["-L", "--max-redirs", "1", "http://httpbin/redirect/3"], 47, "Maximum (1) redirects fol"),
        (["https://backend:80/"], 35, "OpenSSL/3.0.20: error:0A00010B:SSL routines::wrong version"),
        (["-o", "/etc/x", "http://backend/"], 23, "Failure writing output to destination"),
    ],
)
async def test_failures_have_curls_codes_and_words(
    asking: Asking, words: list[str], code: int, said: str
) -> None:
    done = await asking.curl("-sS", *words)
    assert done.code == code
    assert f"curl: ({code}) {said}" in done.err


async def test_s_alone_is_silent_about_failures(asking: Asking) -> None:
    done = await asking.curl("-s", "http://nope/")
    assert (done.code, done.out, done.err) == (6, "", "")


async def test_a_failed_request_has_status_000(asking: Asking) -> None:
    done = await asking.curl("-s", "-w", "%{http_code} %{exitcode}\\n", "http://nope/")
    assert done.out == "000 6\n"


async def test_an_address_that_nobody_has_cannot_be_connected_to(
    asking: Asking, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(network_module, "NO_ROUTE_S", 0.0)
    for address in ("10.244.0.99", "169.254.169.254", "192.168.49.2:22"):
        assert (await asking.curl("-s", f"http://{address}/")).code == 7


async def test_a_connection_that_is_cut_is_told_as_real_curl_tells_it(asking: Asking) -> None:
    async def cut(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answers.pop(0))
        writer.close()

    answers = [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab", b"no HTTP at all\r\n\r\n"]
    server = await asyncio.start_unix_server(cut, asking.me.place.program(80))
    codes = [(await asking.curl("-s", "http://localhost/")).code for _ in range(3)]
    server.close()
    await server.wait_closed()
    assert codes == [52, 18, 1]


async def test_a_connection_that_died_while_idle_is_opened_anew(asking: Asking) -> None:
    served = 0

    async def once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal served
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        served += 1
        await reader.read(1)
        writer.close()

    server = await asyncio.start_unix_server(once, asking.me.place.program(80))
    assert await asking.said("http://localhost/[1-3]") == "okokok"
    server.close()
    await server.wait_closed()
    assert served == 3


async def test_transfers_side_by_side_overlap(asking: Asking) -> None:
    began = time.perf_counter()
    words = ["--parallel", "--parallel-immediate", "-o", "/dev/null", "-w", "%{http_code}\\n"]
    out = await asking.said(*words, "http://httpbin/delay/0.2?n=[1-10]")
    assert out == "200\n" * 10
    assert time.perf_counter() - began < 1.0


async def test_rate_spreads_transfers(asking: Asking) -> None:
    began = time.perf_counter()
    await asking.said("--rate", "600/m", "http://backend/[1-3]")
    assert 0.18 < time.perf_counter() - began < 0.8


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


async def test_retry_asks_again_after_a_transient_failure(asking: Asking) -> None:
    words = ["--retry", "2", "--retry-delay", "0.01", "http://httpbin/status/503"]
    done = await asking.curl(*words)
    assert done.code == 0
    assert done.err.count("Warning: Problem: HTTP error. Will retry in 0.01 seconds.") == 2


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


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "curl: try 'curl --help'"),
        (["-s"], "curl: no URL specified!"),
        (["--nope", "x"], "curl: option --nope: is unknown"),
        (["-d"], "curl: option -d: requires parameter"),
        (["-m", "x", "y"], "curl: option --max-time: expected a proper numerical parameter"),
        (["--unix-socket", "/var/run/docker.sock", "http://x/"], "does not emulate --unix-socket"),
        (["-x", "http://10.0.0.1:3128", "http://x/"], "does not emulate --proxy"),
        (["--interface", "eth0", "http://x/"], "does not emulate --interface"),
        (["-K", "/etc/passwd", "http://x/"], "does not emulate --config"),
    ],
)
async def test_a_wrong_command_line_is_refused(asking: Asking, words: list[str], said: str) -> None:
    done = await asking.curl(*words)
    assert done.code == 2
    assert said in done.err


async def test_files_of_the_host_are_not_there(asking: Asking) -> None:
    for word in ("@/etc/passwd", "@/proc/self/environ", "@/work"):
        assert (await asking.curl("-s", "-d", word, "http://httpbin/post")).code == 26
    assert (await asking.curl("-s", "-T", "/etc/shadow", "http://httpbin/put")).code == 26


async def test_a_transfer_can_be_cut_off_and_leaves_nothing_open(asking: Asking) -> None:
    task = asyncio.ensure_future(asking.curl("-s", "http://httpbin/delay/5"))
    await asyncio.sleep(0.02)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
