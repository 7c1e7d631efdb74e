"""One desk for all learners of a site: the acts that a page, the CLI and later a room share."""

from collections.abc import Mapping

from app.commands.model import Run


class Desk:
    """Every act names the learner; what it changes is recorded, and told to the bus."""

    async def run(
        self, learner: str, lesson: str, step: str, command: str, texts: Mapping[str, str]
    ) -> Run:
        """Start a fenced command; `texts` are the learner's manifests: {file name: text}.

        Raises: CommandRefused, ManifestRefused, Busy (a foreground run is under way), NotFound,
        ClusterUnavailable, ToolMissing.
        """
        raise NotImplementedError

    async def run_line(
        self, learner: str, lesson: str, step: str, line: str, texts: Mapping[str, str]
    ) -> Run:
        """Start a typed command under the same policy. Raises as `run`."""
        raise NotImplementedError

    async def stop(self, learner: str, run: str) -> None:
        """End a run's whole process group. Raises: NotFound where it is not the learner's."""
        raise NotImplementedError

    async def check(self, learner: str, lesson: str, step: str) -> None:
        """Start the checks of a step; results come over the bus. Raises: Busy, NotFound."""
        raise NotImplementedError

    async def answer(
        self, learner: str, lesson: str, step: str, question: str, choice: str
    ) -> None:
        """Record an answer. Raises: NotFound."""
        raise NotImplementedError

    async def open_hint(self, learner: str, lesson: str, step: str) -> int:
        """Open one more hint; return how many are open now (0 to 3)."""
        raise NotImplementedError

    async def show_solution(self, learner: str, lesson: str, step: str) -> None:
        """Record that the solution was looked at."""
        raise NotImplementedError

    async def save_draft(self, learner: str, lesson: str, step: str, file: str, text: str) -> None:
        """Keep what the learner typed into a manifest. Raises: ManifestRefused when over 64 KiB."""
        raise NotImplementedError
