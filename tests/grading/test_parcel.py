"""Hostile and broken folders and zips: each is refused with its reason, and no more happens."""

import io
import os
import stat
import struct
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from grading.sample import write
from hypothesis import given
from hypothesis import strategies as st

from app.errors import Refused
from app.grading.parcel import DEPTH, ENTRIES, FILE_BYTES, contents, digest_of

Fill = Callable[[zipfile.ZipFile], None]


def wanted(name: str) -> bool:
    return name.endswith((".yaml", ".txt"))


def entry(name: str, mode: int = 0) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.external_attr = mode << 16
    return info


def pack(path: Path, fill: Fill, compression: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", compression) as packed:
        fill(packed)
    return path


def test_a_folder_and_a_zip_of_it_hold_the_same(tmp_path: Path) -> None:
    files = {"canary/half/canary.yaml": "a: 1\n", "commands.txt": "# x\n", "notes.pdf": b"\0" * 9}
    folder = write(tmp_path / "ann", files)
    write(folder, {".git/config.yaml": "no", "__MACOSX/._canary.yaml": "no"})
    path = pack(
        tmp_path / "ann.zip",
        lambda packed: (
            [packed.writestr(f"ann/{name}", text) for name, text in files.items()] and None
        ),
    )
    expected = {"canary/half/canary.yaml": b"a: 1\n", "commands.txt": b"# x\n"}
    assert contents(folder, wanted) == contents(path, wanted) == expected


def test_one_folder_around_everything_stays_where_it_is_meant(tmp_path: Path) -> None:
    folder = write(tmp_path / "ann", {"canary/half/canary.yaml": "a"})
    assert list(contents(folder, wanted)) == ["half/canary.yaml"]
    assert list(contents(folder, wanted, {"canary"})) == ["canary/half/canary.yaml"]


@pytest.mark.parametrize(
    ("fill", "says"),
    [
        (lambda z: z.writestr("../up.yaml", "x"), "leads out"),
        (lambda z: z.writestr("a/../../up.yaml", "x"), "leads out"),
        (lambda z: z.writestr("/etc/passwd", "x"), "leads out"),
        (lambda z: z.writestr(entry("C:/up.yaml"), "x"), "leads out"),
        (lambda z: z.writestr("a//b.yaml", "x"), "leads out"),
        (lambda z: z.writestr(entry("a\\..\\up.yaml"), "x"), "leads out"),
        (lambda z: z.writestr("a\x1b[31m.yaml", "x"), r"a\x1b[31m.yaml"),
        (lambda z: z.writestr("a\u202e.yaml", "x"), r"a\u202e.yaml"),
        (lambda z: z.writestr("x" * 300, "x"), "with the name"),
        (lambda z: z.writestr("/".join("a" * (DEPTH + 1)), "x"), "deeper than"),
        (lambda z: z.writestr(entry("l.yaml", stat.S_IFLNK | 0o777), "/etc/passwd"), "a link or"),
        (lambda z: z.writestr(entry("d.yaml", stat.S_IFCHR | 0o666), ""), "a link or a device"),
        (lambda z: z.writestr("more.zip", "x"), "packed itself"),
        (lambda z: z.writestr("big.yaml", os.urandom(FILE_BYTES + 1)), "larger than 128 KiB"),
        (lambda z: z.writestr("bomb.bin", b"\0" * (64 << 20)), "times its size"),
        (lambda z: [z.writestr(str(n), "") for n in range(ENTRIES + 1)], f"than {ENTRIES} files"),
    ],
)
def test_a_hostile_zip_is_refused(tmp_path: Path, fill: Fill, says: str) -> None:
    path = pack(tmp_path / "bad.zip", fill)
    with pytest.raises(Refused) as caught:
        contents(path, wanted)
    assert says in str(caught.value)
    assert str(caught.value).isprintable()
    assert [each.name for each in tmp_path.iterdir()] == ["bad.zip"]


def test_a_zip_that_lies_about_its_sizes_costs_no_more_than_it_may(tmp_path: Path) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("a.yaml", b"\0" * (8 << 20))
    data = out.getvalue().replace((8 << 20).to_bytes(4, "little"), (100).to_bytes(4, "little"))
    (tmp_path / "lie.zip").write_bytes(data)
    with pytest.raises(Refused):
        contents(tmp_path / "lie.zip", wanted)


def test_a_directory_of_very_many_entries_is_not_read(tmp_path: Path) -> None:
    """Python reads it whole before anybody can count: 64 MiB of it would take half a gigabyte."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        packed.writestr("a", "")
    one = out.getvalue()
    start, end = one.index(b"PK\x01\x02"), one.index(b"PK\x05\x06")
    many = one[start:end] * 50_000
    closing = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 1, 1, len(many), start, 0)
    (tmp_path / "many.zip").write_bytes(one[:start] + many + closing)
    tracemalloc.start()
    with pytest.raises(Refused, match=f"than {ENTRIES} files"):
        contents(tmp_path / "many.zip", wanted)
    assert tracemalloc.get_traced_memory()[1] < 5 * 1024 * 1024
    tracemalloc.stop()


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_name_that_stands_twice_and_a_password_are_refused(tmp_path: Path) -> None:
    twice = pack(
        tmp_path / "twice.zip",
        lambda z: [z.writestr("a.yaml", text) for text in ("1", "2")] and None,
    )
    with pytest.raises(Refused, match="twice"):
        contents(twice, wanted)
    plain = pack(tmp_path / "x.zip", lambda z: z.writestr("a.yaml", "1"), zipfile.ZIP_STORED)
    raw = bytearray(plain.read_bytes())
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        raw[raw.index(mark) + offset] |= 1
    plain.write_bytes(raw)
    with pytest.raises(Refused, match="encrypted"):
        contents(plain, wanted)


def test_links_and_devices_in_a_folder_are_refused(tmp_path: Path) -> None:
    (tmp_path / "secret.yaml").write_text("secret")
    for name, make in (
        ("link", lambda at: (at / "a.yaml").symlink_to(tmp_path / "secret.yaml")),
        ("folder-link", lambda at: (at / "sub").symlink_to(tmp_path, target_is_directory=True)),
        ("pipe", lambda at: os.mkfifo(at / "a.yaml")),
    ):
        folder = tmp_path / name
        folder.mkdir()
        make(folder)
        with pytest.raises(Refused, match="a link or a device"):
            contents(folder, wanted)
    (tmp_path / "itself").symlink_to(tmp_path / "link")
    with pytest.raises(Refused, match="a link or a device"):
        contents(tmp_path / "itself", wanted)
    (tmp_path / "link.zip").symlink_to(tmp_path / "secret.yaml")
    with pytest.raises(Refused, match="a link or a device"):
        contents(tmp_path / "link.zip", wanted)


@given(st.binary(max_size=400), st.booleans())
def test_whatever_is_no_zip_is_refused(data: bytes, looks_like_one: bool) -> None:
    path = Path(os.environ.get("TMPDIR", "/tmp"), f"mesh-dojo-parcel-{os.getpid()}.zip")
    path.write_bytes((b"PK\x03\x04" if looks_like_one else b"") + data)
    try:
        with pytest.raises(Refused):
            contents(path, wanted)
        assert len(digest_of(path)) == 16
    finally:
        path.unlink()


@given(st.data())
def test_a_zip_with_a_damaged_byte_is_read_or_refused(data: st.DataObject) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("canary/a.yaml", "weight: 90\n" * 20)
    raw = bytearray(out.getvalue())
    raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    path = Path(os.environ.get("TMPDIR", "/tmp"), f"mesh-dojo-damaged-{os.getpid()}.zip")
    path.write_bytes(raw)
    try:
        contents(path, wanted)
    except Refused:
        pass  # any other error is a failure
    finally:
        path.unlink()
