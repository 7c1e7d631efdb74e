"""What goes wrong has curl's words and curl's exit codes."""

import asyncio
import re
from collections.abc import AsyncIterator

import pytest
from sandbox.shell.asking import Asking, asking_pod

from app.sandbox.network import network as network_module

pytestmark = pytest.mark.anyio


@pytest.fixture
async def asking() -> AsyncIterator[Asking]:
    async with asking_pod() as asking:
        yield asking


@pytest.mark.parametrize("glob", ["[5-1]", "[a", "{a", "a}", "a]", "{}", "{a,{b}}", "[1-3:9]"])
async def test_a_broken_glob_is_refused_with_its_place(asking: Asking, glob: str) -> None:
    done = await asking.curl("-sS", f"http://backend/{glob}")
    assert done.code == 3
    assert re.match(r"curl: \(3\) .* in URL position \d+:\n", done.err)


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


async def test_retry_asks_again_after_a_transient_failure(asking: Asking) -> None:
    words = ["--retry", "2", "--retry-delay", "0.01", "http://httpbin/status/503"]
    done = await asking.curl(*words)
    assert done.code == 0
    assert done.err.count("Warning: Problem: HTTP error. Will retry in 0.01 seconds.") == 2


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
