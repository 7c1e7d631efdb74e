"""A container's files: what its image brings and what is mounted, all of it in memory."""

import posixpath
from collections.abc import Iterator, Mapping

FOR_ALL = ("/tmp", "/var/tmp", "/dev/shm")
MAX_WRITTEN = 1024 * 1024  # bytes of all that exec may leave behind
MAX_FILES = 200


class Unwritable(Exception):
    """A path that cannot be written; `why` is what a tool says of it."""

    def __init__(self, path: str, why: str) -> None:
        super().__init__(f"{path}: {why}")
        self.path = path
        self.why = why


class Shared(dict[str, bytes]):
    """A volume that the containers of a pod share, and may write: its files by relative path."""


class Files:
    """Virtual files by absolute path. What exec writes stays in memory, within a bound.

    A path of the image that ends with `/` is an empty folder.
    Root writes where no volume is mounted, others below /tmp alone, all in a `Shared` volume.
    """

    def __init__(self, image: Mapping[str, bytes] | None = None) -> None:
        given = image or {}
        self._files = {path: data for path, data in given.items() if not path.endswith("/")}
        self._folders = {"/tmp", *(path[:-1] for path in given if path.endswith("/"))}
        self._volumes: dict[str, dict[str, bytes]] = {}
        self._kept: set[str] = set()  # of the volumes: those that this container only reads
        self._open: set[str] = set()  # single files that every user may write
        self._written: dict[str, int] = {}

    def mount(self, folder: str, content: dict[str, bytes], *, is_read_only: bool = False) -> None:
        """Put a volume's files (by relative path) in place of whatever the folder held.

        It stays the same object: what changes there changes here. Only a `Shared` one is written.
        """
        folder = posixpath.normpath(folder)
        self._files = {k: v for k, v in self._files.items() if not k.startswith(f"{folder}/")}
        self._folders.add(folder)
        self._volumes[folder] = content
        if is_read_only or not isinstance(content, Shared):
            self._kept.add(folder)

    def put(self, path: str, data: bytes, *, is_writable: bool = False) -> None:
        """Put one file there, as the runtime or the kubelet does."""
        path = posixpath.normpath(path)
        self._files[path] = data
        self._open |= {path} if is_writable else set()

    def read(self, path: str) -> bytes:
        """Return a file's content. Raises: FileNotFoundError, IsADirectoryError."""
        path = posixpath.normpath(path)
        files, key = self._place(path)
        if key in files:
            return files[key]
        raise IsADirectoryError(path) if self.is_folder(path) else FileNotFoundError(path)

    def has(self, path: str) -> bool:
        """Whether there is a file at a path."""
        files, key = self._place(posixpath.normpath(path))
        return key in files

    def is_folder(self, path: str) -> bool:
        """Whether a path is a folder."""
        path = posixpath.normpath(path)
        inside = path.rstrip("/") + "/"
        known = path == "/" or path in self._folders
        return known or any(each.startswith(inside) for each in self.paths())

    def names(self, path: str) -> list[str]:
        """Return the names in a folder, sorted. Raises: FileNotFoundError, NotADirectoryError."""
        path = posixpath.normpath(path)
        if self.has(path):
            raise NotADirectoryError(path)
        if not self.is_folder(path):
            raise FileNotFoundError(path)
        inside = path.rstrip("/") + "/"
        known = [each for each in self.paths() if each.startswith(inside) and each != inside]
        return sorted({each[len(inside) :].partition("/")[0] for each in known})

    def paths(self) -> Iterator[str]:
        """Yield the path of every file and of every folder that is kept as such."""
        yield from self._files
        yield from self._folders
        for folder, content in self._volumes.items():
            for name in content:
                if self._place(path := f"{folder}/{name}")[0] is content:
                    yield path

    def write(self, path: str, data: bytes, *, is_more: bool = False, user: int = 0) -> None:
        """Write a file, or add to it. Raises: Unwritable."""
        path = posixpath.normpath(path)
        self._check(path, user)
        files, key = self._place(path)
        before = files.get(key, b"") if is_more else b""
        others = sum(size for name, size in self._written.items() if name != path)
        is_full = others + len(before) + len(data) > MAX_WRITTEN
        if is_full or (path not in self._written and len(self._written) >= MAX_FILES):
            raise Unwritable(path, "No space left on device")
        files[key] = before + data
        self._written[path] = len(files[key])

    def remove(self, path: str, *, user: int = 0) -> None:
        """Remove a file. Raises: Unwritable, FileNotFoundError."""
        path = posixpath.normpath(path)
        files, key = self._place(path)
        if key not in files:
            raise FileNotFoundError(path)
        self._check(path, user)
        del files[key]
        self._written.pop(path, None)

    def make_folder(self, path: str, *, user: int = 0) -> None:
        """Make a folder. Raises: Unwritable."""
        path = posixpath.normpath(path)
        if self.has(path) or self.is_folder(path):
            raise Unwritable(path, "File exists")
        self._check(path, user)
        if len(self._folders) >= MAX_FILES:
            raise Unwritable(path, "No space left on device")
        self._folders.add(path)

    def _place(self, path: str) -> tuple[dict[str, bytes], str]:
        """Where a path's file is kept, and by which key."""
        around = [each for each in self._volumes if path.startswith(f"{each}/")]
        if path in self._files or not around:
            return self._files, path
        folder = max(around, key=len)  # the innermost, where one lies in another
        return self._volumes[folder], path[len(folder) + 1 :]

    def _check(self, path: str, user: int) -> None:
        if self.is_folder(path):
            raise Unwritable(path, "Is a directory")
        if not self.is_folder(posixpath.dirname(path)):
            raise Unwritable(path, "Directory nonexistent")
        if path in self._open:
            return
        if any(path == each or path.startswith(f"{each}/") for each in self._kept):
            raise Unwritable(path, "Read-only file system")
        if any(path.startswith(f"{folder}/") for folder in self._volumes):
            return
        if user and not any(path.startswith(f"{folder}/") for folder in FOR_ALL):
            raise Unwritable(path, "Permission denied")
