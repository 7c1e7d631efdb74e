"""Tools that list, make and remove files."""

import posixpath
from datetime import UTC, datetime

from app.sandbox.shell.call import STANDING, BadUse, Call, take_flags
from app.sandbox.shell.files import Unwritable


async def ls(call: Call) -> int:
    """List folders and files."""
    flags, paths = take_flags(call, "la1hRtrSFdi")
    code = 0
    shown: list[tuple[str, list[str]]] = []
    files: list[str] = []
    for path in paths or ["."]:
        whole = posixpath.normpath(posixpath.join("/", path))
        if "d" in flags and call.container.files.is_folder(whole):
            files.append(path)
            continue
        try:
            shown.append((path, _names(call, whole)))
        except NotADirectoryError:
            files.append(path)
        except FileNotFoundError:
            why = "No such file or directory"
            code = call.complain(f"cannot access '{path}': {why}", 2)
    call.out("".join(_row(call, "/", path, flags) for path in files))
    for number, (path, names) in enumerate(shown):
        if len(shown) + len(files) > 1:
            call.out(f"{chr(10) * bool(number or files)}{path}:\n")
        if "l" in flags:
            call.out("total 0\n")
        call.out("".join(_row(call, path, name, flags) for name in names if name))
    return code


def _names(call: Call, folder: str) -> list[str]:
    files = call.container.files
    standing = [p for p in STANDING if posixpath.dirname(p) == folder or folder == "/"]
    if folder in STANDING:
        raise NotADirectoryError(folder)
    try:
        names = files.names(folder)
    except FileNotFoundError:
        if not standing:
            raise
        names = []
    inside = folder.rstrip("/") + "/"
    more = [path[len(inside) :].partition("/")[0] for path in standing]
    return sorted({*names, *more})


def _row(call: Call, folder: str, name: str, flags: dict[str, str]) -> str:
    if "l" not in flags:
        return f"{name}\n"
    path = posixpath.normpath(posixpath.join("/", folder, name))
    is_folder = call.container.files.is_folder(path)
    size = 4096 if is_folder else len(call.read(path))
    mode = "drwxr-xr-x" if is_folder else "-rw-r--r--"
    return f"{mode} 1 root root {size:6} {datetime.now(UTC):%b %e %H:%M} {name}\n"


async def rm(call: Call) -> int:
    """Remove files."""
    flags, paths = take_flags(call, "rfRv")
    code = 0
    for path in paths:
        try:
            call.container.files.remove(path, user=call.container.user)
        except FileNotFoundError:
            why = "No such file or directory"
            code = code if "f" in flags else call.complain(f"cannot remove '{path}': {why}")
        except Unwritable as error:
            code = call.complain(f"cannot remove '{path}': {error.why}")
    return code


async def touch(call: Call) -> int:
    """Make files that are not there."""
    _flags, paths = take_flags(call, "ac")
    for path in paths:
        try:
            call.container.write(path, b"", is_more=True)
        except Unwritable as error:
            raise BadUse(f"cannot touch '{path}': {error.why}") from error
    return 0


async def mkdir(call: Call) -> int:
    """Make folders."""
    flags, paths = take_flags(call, "p", "m")
    for path in paths:
        try:
            call.container.files.make_folder(path, user=call.container.user)
        except Unwritable as error:
            if "p" not in flags or error.why != "File exists":
                why = error.why.replace("Directory nonexistent", "No such file or directory")
                raise BadUse(f"cannot create directory '{path}': {why}") from error
    return 0
