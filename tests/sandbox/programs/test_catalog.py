"""Images are found by every way of naming them, and do what their commands say."""

from collections.abc import AsyncIterator

import pytest
from sandbox.shell.lab import Lab, lab

from app.sandbox.programs.catalog import find
from app.sandbox.shell.execute import NotStarted

pytestmark = pytest.mark.anyio


@pytest.fixture
async def made() -> AsyncIterator[Lab]:
    async with lab() as made:
        yield made


@pytest.mark.parametrize(
    ("reference", "name"),
    [
        ("nginx", "docker.io/library/nginx:latest"),
        ("nginx:1.27-alpine", "docker.io/library/nginx:1.27-alpine"),
        ("docker.io/nginx", "docker.io/library/nginx:latest"),
        ("docker.io/library/nginx:1", "docker.io/library/nginx:1"),
        ("hashicorp/http-echo", "docker.io/hashicorp/http-echo:latest"),
        ("ghcr.io/mccutchen/go-httpbin:v2", "ghcr.io/mccutchen/go-httpbin:v2"),
        ("docker.io/curlimages/curl:8.16.0", "docker.io/curlimages/curl:8.16.0"),
        (
            "registry.istio.io/release/examples-helloworld-v1:1.0",
            "registry.istio.io/release/examples-helloworld-v1:1.0",
        ),
    ],
)
def test_an_image_is_found_by_its_names(reference: str, name: str) -> None:
    image = find(reference)
    assert image is not None
    assert image.name == name


@pytest.mark.parametrize(
    "reference",
    [
        "ngnix",
        "mccutchen/go-httpbim",
        "quay.io/nginx",
        "NGINX",
        "nginx:",
        "nginx:lates",
        "nginx:no-such-tag",
        "nginx@sha256:1",
        "",
        "a b",
    ],
)
def test_whatever_else_is_not_had(reference: str) -> None:
    assert find(reference) is None


async def test_http_echo_answers_with_its_text(made: Lab) -> None:
    await made.start(
        "hashicorp/http-echo", "echo", 80, "-listen=:80", "-text", "hi", "-status-code=201"
    )
    me = made.container("curlimages/curl")
    done = await made.exec(me, "curl", "-s", "-w", "%{http_code}", "http://echo/any/path")
    assert done.out == "hi\n201"
    assert " [INFO] server is listening on :80" in made.logs["echo"][0]


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ([], 127, "Missing -text option!"),
        (["-nope"], 2, "flag provided but not defined: -nope"),
        (["-text"], 2, "flag needs an argument: -text"),
        (["-text=a", "more"], 127, "Too many arguments!"),
    ],
)
async def test_http_echo_ends_where_its_flags_are_wrong(
    made: Lab, words: list[str], code: int, said: str
) -> None:
    await made.start("hashicorp/http-echo", "echo", 5678, *words)
    assert await made.running["echo"] == code
    assert made.logs["echo"][0] == said


async def test_two_programs_cannot_have_one_port_of_a_pod(made: Lab) -> None:
    first = await made.start("hashicorp/http-echo", "echo", 5678, "-text=a")
    second = made.container("hashicorp/http-echo", "other", "-text=b")
    second.place = first.place
    image = find("hashicorp/http-echo")
    assert image is not None
    assert await image.program(second) == 127
    assert "address already in use" in made.logs["other"][-1]


async def test_helloworld_says_its_version_and_its_pod(made: Lab) -> None:
    await made.start("istio/examples-helloworld-v2", "hello", 5000)
    me = made.container("curlimages/curl")
    done = await made.exec(me, "curl", "-s", "http://hello/hello")
    assert done.out == "Hello version: v2, instance: hello\n"


async def test_a_pod_runs_a_command_and_logs_what_it_prints(made: Lab) -> None:
    await made.start("busybox", "job", 1, "sh", "-c", "echo one; printf two; exit 3")
    assert await made.running["job"] == 3
    assert made.logs["job"] == ["one", "two"]


async def test_curls_image_takes_options_and_commands(made: Lab) -> None:
    await made.start("hashicorp/http-echo", "echo", 5678, "-text=hi")
    await made.start("curlimages/curl", "asks", 1, "-s", "http://echo/")
    assert (await made.running["asks"], made.logs["asks"]) == (0, ["hi"])
    await made.start("curlimages/curl", "says", 1, "echo", "x")
    assert (await made.running["says"], made.logs["says"]) == (0, ["x"])


async def test_a_command_that_the_image_has_not_does_not_start(made: Lab) -> None:
    await made.start("hashicorp/http-echo", "echo", 5678)
    container = made.container("hashicorp/http-echo", "other")
    container.argv = ["sleep", "1"]
    image = find("hashicorp/http-echo")
    assert image is not None
    with pytest.raises(NotStarted, match='exec: "sleep"'):
        await image.program(container)


async def test_fortio_asks_so_many_times_and_reports_the_codes(made: Lab) -> None:
    await made.start("mccutchen/go-httpbin", "httpbin", 8080)
    asks = await made.start("docker.io/fortio/fortio:latest_release", "fortio", 8080)
    words = ["load", "-c", "3", "-qps", "0", "-n", "20", "-loglevel", "Warning"]
    done = await made.exec(asks, "/usr/bin/fortio", *words, "http://httpbin/status/503")
    told = [line for line in done.err.splitlines() if not line.startswith("{")]
    assert told[0].endswith(
        "running at 0 queries per second, 2->2 procs, for 20 calls: http://httpbin/status/503"
    )
    assert "Sockets used: 20 (for perfect keepalive, would be 3)" in told  # a bad answer closes
    assert "Code 503 : 20 (100.0 %)" in told
    assert told[-1].startswith("All done 20 calls (plus 0 warmup) ")
    assert done.err.count("Non ok http code") == 20
    seen = await made.exec(asks, "fortio", "curl", "-quiet", "http://httpbin/user-agent")
    assert seen.err.startswith("HTTP/1.1 200 OK\r\n")
    assert "fortio.org/fortio-" in seen.out
    assert (await made.exec(asks, "fortio", "grpcping", "x")).code == 1
