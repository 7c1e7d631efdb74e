"""The programs of this machine, run to their end in the environment of one cluster."""

from collections.abc import Sequence
from contextlib import aclosing
from pathlib import Path
from tempfile import TemporaryDirectory

from app.clusters.cluster import Output
from app.commands.environment import program_path, variables
from app.commands.model import Environment
from app.commands.runner import Runner

MOST_BYTES = 8 * 1024 * 1024  # of one short command's output; an analysis is some kilobytes


class InstalledPrograms:
    """Keeps the Protocol `Programs`."""

    def __init__(self, runner: Runner, environment: Environment) -> None:
        self._runner = runner
        self._environment = environment

    def path(self, name: str) -> Path | None:
        """Return where a program lies, None where it is not installed."""
        return self._environment.programs.get(name)

    async def run(self, argv: Sequence[str], *, timeout_s: float) -> Output:
        """Run one to its end; `argv[0]` is the plain name. Raises: ToolMissing."""
        program = program_path(self._environment, argv[0])
        with TemporaryDirectory(prefix="mesh-dojo-") as home:
            env = variables(self._environment, argv[0], home=Path(home), cache=Path(home))
            child = await self._runner.start([str(program), *argv[1:]], env, Path(home))
            texts: dict[str, list[str]] = {"out": [], "err": []}
            size = 0
            try:
                async with aclosing(child.said(timeout_s)) as batches:
                    async for batch in batches:
                        size += sum(len(said.text) for said in batch)
                        if size > MOST_BYTES:
                            break
                        for said in batch:
                            texts[said.stream].append(said.text)
            finally:
                self._runner.forget(child)
        code = None if child.is_timed_out else child.code
        return Output(code, "\n".join(texts["out"]), "\n".join(texts["err"]))
