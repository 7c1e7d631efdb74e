"""The program in a sandbox's terminal: what it sends, what it prints, how it ends."""

import asyncio
import base64
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import anyio
import pytest

from app.sandbox.istioctl.client import __main__ as start
from app.sandbox.istioctl.client.build import BUILD
from app.sandbox.istioctl.client.files import MOST_BYTES, attached, named
from app.sandbox.istioctl.client.kubeconfig import chosen, load, parse
from app.sandbox.istioctl.client.trouble import Trouble

PROGRAM = Path(start.__file__)
AS_KUBECTL_WRITES = """\
apiVersion: v1
clusters:
- cluster:
    certificate-authority: ca.crt
    server: https://127.0.0.1:1
  name: other
- cluster:
    certificate-authority-data: aGVsbG8=
    server: https://127.0.0.1:4321
  name: sandbox
contexts:
- context:
    cluster: other
    user: other
  name: other
- context:
    cluster: sandbox
    namespace: mesh-demo
    user: owner
  name: sandbox
current-context: sandbox
kind: Config
preferences: {}
users:
- name: other
  user: {}
- name: owner
  user:
    token: "secret: yes"
"""
FLOW = """\
clusters: [{name: theirs, cluster: {server: "https://127.0.0.1:7"}}]
contexts: [{name: mine, context: {cluster: theirs, user: owner}}]
current-context: mine
users: [{name: owner, user: {token: theirs}}]
"""


@dataclass
class Server:
    """An API server that keeps what it is asked, and gives the answers that it was told to."""

    answers: list[list[dict]]
    status: str = "200 OK"
    heads: list[str] = field(default_factory=list)
    bodies: list[dict] = field(default_factory=list)
    port: int = 0

    async def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        length = int(head.lower().partition("content-length: ")[2].split()[0])
        self.heads.append(head)
        self.bodies.append(json.loads(await reader.readexactly(length)))
        writer.write(f"HTTP/1.1 {self.status}\r\nTransfer-Encoding: chunked\r\n\r\n".encode())
        for line in self.answers[len(self.bodies) - 1]:
            piece = json.dumps(line).encode() + b"\n"
            for half in (piece[:5], piece[5:]):  # a line need not come in one piece
                writer.write(b"%x\r\n%s\r\n" % (len(half), half))
        writer.write(b"0\r\n\r\n")
        await writer.drain()
        writer.close()
        await writer.wait_closed()


@asynccontextmanager
async def serving(*answers: list[dict], status: str = "200 OK") -> AsyncIterator[Server]:
    server = Server(list(answers), status)
    async with await asyncio.start_server(server.take, "127.0.0.1", 0) as listening:
        server.port = listening.sockets[0].getsockname()[1]
        yield server


async def istioctl(
    server: Server, folder: Path, *argv: str, stdin: bytes = b""
) -> tuple[int, str, str]:
    config = {
        "clusters": [{"name": "c", "cluster": {"server": f"http://127.0.0.1:{server.port}"}}],
        "users": [{"name": "u", "user": {"token": "secret"}}],
        "contexts": [{"name": "x", "context": {"cluster": "c", "user": "u", "namespace": "demo"}}],
        "current-context": "x",
    }
    path = folder / "kubeconfig"
    path.write_text(json.dumps(config))
    line = [sys.executable, "-IS", str(PROGRAM), *argv]
    env = {"KUBECONFIG": str(path)}
    done = await anyio.run_process(line, input=stdin, env=env, check=False, cwd=folder)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


async def test_it_prints_both_streams_and_ends_with_the_status(tmp_path: Path) -> None:
    async with serving([{"out": "✔ one\n"}, {"err": "two\n"}, {"code": 79}]) as server:
        assert await istioctl(server, tmp_path, "analyze") == (79, "✔ one\n", "two\n")
    (body,) = server.bodies
    assert (body["argv"], body["namespace"], body["terminal"]) == (["analyze"], "demo", False)
    assert "Authorization: Bearer secret\r\n" in server.heads[0]
    assert server.heads[0].startswith("POST /apis/sandbox.mesh-dojo/v1/istioctl HTTP/1.1\r\n")


async def test_it_sends_the_files_and_folders_that_the_line_names(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("a: 1\n")
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "b.yml").write_text("b: 2\n")
    (tmp_path / "more" / "c.txt").write_text("no\n")
    async with serving([{"code": 0}]) as server:
        await istioctl(server, tmp_path, "analyze", "a.yaml", "more", "gone.yaml", "-n", "demo")
    (body,) = server.bodies
    assert body["files"] == {"a.yaml": "a: 1\n", "more/b.yml": "b: 2\n"}
    assert body["folders"] == {"more": ["more/b.yml", "more/c.txt"]}


async def test_it_asks_the_person_and_calls_anew(tmp_path: Path) -> None:
    asked = [{"out": "Proceed? (y/N) "}, {"ask": True}]
    async with serving(asked, [{"out": "done\n"}, {"code": 0}]) as server:
        code, out, _ = await istioctl(server, tmp_path, "install", stdin=b"y\n")
    assert (code, out) == (0, "Proceed? (y/N) done\n")
    assert [body["answers"] for body in server.bodies] == [[], ["y"]]


async def test_nobody_there_to_answer_means_no(tmp_path: Path) -> None:
    async with serving([{"ask": True}], [{"code": 1}]) as server:
        assert (await istioctl(server, tmp_path, "install"))[0] == 1
    assert server.bodies[1]["answers"] == ["n"]


