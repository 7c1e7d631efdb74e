"""Many objects, many watchers, large and odd ones, and those that never read."""

import base64
import http.client
import json
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from urllib.parse import urlsplit

import pytest
import yaml
from sandbox.bad_days.away import Away, away, populate, until

pytestmark = [pytest.mark.sandbox, pytest.mark.xdist_group("crowded")]

OBJECTS, WATCHES = 5_000, 200
ANSWER_S = 3.0  # kubectl's own start on a busy machine is most of it
MORE_MIB = 150
ALL_S = 150.0


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Away]:
    with away(tmp_path_factory.mktemp("crowded") / "s") as made:
        populate(made)
        yield made


def connect(made: Away, path: str, receive_bytes: int = 0) -> ssl.SSLSocket:
    """Return a connection to the API server on which a path has been asked for."""
    config = yaml.safe_load((made.folder / "kubeconfig").read_text())
    server = urlsplit(config["clusters"][0]["cluster"]["server"])
    authority = base64.b64decode(config["clusters"][0]["cluster"]["certificate-authority-data"])
    token = config["users"][0]["user"]["token"]
    plain = socket.socket()
    if receive_bytes:
        plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
    plain.settimeout(20)
    plain.connect((server.hostname, server.port))
    context = ssl.create_default_context(cadata=authority.decode())
    asking = context.wrap_socket(plain, server_hostname=server.hostname)
    asking.sendall(
        f"GET {path} HTTP/1.1\r\nHost: {server.netloc}\r\nAuthorization: Bearer {token}\r\n"
        "Connection: close\r\n\r\n".encode()
    )
    return asking


def config_maps(count: int) -> list[object]:
    return [
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": f"m{number}"},
         "data": {"key": "value" * 20}}
        for number in range(count)
    ]  # fmt: skip


def heard(watch: ssl.SSLSocket, word: bytes) -> bool:
    data = b""
    while word not in data:
        if not (piece := watch.recv(65536)):
            return False
        data = data[-len(word) :] + piece
    return True


def test_five_thousand_objects_and_two_hundred_watches_are_borne(here: Away) -> None:
    before = here.memory()
    began = time.monotonic()
    here.kubectl("create", "namespace", "crowd")
    post(here, "/api/v1/namespaces/crowd/configmaps", config_maps(OBJECTS))
    names = here.kubectl("get", "configmaps", "-n", "crowd", "-o", "name").splitlines()
    assert len(names) >= OBJECTS
    with ExitStack() as stack:
        watches = [
            stack.enter_context(
                closing(connect(here, "/api/v1/namespaces/crowd/configmaps?watch=1&"
                                      "labelSelector=last%3Dyes"))
            )
            for _ in range(WATCHES)
        ]  # fmt: skip
        here.kubectl("label", "configmap", "-n", "crowd", "m1", "last=yes")
        assert all(heard(each, b'"last":"yes"') for each in watches)
        assert max(here.answers_s() for _ in range(3)) < ANSWER_S
        assert here.memory() - before < MORE_MIB
    here.kubectl("delete", "namespace", "crowd")
    assert time.monotonic() - began < ALL_S
    until(here.is_idle)


def post(made: Away, path: str, objects: list[object]) -> None:
    """Create objects one after the other over one connection."""
    config = yaml.safe_load((made.folder / "kubeconfig").read_text())
    server = urlsplit(config["clusters"][0]["cluster"]["server"])
    authority = base64.b64decode(config["clusters"][0]["cluster"]["certificate-authority-data"])
    context = ssl.create_default_context(cadata=authority.decode())
    asking = http.client.HTTPSConnection(server.netloc, context=context, timeout=20)
    said = {"Authorization": f"Bearer {config['users'][0]['user']['token']}"}
    with closing(asking):
        for each in objects:
            asking.request("POST", path, json.dumps(each), said)
            answer = asking.getresponse()
            body = answer.read()
            assert answer.status == 201, body


def test_a_watch_that_is_never_read_holds_up_nobody(here: Away) -> None:
    here.kubectl("create", "namespace", "unread")
    before = here.memory()
    path = "/api/v1/namespaces/unread/configmaps"
    with closing(connect(here, f"{path}?watch=1", receive_bytes=4096)):
        large = [
            {"metadata": {"name": f"large{number}"}, "data": {"key": "x" * 200_000}}
            for number in range(20)
        ]
        post(here, path, [*large])
        for _ in range(3):
            here.kubectl("annotate", "configmaps", "--all", "-n", "unread", "--overwrite", f"n={_}")
        assert here.answers_s() < ANSWER_S
        assert here.memory() - before < MORE_MIB
    here.kubectl("delete", "namespace", "unread")
    until(here.is_idle)


def test_large_annotations_are_refused_and_those_that_fit_are_taken(here: Away) -> None:
    def config(size: int) -> str:
        return json.dumps(
            {"apiVersion": "v1", "kind": "ConfigMap",
             "metadata": {"name": "large", "annotations": {"a": "x" * size}}}
        )  # fmt: skip

    refused = here.run("kubectl", "create", "-f", "-", given=config(1_000_000))
    assert refused.returncode == 1
    assert "may not be more than 262144 bytes" in refused.stderr
    here.kubectl("create", "-f", "-", given=config(260_000))
    too_much = here.run("kubectl", "create", "-f", "-", given=config(4_000_000))
    assert too_much.returncode == 1
    assert "limit is 3145728" in too_much.stderr
    assert here.answers_s() < ANSWER_S


@pytest.mark.parametrize(
    "broken",
    [
        "", "---", "- a\n- b", "just words", "a: b: c", "kind: Pod", "\tkind: Pod",
        "apiVersion: v1\nkind: Pod\nmetadata: []", "{", "apiVersion: v1\nkind: Nothing",
        "apiVersion: v1\nkind: Pod\nmetadata: {name: x}\nspec: words",
        "apiVersion: v1\nkind: Pod\nmetadata: {name: x}\nspec: {containers: {a: b}}",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\ndata: {a: {b: c}}",
        "apiVersion: v1\nkind: Service\nmetadata: {name: x}\nspec: {ports: [{port: ninety}]}",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: *nobody}", "&a [*a, *a]",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: \x00}", "[" * 5_000,
    ],
)  # fmt: skip
def test_broken_yaml_is_refused_in_words(here: Away, broken: str) -> None:
    said = here.run("kubectl", "apply", "-f", "-", given=broken)
    assert said.returncode == 1
    assert said.stderr.startswith(("error: ", "Error from server", "The "))
    assert "sandbox's API server failed" not in said.stderr
    assert here.said() == ""


@pytest.mark.parametrize(
    "name", ["Upper", "under_score", "-dash", "a..b", "a/b", "..", "a%2fb", "é", "a b", "x" * 300,
             "$(id)", "a;b", "<b>", "a\nb", "{{a}}", "\u202e"],
)  # fmt: skip
def test_odd_names_are_refused_as_names_and_find_nothing(here: Away, name: str) -> None:
    config = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}}
    said = here.run("kubectl", "create", "-f", "-", given=json.dumps(config))
    assert said.returncode == 1
    assert "Invalid value" in said.stderr or "is invalid" in said.stderr
    for words in (("get", "configmap", "--", name), ("exec", name, "--", "ls")):
        assert here.run("kubectl", *words).returncode == 1
    assert here.said() == ""
