"""tar inside containers, as kubectl cp calls it."""

import io
import tarfile

import pytest
from sandbox.shell.lab import HeardIo, Lab, lab

from app.sandbox.shell.container import Container
from app.sandbox.shell.execute import execute


def archive(*files: tuple[str, bytes]) -> bytes:
    """Return an archive of these files."""
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as tar:
        for name, content in files:
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return made.getvalue()


def names(data: bytes) -> list[str]:
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        return tar.getnames()


async def run(container: Container, line: str, given: bytes = b"") -> tuple[int, bytes, str]:
    heard = HeardIo(given)
    code = await execute(line.split(), heard, container)
    return code, heard.stdout, heard.stderr.decode()


def busybox(made: Lab) -> Container:
    return made.container("busybox:1.36")


async def test_files_go_in_with_their_folders_and_come_out_again() -> None:
    async with lab() as made:
        me = busybox(made)
        given = archive(("dd/one", b"1"), ("dd/sub/two", b"2"))
        assert await run(me, "tar -xmf - -C /tmp", given) == (0, b"", "")
        assert me.files.read("/tmp/dd/sub/two") == b"2"
        code, out, err = await run(me, "tar cf - /tmp/dd")
        assert (code, err) == (0, "tar: removing leading '/' from member names\n")
        assert names(out) == ["tmp/dd", "tmp/dd/one", "tmp/dd/sub", "tmp/dd/sub/two"]
        assert (await run(me, "tar tf -", given))[1] == b"dd/one\ndd/sub/two\n"


@pytest.mark.parametrize(
    ("line", "given", "code", "said"),
    [
        ("tar -xf -", archive(("../etc/x", b"1")), 1, "name with '..' skipped: '../etc/x'"),
        ("tar -xf - -C /no/such", b"", 1, "can't change directory to '/no/such'"),
        ("tar -xf - -C /tmp", b"no archive", 1, "invalid tar magic"),
        ("tar -xf - -C /tmp", archive(("x", b"1" * 1_200_000)), 1, "No space left on device"),
        ("tar -xf - -C /tmp", b"x" * 3_000_000, 1, "no more than 2 MiB of input"),
        ("tar cf /tmp/x.tar /etc", b"", 1, "reads and writes its streams alone"),
        ("tar cf - /nope", b"", 1, "tar: /nope: No such file or directory"),
        ("tar czf - /tmp", b"", 1, "invalid option -- 'z'"),
        ("tar", b"", 1, "must specify one of"),
    ],
)
async def test_what_it_cannot_do_it_says(line: str, given: bytes, code: int, said: str) -> None:
    async with lab() as made:
        done = await run(busybox(made), line, given)
        assert done[0] == code
        assert said in done[2]


async def test_an_archive_that_names_links_or_devices_makes_none() -> None:
    made_of = io.BytesIO()
    with tarfile.open(fileobj=made_of, mode="w") as tar:
        link = tarfile.TarInfo("link")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        tar.addfile(link)
    async with lab() as made:
        me = busybox(made)
        code, _, err = await run(me, "tar -xf - -C /tmp", made_of.getvalue())
        assert (code, "files and folders alone" in err) == (1, True)
        assert not me.files.has("/tmp/link")


async def test_debians_tar_has_its_own_words() -> None:
    async with lab() as made:
        me = made.container("nginx:1.27")
        code, _, err = await run(me, "tar cf - /nope")
        assert (code, err.splitlines()) == (
            2,
            [
                "tar: Removing leading `/' from member names",
                "tar: /nope: Cannot stat: No such file or directory",
                "tar: Exiting with failure status due to previous errors",
            ],
        )


async def test_what_another_user_may_not_write_stays() -> None:
    async with lab() as made:
        me = made.container("curlimages/curl:8.16.0")
        code, _, err = await run(me, "tar -xf - -C /etc", archive(("x", b"1")))
        assert (code, err) == (1, "tar: can't open 'x': Permission denied\n")
