"""The short folder of a sandbox's sockets, and one in it for each pod."""

import os
import shutil
import tempfile
from itertools import count
from pathlib import Path

LONGEST = 103  # bytes of a Unix socket's path: 107 on Linux, 103 on macOS
ROOM = len("/md-12345678/99999/i65535")


class Folders:
    """Folders of mode 0700, removed at the end.

    Not in the data folder: its path may be longer than a Unix socket's can be.
    """

    def __init__(self) -> None:
        self.root = Path(tempfile.mkdtemp(prefix="md-", dir=_parent()))
        self._numbers = count(1)

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
        shutil.rmtree(self.root, ignore_errors=True)


def _parent() -> str:
    """The first folder that is ours to write, with a path short enough."""
    wished = (os.environ.get("XDG_RUNTIME_DIR", ""), tempfile.gettempdir(), "/tmp")
    for folder in wished:
        fits = len(os.fsencode(folder)) + ROOM <= LONGEST
        if folder and fits and os.path.isdir(folder) and os.access(folder, os.W_OK | os.X_OK):
            return folder
    raise FileNotFoundError(f"no folder with a short path may be written: {', '.join(wished)}")
