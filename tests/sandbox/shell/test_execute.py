"""exec runs what the image has, and says what the runtime says of everything else."""

from collections.abc import AsyncIterator

import pytest
from sandbox.shell.lab import Lab, lab

from app.sandbox.shell.container import SIDECAR_USER
from app.sandbox.shell.execute import NotStarted

pytestmark = pytest.mark.anyio


@pytest.fixture
async def made() -> AsyncIterator[Lab]:
    async with lab() as made:
        yield made


@pytest.mark.parametrize(
    ("image", "argv", "why"),
    [
        ("nginx", ["foo"], 'exec: "foo": executable file not found in $PATH: unknown'),
        ("nginx", ["/no/such"], 'exec: "/no/such": stat /no/such: no such file or directory: unk'),
        ("nginx", ["nslookup", "x"], 'exec: "nslookup": executable file not found in $PATH: unkn'),
        ("hashicorp/http-echo", ["sh"], 'exec: "sh": executable file not found in $PATH: unknown'),
        ("busybox", ["curl"], 'exec: "curl": executable file not found in $PATH: unknown'),
        ("nginx", [], 'exec: "": executable file not found in $PATH: unknown'),
        ("nginx", ["/tmp/curl"], 'exec: "/tmp/curl": stat /tmp/curl: no such file or directory'),
    ],
)
async def test_what_the_image_has_not_cannot_be_run(
    made: Lab, image: str, argv: list[str], why: str
) -> None:
    with pytest.raises(NotStarted) as refused:
        await made.exec(made.container(image), *argv)
    assert why in str(refused.value)
    assert "OCI runtime exec failed: exec failed: unable to start" in str(refused.value)


@pytest.mark.parametrize(
    ("argv", "out"),
    [
        (["hostname"], "me\n"),
        (["hostname", "-i"], "10.244.0.2\n"),
        (["cat", "/etc/hostname"], "me\n"),
        (["/usr/bin/whoami"], "root\n"),
        (["id"], "uid=0(root) gid=0(root) groups=0(root)\n"),
        (["uname"], "Linux\n"),
        (["printenv", "PKG_RELEASE"], "1~bookworm\n"),
        (["ls", "/etc/nginx"], "conf.d\nnginx.conf\n"),
        (["ls", "-d", "/usr"], "/usr\n"),
        (["printenv", "HOME"], "/root\n"),
        (["ls", "/etc/nginx/conf.d"], "default.conf\n"),
        (["which", "curl", "nope"], "/usr/bin/curl\n"),
        (["echo", "a  b"], "a  b\n"),
    ],
)
async def test_tools_tell_of_the_container(made: Lab, argv: list[str], out: str) -> None:
    assert (await made.exec(made.container("nginx"), *argv)).out == out


async def test_every_pod_has_its_resolver_and_hosts(made: Lab) -> None:
    me = made.container("nginx")
    resolver = await made.exec(me, "cat", "/etc/resolv.conf")
    assert resolver.out == (
        "search demo.svc.cluster.local svc.cluster.local cluster.local\n"
        "nameserver 10.96.0.10\noptions ndots:5\n"
    )
    hosts = await made.exec(me, "cat", "/etc/hosts")
    assert hosts.out.endswith("10.244.0.2\tme\n")


async def test_nslookup_gives_a_services_address(made: Lab) -> None:
    await made.start("hashicorp/http-echo", "backend", 5678, "-text=hi")
    me = made.container("busybox")
    found = await made.exec(me, "nslookup", "backend")
    assert "Name:\tbackend.demo.svc.cluster.local\nAddress: 10.96.0.1\n" in found.out
    assert (await made.exec(me, "nslookup", "nope")).code == 1


async def test_busyboxs_wget_fetches(made: Lab) -> None:
    await made.start("hashicorp/http-echo", "backend", 5678, "-text=hi")
    await made.start("mccutchen/go-httpbin", "httpbin", 8080)
    me = made.container("busybox")
    assert (await made.exec(me, "wget", "-qO-", "http://backend")).out == "hi\n"
    assert (await made.exec(me, "wget", "-qO-", "http://nope")).err == (
        "wget: bad address 'nope'\n"
    )
    failed = await made.exec(me, "wget", "-q", "-O", "-", "http://httpbin/status/503")
    assert (failed.code, failed.err) == (
        1,
        "wget: server returned error: HTTP/1.1 503 Service Unavailable\n",
    )
    late = await made.exec(me, "wget", "-qO-", "-T", "0.05", "http://httpbin/delay/1")
    assert late.err == "wget: download timed out\n"
    refused = await made.exec(me, "wget", "-qO-", "http://localhost:81/")
    assert "can't connect to remote host (127.0.0.1): Connection refused" in refused.err


class FakeAgent:
    """An agent that says what it was asked."""

    async def admin(self, path: str, method: str = "GET") -> tuple[int, bytes]:
        return 200, f"{method} {path}".encode()


class DeadAgent:
    """An agent whose Envoy does not run."""

    async def admin(self, path: str, method: str = "GET") -> tuple[int, bytes]:
        raise ConnectionRefusedError


async def test_pilot_agent_asks_its_envoy(made: Lab) -> None:
    me = made.container("nginx")
    me.tools, me.agent, me.user = frozenset({"pilot-agent"}), FakeAgent(), SIDECAR_USER
    done = await made.exec(me, "pilot-agent", "request", "GET", "stats?filter=x")
    assert (done.code, done.out) == (0, "GET /stats?filter=x\n")
    missing = await made.exec(me, "pilot-agent", "request")
    assert (missing.code, missing.err) == (
        255,
        "Error: requires at least 2 arg(s), only received 0\n",
    )
    me.agent = DeadAgent()
    assert (await made.exec(me, "pilot-agent", "request", "GET", "ready")).code == 255


async def test_the_sidecars_user_is_not_captured(made: Lab) -> None:
    backend = await made.start("hashicorp/http-echo", "backend", 5678, "-text=hi")
    proxied = made.network.join("demo", "proxied", "uid-proxied", is_proxied=True)
    me = made.container("curlimages/curl")
    me.place = proxied
    url = f"http://{backend.place.ip}:5678/"
    assert (await made.exec(me, "curl", "-s", url)).code == 7  # there is no sidecar
    me.user = SIDECAR_USER
    assert (await made.exec(me, "curl", "-s", url)).out == "hi\n"
