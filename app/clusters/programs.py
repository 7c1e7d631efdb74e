"""The installed programs, kubectl, istioctl and minikube: where they lie, and running them."""

from collections.abc import Sequence
from contextlib import aclosing
from pathlib import Path
from typing import Final, Protocol

from app.clusters.cluster import Output
from app.commands.environment import program_path, variables
from app.commands.model import Environment
from app.commands.runner import Runner

MAX_OUTPUT_CHARS: Final = 32 * 1024 * 1024  # a proxy's whole configuration as JSON is 1 to 3


class Programs(Protocol):
    """Finds kubectl, istioctl and minikube by their plain names, and runs them."""

    def path(self, name: str) -> Path | None:
        """Return where a program lies, None where it is not installed."""
        ...

    async def run(self, argv: Sequence[str], *, timeout_s: float) -> Output:
        """Run one to its end; `argv[0]` is the plain name. Raises: ToolMissing."""
        ...


class InstalledPrograms:
    """The programs of this machine, run by the one runner that owns all processes."""

    def __init__(self, runner: Runner, environment: Environment, folder: Path) -> None:
        self._runner = runner
        self._environment = environment
        self._folder = folder

    def path(self, name: str) -> Path | None:
        """Return where a program lies, None where it is not installed."""
        return self._environment.programs.get(name)

    async def run(self, argv: Sequence[str], *, timeout_s: float) -> Output:
        """Run one to its end; what it says past MAX_OUTPUT_CHARS is left out."""
        program = program_path(self._environment, argv[0])
        given = variables(
            self._environment, argv[0], home=self._folder, cache=self._folder / "cache"
        )
        child = await self._runner.start([str(program), *argv[1:]], given, self._folder)
        said: dict[str, list[str]] = {"out": [], "err": []}
        length = 0
        try:
            async with aclosing(child.said(timeout_s)) as batches:
                async for batch in batches:
                    for line in batch:
                        length += len(line.text)
                        if length < MAX_OUTPUT_CHARS:
                            said[line.stream].append(line.text + "\n")
        finally:
            self._runner.forget(child)
        code = None if child.is_timed_out else child.code
        return Output(code, "".join(said["out"]), "".join(said["err"]))
