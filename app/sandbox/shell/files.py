"""A container's files: what its image brings and what is mounted, all of it in memory."""

import posixpath
from collections.abc import Mapping

WRITABLE = ("/tmp/",)
MAX_WRITTEN = 1024 * 1024  # bytes of all that exec may leave behind
MAX_FILES = 200


class ReadOnly(Exception):
    """A path that cannot be written, or no room is left."""


class Files:
    """Virtual files by absolute path. What exec writes goes to /tmp alone, within a bound."""

    def __init__(self, image: Mapping[str, bytes] | None = None) -> None:
        self._files: dict[str, bytes] = dict(image or {})
        self._folders: set[str] = {"/tmp"}

    def mount(self, folder: str, content: Mapping[str, bytes]) -> None:
        """Put a volume's files (by relative path) in place of whatever the folder held."""
        folder = posixpath.normpath(folder)
        kept = {k: v for k, v in self._files.items() if not k.startswith(f"{folder}/")}
        self._files = kept | {f"{folder}/{name}": data for name, data in content.items()}
        self._folders.add(folder)

    def put(self, path: str, data: bytes) -> None:
        """Put one file there, as the runtime or the kubelet does."""
        self._files[posixpath.normpath(path)] = data

    def read(self, path: str) -> bytes:
        """Return a file's content. Raises: FileNotFoundError, IsADirectoryError."""
        path = posixpath.normpath(path)
        if path in self._files:
            return self._files[path]
        raise IsADirectoryError(path) if self.is_folder(path) else FileNotFoundError(path)

    def has(self, path: str) -> bool:
        """Whether there is a file at a path."""
        return posixpath.normpath(path) in self._files

    def is_folder(self, path: str) -> bool:
        """Whether a path is a folder."""
        path = posixpath.normpath(path)
        inside = path.rstrip("/") + "/"
        return (
            path == "/" or path in self._folders or any(f.startswith(inside) for f in self.paths())
        )

    def names(self, path: str) -> list[str]:
        """Return the names in a folder, sorted. Raises: FileNotFoundError, NotADirectoryError."""
        path = posixpath.normpath(path)
        if path in self._files:
            raise NotADirectoryError(path)
        if not self.is_folder(path):
            raise FileNotFoundError(path)
        inside = path.rstrip("/") + "/"
        known = [each for each in self.paths() if each.startswith(inside) and each != inside]
        return sorted({each[len(inside) :].partition("/")[0] for each in known})

    def paths(self) -> list[str]:
        """Return the path of every file and of every folder that is kept as such."""
        return [*self._files, *self._folders]

    def write(self, path: str, data: bytes, *, is_more: bool = False) -> None:
        """Write a file below /tmp, or add to it. Raises: ReadOnly."""
        path = posixpath.normpath(path)
        if not path.startswith(WRITABLE) or self.is_folder(path):
            raise ReadOnly(path)
        written = {k: len(v) for k, v in self._files.items() if k.startswith(WRITABLE)}
        before = self._files.get(path, b"") if is_more else b""
        others = sum(size for name, size in written.items() if name != path)
        is_full = others + len(before) + len(data) > MAX_WRITTEN
        if is_full or (path not in written and len(written) >= MAX_FILES):
            raise ReadOnly(path)
        self._files[path] = before + data

    def remove(self, path: str) -> None:
        """Remove a file below /tmp. Raises: ReadOnly, FileNotFoundError."""
        path = posixpath.normpath(path)
        if path not in self._files:
            raise FileNotFoundError(path)
        if not path.startswith(WRITABLE):
            raise ReadOnly(path)
        del self._files[path]
