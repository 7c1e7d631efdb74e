"""`mesh-dojo sandbox`: the embedded cluster, started and stopped by hand, for a terminal."""

import json
import os
import shlex
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from rich.console import Console
from rich.text import Text

from app.cli.status import Status
from app.clusters.sandbox import Running, SandboxProvider
from app.commands.runner import Runner
from app.errors import ClusterUnavailable, Refused
from app.settings import Settings


@asynccontextmanager
async def _provider() -> AsyncIterator[SandboxProvider]:
    async with Runner() as runner:
        yield SandboxProvider(Settings().data_dir / "sandbox", runner, lease_s=0)


async def up(*, as_json: bool) -> Status:
    """Start it, until it is told to go down. Raises: ClusterUnavailable."""
    async with _provider() as provider:
        await provider.start()
        _tell(_running(provider), as_json=as_json)
    return Status.DONE


async def down(*, as_json: bool) -> Status:
    """End it; its objects are kept for the next start."""
    async with _provider() as provider:
        await provider.stop()
        _tell(None, as_json=as_json)
    return Status.DONE


async def status(*, as_json: bool) -> Status:
    """Say whether it runs, and where."""
    async with _provider() as provider:
        running = provider.running()
        _tell(running, as_json=as_json)
    return Status.DONE if running else Status.OUT_OF_REACH


async def reset(*, as_json: bool) -> Status:
    """End it, forget its objects, and start an empty one where it ran. Raises as `up`."""
    async with _provider() as provider:
        was_running = provider.running() is not None
        await provider.reset()
        if was_running:
            await provider.start()
        _tell(provider.running(), as_json=as_json)
    return Status.DONE


async def env(*, as_json: bool) -> Status:
    """Print what a terminal needs, as export lines. Raises: ClusterUnavailable."""
    async with _provider() as provider:
        variables = _variables(_running(provider))
    if as_json:
        sys.stdout.write(json.dumps(variables, indent=2) + "\n")
    else:
        lines = [f"export {name}={shlex.quote(value)}" for name, value in variables.items()]
        sys.stdout.write("\n".join(lines) + "\n")
    return Status.DONE


async def shell() -> Status:
    """Become the learner's own shell, with these variables. Raises: ClusterUnavailable, Refused."""
    async with _provider() as provider:
        variables = _variables(_running(provider))
    program = os.environ.get("SHELL", "/bin/sh")
    try:
        os.execve(program, [program], {**os.environ, **variables})
    except OSError as error:
        raise Refused(
            f"{program} cannot be started: {error.strerror}.", hint="Set SHELL."
        ) from error


def _running(provider: SandboxProvider) -> Running:
    running = provider.running()
    if running is None:
        raise ClusterUnavailable("The sandbox is not running.", hint="mesh-dojo sandbox up")
    return running


def _variables(running: Running) -> Mapping[str, str]:
    path = os.environ.get("PATH", os.defpath)
    tools = str(running.release / "bin")
    if tools not in path.split(os.pathsep):
        path = f"{tools}{os.pathsep}{path}"
    return {"KUBECONFIG": str(running.kubeconfig), "PATH": path}


def _tell(running: Running | None, *, as_json: bool) -> None:
    if as_json:
        shown = {"up": running is not None}
        more = {} if running is None else {"pid": running.pid, "plain": running.plain}
        more |= {} if running is None else {"kubeconfig": str(running.kubeconfig)}
        sys.stdout.write(json.dumps(shown | more, indent=2) + "\n")
        return
    console = Console(highlight=False)
    if running is None:
        console.print("The sandbox is not running.")
        return
    console.print(f"The sandbox is up (process {running.pid}).")
    if running.plain:
        console.print(running.plain)
    console.print("Use it in this terminal:")
    console.print(Text('  eval "$(mesh-dojo sandbox env)"', style="bold"))
