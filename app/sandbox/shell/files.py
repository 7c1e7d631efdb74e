"""A container's files: what its image brings and what is mounted, all of it in memory."""

from collections.abc import Mapping


class Files:
    """Virtual files by absolute path. What exec writes goes to /tmp alone, within a bound."""

    def __init__(self, image: Mapping[str, bytes] | None = None) -> None:
        self._files: dict[str, bytes] = dict(image or {})

    def mount(self, folder: str, content: Mapping[str, bytes]) -> None:
        """Put a volume's files (by relative path) in place of whatever the folder held."""
        folder = folder.rstrip("/")
        kept = {k: v for k, v in self._files.items() if not k.startswith(f"{folder}/")}
        self._files = kept | {f"{folder}/{name}": data for name, data in content.items()}
