"""What runs out: file descriptors, the port of the last start."""

import re
import resource
import socket
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest
from sandbox.bad_days.away import ENDS_S, Away, away, populate, runtime, start, until

pytestmark = [pytest.mark.sandbox, pytest.mark.xdist_group("exhausted")]

FILES = 64


def few_files() -> None:
    """Before the sandbox starts: let it open few files."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (FILES, FILES))


@pytest.fixture(scope="module")
def tight(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Away]:
    with away(tmp_path_factory.mktemp("tight") / "s", before=few_files) as made:
        populate(made)
        yield made


def address(made: Away) -> tuple[str, int]:
    found = re.search(r"https://([\d.]+):(\d+)", (made.folder / "kubeconfig").read_text())
    assert found
    return found[1], int(found[2])


def test_a_sandbox_without_descriptors_recovers_when_they_are_given_back(tight: Away) -> None:
    with ExitStack() as stack:
        for _ in range(FILES + 20):  # the kernel takes them all; the sandbox not
            stack.enter_context(closing(socket.create_connection(address(tight), 5)))
        until(lambda: tight.process.num_fds() >= FILES - 1)
        words = ("get", "--raw", "/version", "--request-timeout=2s")
        assert tight.run("kubectl", *words).returncode == 1
        assert tight.process.poll() is None
    until(lambda: tight.run("kubectl", *words).returncode == 0)
    assert tight.sh("curl -sS http://web/").stdout == "hello\n"
    until(lambda: tight.process.num_fds() < FILES // 2)


def test_a_command_that_uses_them_up_is_told_and_leaves_none_open(tight: Away) -> None:
    said = tight.sh("for i in $(seq 1 100); do curl -sS -m 2 http://web/ & done; wait; true")
    assert "hello" in said.stdout
    until(lambda: tight.sh("curl -sS http://web/").stdout == "hello\n")
    until(lambda: tight.process.num_fds() < FILES // 2)


def test_a_port_that_is_taken_meanwhile_is_left_to_its_owner(tmp_path: Path) -> None:
    with runtime() as sockets:
        first = start(tmp_path / "s", sockets)
        old = address(first)
        first.end()
        with socket.create_server(old) as taken:
            second = start(tmp_path / "s", sockets)
            try:
                assert address(second) != old
                assert second.answers_s() < ENDS_S
                taken.setblocking(False)
                with pytest.raises(BlockingIOError):
                    taken.accept()
            finally:
                second.end()
