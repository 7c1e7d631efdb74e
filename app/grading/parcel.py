"""What a submission's folder or zip holds, read into memory with limits; nothing is unpacked.

Only files that grading knows by name are opened: of the rest nothing but the names is looked at.
"""

import hashlib
import os
import re
import stat
import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Collection, Iterator
from pathlib import Path, PurePosixPath
from typing import Final

from app.errors import Refused

FILE_BYTES: Final = 128 * 1024  # of one file; a manifest of the course has 1 KiB
ZIP_BYTES: Final = 64 * 1024 * 1024
TOTAL_BYTES: Final = 256 * 1024 * 1024  # that a zip says it unpacks to
RATIO: Final = 200  # text packs to a tenth, a bomb to a thousandth
RATIO_FROM_BYTES: Final = 1024 * 1024  # below, a ratio says little
ENTRIES: Final = 2000
ENTRY_MARK: Final = b"PK\x01\x02"  # begins each entry of a zip's directory
PIECE_BYTES: Final = 1024 * 1024
DEPTH: Final = 8
NAME_CHARACTERS: Final = 200
PACKED: Final = (".zip", ".gz", ".tgz", ".tar", ".bz2", ".xz", ".7z", ".rar", ".zst")
UNSEEN: Final = ("__MACOSX",)  # and whatever begins with a dot

Wanted = Callable[[str], bool]
_BROKEN: Final = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    ValueError,
    RuntimeError,
    KeyError,
)


def contents(path: Path, is_wanted: Wanted, meant: Collection[str] = ()) -> dict[str, bytes]:
    """Return the files whose plain name is wanted. Shape: {path inside, with /: its bytes}.

    One folder around everything is left away, as most zips have it, unless its name is `meant`.

    Raises: Refused with the reason, for whatever is no honest folder or zip.
    """
    try:
        mode = path.lstat().st_mode
        if stat.S_ISDIR(mode):
            found = _of_folder(path, is_wanted)
        elif stat.S_ISREG(mode):
            found = _of_zip(path, is_wanted)
        else:
            raise Refused("The submission is a link or a device, not a folder or a zip.")
    except OSError as error:
        raise Refused(f"The submission cannot be read: {error.strerror}.") from error
    return _without_wrapping(found, meant)


def digest_of(path: Path) -> str:
    """Return a digest of a zip as it is; empty where it cannot be read, or is a folder."""
    digest = hashlib.sha256()
    try:
        if not stat.S_ISREG(path.lstat().st_mode):
            return ""
        with path.open("rb") as file:
            while piece := file.read(1024 * 1024):
                digest.update(piece)
    except OSError:
        return ""
    return digest.hexdigest()[:16]


def _of_folder(folder: Path, is_wanted: Wanted) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for name in _names_below(folder):
        if is_wanted(PurePosixPath(name).name):
            found[name] = _read(folder / name, name)
    return found


def _names_below(folder: Path) -> Iterator[str]:
    """Yield the paths of plain files; hidden folders are not entered, links are refused."""
    count, waiting = 0, [PurePosixPath()]
    while waiting:
        here = waiting.pop()
        with os.scandir(folder / here) as entries:
            for entry in sorted(entries, key=lambda entry: entry.name):
                count += 1
                name = _checked(str(here / entry.name))
                if count > ENTRIES:
                    raise Refused(f"The submission holds more than {ENTRIES} files.")
                if _is_unseen(entry.name):
                    continue
                mode = entry.stat(follow_symlinks=False).st_mode
                if stat.S_ISDIR(mode):
                    waiting.append(PurePosixPath(name))
                elif stat.S_ISREG(mode):
                    yield name
                else:
                    raise Refused(f"{_shown(name)} is a link or a device.")


def _read(path: Path, name: str) -> bytes:
    """Read one file; what it was when it was listed may be something else by now."""
    number = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with os.fdopen(number, "rb") as file:
        if not stat.S_ISREG(os.fstat(number).st_mode):
            raise Refused(f"{_shown(name)} is a link or a device.")
        return _within(file.read(FILE_BYTES + 1), name)