async def test_a_server_that_refuses_is_told_with_its_words(tmp_path: Path) -> None:
    refusal = [{"kind": "Status", "message": "Unauthorized"}]
    async with serving(refusal, status="401 Unauthorized") as server:
        said = await istioctl(server, tmp_path, "version")
    assert said == (1, "", "Error: Unauthorized\n")


async def test_a_cluster_that_knows_its_people_by_certificates_is_another(tmp_path: Path) -> None:
    async with serving([{"message": "forbidden"}], status="403 Forbidden") as server:
        config = AS_KUBECTL_WRITES.replace(
            "https://127.0.0.1:1\n", f"http://127.0.0.1:{server.port}\n"
        ).replace("    certificate-authority: ca.crt\n", "")
        (tmp_path / "config").write_text(config)
        line = [sys.executable, "-IS", str(PROGRAM), "version", "--context", "other"]
        env = {"KUBECONFIG": str(tmp_path / "config")}
        done = await anyio.run_process(line, env=env, check=False)
    assert done.returncode == 1
    assert b'Error: context "other" leads to another cluster' in done.stderr


async def test_an_answer_that_breaks_off_is_an_error(tmp_path: Path) -> None:
    async with serving([{"out": "half"}]) as server:
        code, out, err = await istioctl(server, tmp_path, "version")
    assert (code, out) == (1, "half")
    assert err == "Error: the sandbox ended while the command ran\n"


async def test_no_server_is_told_in_a_sentence(tmp_path: Path) -> None:
    async with serving() as server:
        pass
    code, _, err = await istioctl(server, tmp_path, "analyze")
    assert code == 1
    assert err.startswith(f"Error: the sandbox at 127.0.0.1:{server.port} does not answer: ")


@pytest.mark.parametrize("form", ["", "--output=json"])
async def test_its_own_version_needs_no_server(tmp_path: Path, form: str) -> None:
    async with serving() as server:
        pass
    code, out, err = await istioctl(server, tmp_path, "version", "--remote=false", *form.split())
    assert (code, err) == (0, "")
    assert BUILD["version"] in out


def test_a_kubeconfig_as_kubectl_writes_it_is_read() -> None:
    found = chosen(parse(AS_KUBECTL_WRITES), "")
    assert found == {
        "context": "sandbox",
        "scheme": "https",
        "host": "127.0.0.1",
        "port": "4321",
        "ca": base64.b64decode("aGVsbG8=").decode(),
        "ca-file": "",
        "token": "secret: yes",
        "namespace": "mesh-demo",
    }


def test_another_context_of_the_line_is_the_one_that_counts() -> None:
    found = chosen(parse(AS_KUBECTL_WRITES), "other")
    assert (found["port"], found["ca-file"]) == ("1", "ca.crt")
    assert (found["namespace"], found["token"]) == ("default", "")


@pytest.mark.parametrize("text", ["", "a\n", "- b\n", "current-context: gone\n", "{}", "[1]"])
def test_a_kubeconfig_without_a_server_is_told_of(text: str) -> None:
    with pytest.raises(Trouble):
        chosen(parse(text), "")


def test_several_kubeconfigs_count_as_one_and_the_first_word_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a").mkdir()
    first, second = tmp_path / "a" / "config", tmp_path / "flow"
    first.write_text(AS_KUBECTL_WRITES.replace("current-context: sandbox\n", ""))
    second.write_text(FLOW)
    monkeypatch.setenv("KUBECONFIG", f"{tmp_path}/gone:{first}:{second}")
    assert (load("", "")["context"], load("", "")["port"]) == ("mine", "7")
    assert load("", "other")["ca-file"] == f"{tmp_path}/a/ca.crt"
    assert load("", "sandbox")["token"] == "secret: yes", "the second file's user came first"
    assert load(str(second), "")["token"] == "theirs"
    with pytest.raises(Trouble, match='context "sandbox" does not exist'):
        load(str(second), "sandbox")


@pytest.mark.parametrize("server", ["https://cluster.example:6443", "https://10.0.0.1"])
async def test_another_cluster_is_refused_before_anything_is_sent(
    tmp_path: Path, server: str
) -> None:
    path = tmp_path / "config"
    path.write_text(AS_KUBECTL_WRITES.replace("https://127.0.0.1:4321", server))
    line = [sys.executable, "-IS", str(PROGRAM), "version", "--kubeconfig", str(path)]
    done = await anyio.run_process(line, check=False)
    assert done.returncode == 1
    assert b'Error: context "sandbox" leads to another cluster (' in done.stderr


async def test_a_server_of_this_machine_that_is_no_sandbox_is_another_cluster(
    tmp_path: Path,
) -> None:
    async with serving([{"kind": "Status", "message": "x"}], status="404 Not Found") as server:
        code, _, err = await istioctl(server, tmp_path, "version")
    assert code == 1
    assert 'context "x" leads to another cluster' in err


@pytest.mark.parametrize(
    ("argv", "files"),
    [
        (["analyze", "a.yaml", "-n", "demo"], ["a.yaml"]),
        (["validate", "-f", "a.yaml,b.yaml"], ["a.yaml", "b.yaml"]),
        (["validate", "--filename=a"], ["a"]),
        (["analyze", "-"], ["-"]),
        (["proxy-config", "cluster", "deploy/frontend"], ["deploy/frontend"]),
        (["version", "-o", "json"], []),
    ],
)
def test_the_words_that_may_be_files_are_found(argv: list[str], files: list[str]) -> None:
    assert named(argv) == files


def test_a_file_that_is_too_large_is_not_sent(tmp_path: Path) -> None:
    large = tmp_path / "large.yaml"
    large.write_text("x" * (MOST_BYTES + 1))
    with pytest.raises(Trouble, match="may be sent"):
        attached(["analyze", str(large)])
