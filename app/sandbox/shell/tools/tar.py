"""tar, as kubectl cp uses it: archives of a container's files, on the standard streams."""

import io
import posixpath
import tarfile
import time
from collections.abc import Iterator

from app.sandbox.shell.call import BadUse, Call, take_flags
from app.sandbox.shell.files import Unwritable

LONG = frozenset(("--no-same-owner", "--no-same-permissions", "--overwrite"))
MOST_FILES = 1_000
BUSYBOX = "/etc/alpine-release"


async def tar(call: Call) -> int:
    """Make, list or unpack an archive. One of a file, or a compressed one, is not offered."""
    words = [word for word in call.argv[1:] if word not in LONG]
    if words and not words[0].startswith("-"):
        words[0] = f"-{words[0]}"
    call.argv = [call.argv[0], *words]
    try:
        flags, paths = take_flags(call, "cxtmopv", "fC")
    except BadUse as error:
        raise _bad_use(call, str(error)) from error
    folder = posixpath.join("/", flags.get("C", "."))
    if not call.container.files.is_folder(posixpath.normpath(folder)):
        raise _no_folder(call, flags["C"])
    if flags.get("f", "-") != "-":
        raise BadUse(f"{flags['f']}: the sandbox's tar reads and writes its streams alone")
    match [letter for letter in "cxt" if letter in flags]:
        case ["c"]:
            return _make(call, folder, paths)
        case ["x"]:
            return _unpack(call, folder, await call.input(), is_told="v" in flags)
        case ["t"]:
            return _list(call, await call.input())
    if _is_busybox(call):
        raise BadUse("must specify one of -c -x -t")
    said = "You must specify one of the '-Acdtrux', '--delete' or '--test-label' options"
    raise BadUse(f"{said}\nTry 'tar --help' or 'tar --usage' for more information.", 2)


def _make(call: Call, folder: str, paths: list[str]) -> int:
    if not paths:
        raise BadUse("empty archive")
    made, code = io.BytesIO(), 0
    is_told = False
    with tarfile.open(fileobj=made, mode="w", format=tarfile.GNU_FORMAT) as archive:
        for path in paths:
            whole = posixpath.normpath(posixpath.join(folder, path))
            if path.startswith("/") and not is_told:
                is_told = True
                call.complain(_leading(call))
            found = [*_below(call, whole)]
            code = code if found else call.complain(_absent(call, path), _code(call))
            for each in found[:MOST_FILES]:
                name = _inside(path, whole, each)
                archive.addfile(*_member(call, each, name))
    call.io.out(made.getvalue())
    if code:
        call.complain(_failed(call))
    return code


def _below(call: Call, whole: str) -> Iterator[str]:
    """Yield a path and what lies below it; nothing where it is not there."""
    files = call.container.files
    if files.is_folder(whole):
        yield whole
        for name in files.names(whole):
            yield from _below(call, posixpath.join(whole, name))
        return
    try:
        call.read(whole)
    except BadUse:
        return
    yield whole


def _inside(asked: str, whole: str, each: str) -> str:
    """Return a file's name in the archive: below the path that was asked, without a slash."""
    rest = each[len(whole) :].lstrip("/")
    return posixpath.join(asked, rest).strip("/") if rest else asked.strip("/") or "."


def _member(call: Call, path: str, name: str) -> tuple[tarfile.TarInfo, io.BytesIO | None]:
    info = tarfile.TarInfo(name)
    info.mtime = int(time.time())
    if call.container.files.is_folder(path):
        info.type, info.mode = tarfile.DIRTYPE, 0o755
        return info, None
    data = call.read(path)
    info.size, info.mode = len(data), 0o644
    return info, io.BytesIO(data)


def _read(call: Call, data: bytes) -> list[tuple[tarfile.TarInfo, bytes]]:
    """Return an archive's members with their content. Raises: BadUse."""
    found: list[tuple[tarfile.TarInfo, bytes]] = []
    try:
        with tarfile.open(fileobj=io.BytesIO(data), mode="r:") as archive:
            for info in archive:
                content = archive.extractfile(info) if info.isreg() else None
                found.append((info, content.read() if content else b""))
                if len(found) > MOST_FILES:
                    raise BadUse(f"the sandbox unpacks no more than {MOST_FILES} files")
    except (tarfile.TarError, ValueError, EOFError) as error:
        raise _no_archive(call) from error
    return found


def _list(call: Call, data: bytes) -> int:
    for info, _ in _read(call, data):
        call.out(f"{info.name}{'/' * info.isdir()}\n")
    return 0


def _unpack(call: Call, folder: str, data: bytes, *, is_told: bool) -> int:
    code = 0
    for info, content in _read(call, data):
        if ".." in info.name.split("/"):
            code = call.complain(f"name with '..' skipped: '{info.name}'")
            continue
        path = posixpath.normpath(posixpath.join(folder, info.name.lstrip("/")))
        try:
            _put(call, info, path, content)
        except Unwritable as error:
            told = f"can't open '{info.name}'" if _is_busybox(call) else f"{info.name}: Cannot open"
            code = call.complain(f"{told}: {error.why}", _code(call))
        if is_told:
            call.out(f"{info.name}\n")
    if code and not _is_busybox(call):
        call.complain(_failed(call))
    return code


def _put(call: Call, info: tarfile.TarInfo, path: str, content: bytes) -> None:
    """Write one member, and the folders on the way to it. Raises: Unwritable."""
    files, user = call.container.files, call.container.user
    if not (info.isreg() or info.isdir()):
        raise Unwritable(path, "the sandbox keeps files and folders alone")
    way = path if info.isdir() else posixpath.dirname(path)
    for depth in range(1, way.count("/") + 1):
        step = "/".join(way.split("/")[: depth + 1])
        if step and not files.is_folder(step):
            files.make_folder(step, user=user)
    if info.isreg():
        call.container.write(path, content)


def _is_busybox(call: Call) -> bool:
    return call.container.files.has(BUSYBOX)


def _code(call: Call) -> int:
    """Return the exit code of what failed: busybox's is 1, GNU's 2."""
    return 1 if _is_busybox(call) else 2


def _bad_use(call: Call, said: str) -> BadUse:
    if _is_busybox(call):
        return BadUse(said)
    said = said.replace(
        "option requires an argument -- 'f'", "Old option 'f' requires an argument."
    )
    return BadUse(f"{said}\nTry 'tar --help' or 'tar --usage' for more information.", 2)


def _no_archive(call: Call) -> BadUse:
    if _is_busybox(call):
        return BadUse("invalid tar magic")
    return BadUse(f"This does not look like a tar archive\ntar: {_failed(call)}", 2)


def _no_folder(call: Call, folder: str) -> BadUse:
    if _is_busybox(call):
        return BadUse(f"can't change directory to '{folder}': No such file or directory")
    said = f"{folder}: Cannot open: No such file or directory"
    return BadUse(f"{said}\ntar: Error is not recoverable: exiting now", 2)


def _leading(call: Call) -> str:
    begins = "removing leading '" if _is_busybox(call) else "Removing leading `"
    return f"{begins}/' from member names"


def _absent(call: Call, path: str) -> str:
    bare = path if _is_busybox(call) else f"{path}: Cannot stat"
    return f"{bare}: No such file or directory"


def _failed(call: Call) -> str:
    if _is_busybox(call):
        return "error exit delayed from previous errors"
    return "Exiting with failure status due to previous errors"
