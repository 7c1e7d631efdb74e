"""Reports on disk: each is there whole under its name, or not at all."""

import os
import tempfile
from contextlib import suppress
from pathlib import Path

from app.errors import StoreUnavailable


def write_whole(file: Path, content: bytes) -> None:
    """Put a file in place at once, in place of an earlier one. Raises: StoreUnavailable."""
    draft = ""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        number, draft = tempfile.mkstemp(prefix=f".{file.name[:60]}.", dir=file.parent)
        with os.fdopen(number, "wb") as opened:
            opened.write(content)
            opened.flush()
            os.fsync(opened.fileno())
        Path(draft).chmod(0o644)
        Path(draft).replace(file)
    except OSError as error:
        if draft:
            with suppress(OSError):
                Path(draft).unlink()
        raise StoreUnavailable(
            f"The report {file} cannot be written: {error.strerror}.",
            hint="Is there room, and may its folder be written? Finished reports are kept.",
        ) from error


def remove(file: Path) -> None:
    """Remove a file, if it is there. Raises: StoreUnavailable."""
    try:
        file.unlink(missing_ok=True)
    except OSError as error:
        raise StoreUnavailable(f"{file} cannot be removed: {error.strerror}.") from error
