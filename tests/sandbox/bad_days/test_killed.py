"""What is killed: an Envoy, a sandbox; and what a sandbox that lives shows to others."""

import os
import stat
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import psutil
import pytest
from sandbox.bad_days.away import ENDS_S, Away, away, install, populate, runtime, start, until

pytestmark = [pytest.mark.sandbox, pytest.mark.xdist_group("killed")]

LAST = "jsonpath={.status.initContainerStatuses[1].lastState.terminated.exitCode}"
READY = "jsonpath={.status.initContainerStatuses[1].ready}"
RESTARTS = "jsonpath={.status.initContainerStatuses[1].restartCount}"


@pytest.fixture(scope="module")
def mesh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Away]:
    with away(tmp_path_factory.mktemp("killed") / "s") as made:
        install(made)
        populate(made)
        yield made


def listens(process: psutil.Process) -> list[tuple[str, int]]:
    found = process.net_connections("inet")
    return [(each.laddr.ip, each.laddr.port) for each in found if not each.raddr]


def says(made: Away, pod: str, path: str, value: str) -> bool:
    return made.kubectl("get", "pod", pod, "-o", path) == value


def test_a_killed_envoy_ends_its_container_which_comes_back_and_serves(mesh: Away) -> None:
    assert mesh.sh("curl -sS http://web/").stdout == "hello\n"
    before = {each.pid for each in mesh.envoys()}
    assert len(before) == 2
    for pod in ("client", "web"):
        assert mesh.kubectl("get", "pod", pod, "-o", RESTARTS) == "0"
    for each in mesh.envoys():
        each.kill()
    for pod in ("client", "web"):
        until(partial(says, mesh, pod, RESTARTS, "1"))
        assert mesh.kubectl("get", "pod", pod, "-o", LAST) == "137"
        until(partial(says, mesh, pod, READY, "true"))
    until(lambda: mesh.sh("curl -sS http://web/").stdout == "hello\n")
    after = {each.pid for each in mesh.envoys()}
    assert len(after) == 2
    assert not before & after


def test_nothing_but_the_api_server_is_reached_by_tcp(mesh: Away) -> None:
    config = mesh.kubectl("config", "view", "-o", "jsonpath={.clusters[0].cluster.server}")
    host, _, port = config.removeprefix("https://").rpartition(":")
    assert listens(mesh.process) == [(host, int(port))]
    assert host == "127.0.0.1"
    envoys = mesh.envoys()
    assert envoys
    assert [listens(each) for each in envoys] == [[] for _ in envoys]


def test_no_file_of_it_is_anybody_elses_to_read(mesh: Away) -> None:
    seen = 0
    for top in (mesh.folder, *mesh.runtime.glob("md-*")):
        assert stat.S_IMODE(top.stat().st_mode) == 0o700
        for path in top.rglob("*"):
            if (mesh.folder / "release") in (path, *path.parents):
                continue  # programs and samples, which hold no secret
            info = path.lstat()
            if stat.S_ISREG(info.st_mode) and path.name != "errors":
                seen += 1
                assert not info.st_mode & 0o077, path
    assert seen > 5


def test_a_killed_sandbox_leaves_no_envoy_and_the_next_start_is_clean(tmp_path: Path) -> None:
    with runtime() as sockets:
        killed = start(tmp_path / "s", sockets)
        try:
            install(killed)
            populate(killed)
            envoys = killed.envoys()
            left = set(sockets.glob("md-*"))
            assert len(envoys) == 2
            assert len(left) == 1
        finally:
            killed.kill()
        _, alive = psutil.wait_procs(envoys, ENDS_S)
        assert alive == []
        assert left == set(sockets.glob("md-*"))  # a kill gives no time to tidy up
        again = start(tmp_path / "s", sockets)
        try:
            assert not left & set(sockets.glob("md-*"))
            assert again.state["kubeconfig"] == killed.state["kubeconfig"]
            assert os.listdir(sockets / next(iter(sockets.glob("md-*")))) != []
            install(again)
            populate(again)
            assert again.sh("curl -sS http://web/").stdout == "hello\n"
        finally:
            assert again.end() == 0
        assert list(sockets.iterdir()) == []
        assert again.said() == ""
