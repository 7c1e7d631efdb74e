"""The short folder of a sandbox's sockets, and one in it for each pod."""

import fcntl
import os
import shutil
import tempfile
from contextlib import suppress
from itertools import count
from pathlib import Path

LONGEST = 103  # bytes of a Unix socket's path: 107 on Linux, 103 on macOS
ROOM = len("/md-12345678/99999/i65535")
PREFIX, LOCK = "md-", "lock"


class Folders:
    """Folders of mode 0700, removed at the end.

    Not in the data folder: its path may be longer than a Unix socket's can be. What a sandbox that
    was killed has left there is removed by the next one: its lock is free.
    """

    def __init__(self) -> None:
        parent = Path(_parent())
        _sweep(parent)
        made = Path(tempfile.mkdtemp(prefix=f".{PREFIX}", dir=parent))
        self._lock = os.open(made / LOCK, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        self.root = made.rename(parent / made.name[1:])  # seen by others once it is locked
        self._numbers = count(1)
        self._is_closed = False

    def make(self) -> Path:
        """Return a new folder for a pod."""
        folder = self.root / str(next(self._numbers))
        folder.mkdir(mode=0o700)
        return folder

    def remove(self, folder: Path) -> None:
        """Remove a pod's folder with all that is in it."""
        shutil.rmtree(folder, ignore_errors=True)

    def close(self) -> None:
        """Remove everything."""
        if not self._is_closed:
            self._is_closed = True
            shutil.rmtree(self.root, ignore_errors=True)
            os.close(self._lock)


def _sweep(parent: Path) -> None:
    """Remove the folders whose sandbox is no more."""
    for folder in parent.glob(f"{PREFIX}????????"):
        with suppress(OSError):  # another one's, gone, or in use
            lock = os.open(folder / LOCK, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if folder.stat().st_uid == os.getuid():
                    shutil.rmtree(folder, ignore_errors=True)
            finally:
                os.close(lock)


def _parent() -> str:
    """The first folder that is ours to write, with a path short enough."""
    wished = (os.environ.get("XDG_RUNTIME_DIR", ""), tempfile.gettempdir(), "/tmp")
    for folder in wished:
        fits = len(os.fsencode(folder)) + ROOM <= LONGEST
        if folder and fits and os.path.isdir(folder) and os.access(folder, os.W_OK | os.X_OK):
            return folder
    raise FileNotFoundError(f"no folder with a short path may be written: {', '.join(wished)}")