def _of_zip(path: Path, is_wanted: Wanted) -> dict[str, bytes]:
    if path.stat().st_size > ZIP_BYTES:
        raise Refused(f"The zip is larger than {ZIP_BYTES >> 20} MiB.")
    _check_count(path)
    try:
        with zipfile.ZipFile(path) as packed:
            entries = packed.infolist()
            _check_size(entries)
            found: dict[str, bytes] = {}
            for entry in entries:
                name = _checked(entry.filename)
                if entry.is_dir() or any(_is_unseen(part) for part in PurePosixPath(name).parts):
                    continue
                _check_entry(entry, name)
                if not is_wanted(PurePosixPath(name).name):
                    continue
                if name in found:
                    raise Refused(f"The zip holds {_shown(name)} twice.")
                with packed.open(entry) as file:
                    found[name] = _within(file.read(FILE_BYTES + 1), name)
            return found
    except _BROKEN as error:
        raise Refused(f"The zip is broken: {_shown(str(error))}.") from error


def _check_count(path: Path) -> None:
    """Refuse a zip of very many entries before its directory, a hundredfold in memory, is read."""
    count, before = 0, b""
    with path.open("rb") as file:
        while piece := file.read(PIECE_BYTES):
            piece = before + piece
            count += piece.count(ENTRY_MARK)
            before = piece[1 - len(ENTRY_MARK) :]
    if count > 2 * ENTRIES:  # chance, or a zip in it, may bring some that are none
        raise Refused(f"The zip holds more than {ENTRIES} files.")


def _check_size(entries: list[zipfile.ZipInfo]) -> None:
    if len(entries) > ENTRIES:
        raise Refused(f"The zip holds more than {ENTRIES} files.")
    total = sum(entry.file_size for entry in entries)
    packed = sum(entry.compress_size for entry in entries)
    if total > TOTAL_BYTES:
        raise Refused(f"The zip would unpack to more than {TOTAL_BYTES >> 20} MiB.")
    if total > RATIO_FROM_BYTES and total > RATIO * max(1, packed):
        raise Refused(f"The zip would unpack to {total // max(1, packed)} times its size.")


def _check_entry(entry: zipfile.ZipInfo, name: str) -> None:
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if kind not in (0, stat.S_IFREG):
        raise Refused(f"{_shown(name)} is a link or a device.")
    if entry.flag_bits & 0x1:
        raise Refused("The zip is encrypted.")
    if name.casefold().endswith(PACKED):
        raise Refused(f"{_shown(name)} is packed itself: hand in its files.")


def _within(data: bytes, name: str) -> bytes:
    if len(data) > FILE_BYTES:
        raise Refused(f"{_shown(name)} is larger than {FILE_BYTES >> 10} KiB.")
    return data


def _checked(name: str) -> str:
    """Return a path that leads down only. Raises: Refused."""
    parts = name.rstrip("/").split("/")
    is_strange = any(unicodedata.category(char).startswith("C") for char in name)
    if is_strange or len(name) > NAME_CHARACTERS:
        raise Refused(f"The submission holds a file with the name {_shown(name)}.")
    if name.startswith("/") or "\\" in name or re.match(r"[A-Za-z]:", name):
        raise Refused(f"The path {_shown(name)} leads out of the submission.")
    if any(part in ("", ".", "..") for part in parts):
        raise Refused(f"The path {_shown(name)} leads out of the submission.")
    if len(parts) > DEPTH:
        raise Refused(f"The path {_shown(name)} is deeper than {DEPTH} folders.")
    return "/".join(parts)


def _is_unseen(name: str) -> bool:
    return name.startswith(".") or name in UNSEEN


def _shown(name: str) -> str:
    """Return a name for a message: what cannot be seen in it is written as its number."""
    return ascii(name[:80])[1:-1]


def _without_wrapping(found: dict[str, bytes], meant: Collection[str]) -> dict[str, bytes]:
    tops = {name.partition("/")[0] for name in found}
    if len(tops) == 1 and not tops & set(meant) and all("/" in name for name in found):
        return {name.partition("/")[2]: data for name, data in found.items()}
    return found
