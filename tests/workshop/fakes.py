"""Sandboxes in memory, and one way for each of them to fail."""

import asyncio
from pathlib import Path

from app.errors import ClusterUnavailable


class FakeSandbox:
    """Runs from start to stop; a file says so, which another site finds."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.renewed = 0

    async def start(self) -> None:
        """Be up."""
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "up").touch()

    async def stop(self) -> None:
        """Be down, with the state kept."""
        if self.running():
            (self.folder / "up").unlink()
            (self.folder / "snapshot.json").write_text("kept")

    async def reset(self) -> None:
        """Be down, without a state."""
        await self.stop()
        (self.folder / "snapshot.json").unlink(missing_ok=True)

    async def close(self) -> None:
        """Nothing is under way."""

    def running(self) -> object | None:
        """Whether it is up."""
        return self if (self.folder / "up").exists() else None

    def renew(self) -> None:
        """Count."""
        self.renewed += 1

    def die(self) -> None:
        """Be gone without a word."""
        (self.folder / "up").unlink()


class BrokenSandbox(FakeSandbox):
    """Never starts."""

    async def start(self) -> None:
        """Fail as a real one does."""
        await asyncio.sleep(0)
        raise ClusterUnavailable("The sandbox did not start.")


class SlowSandbox(FakeSandbox):
    """Starts once it is let."""

    def __init__(self, folder: Path, go: asyncio.Event) -> None:
        super().__init__(folder)
        self.go = go

    async def start(self) -> None:
        """Wait, then be up."""
        await self.go.wait()
        await super().start()
