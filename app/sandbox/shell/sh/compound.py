"""Loops, conditions and groups."""

from typing import TYPE_CHECKING

from app.sandbox.shell.sh.expanding import matches
from app.sandbox.shell.sh.redirecting import redirected
from app.sandbox.shell.sh.state import Jump
from app.sandbox.shell.sh.streams import Streams
from app.sandbox.shell.sh.tree import (
    Case,
    Chain,
    Command,
    For,
    Function,
    Group,
    If,
    Loop,
    Pipeline,
    Redirected,
    Script,
)

if TYPE_CHECKING:
    from app.sandbox.shell.sh.running import Shell


def script_of(command: Command) -> Script:
    """Return the script that one command is."""
    return Script(((Chain(Pipeline((command,))), False),))


async def run_compound(shell: "Shell", command: Command, streams: Streams) -> int:
    """Run whatever is not a simple command; return its code."""
    if isinstance(command, Redirected):
        inner = command.command
        return await redirected(
            shell, command.redirects, streams, lambda own: shell.command(inner, own)
        )
    if isinstance(command, For):
        return await _for(shell, command, streams)
    if isinstance(command, Loop):
        return await _loop(shell, command, streams)
    if isinstance(command, If):
        return await _if(shell, command, streams)
    if isinstance(command, Case):
        return await _case(shell, command, streams)
    if isinstance(command, Function):
        shell.state.functions[command.name] = command.body
        return 0
    assert isinstance(command, Group)
    if command.is_subshell:
        return await shell.sub().run_apart(command.body, streams)
    return await shell.run(command.body, streams)


async def _for(shell: "Shell", command: For, streams: Streams) -> int:
    words = shell.state.words
    if command.words is not None:
        words = await shell.expander(streams).words(command.words)
    status = 0
    for word in words:
        shell.state.assign(command.name, word)
        await shell.state.pace.step()
        status, is_over = await _turn(shell, command.body, streams)
        if is_over:
            break
    return status


async def _loop(shell: "Shell", command: Loop, streams: Streams) -> int:
    status = 0
    while True:
        await shell.state.pace.step()
        with shell.tested():
            condition = await shell.run(command.condition, streams)
        if (condition == 0) == command.is_until:
            return status
        status, is_over = await _turn(shell, command.body, streams)
        if is_over:
            return status


async def _turn(shell: "Shell", body: Script, streams: Streams) -> tuple[int, bool]:
    """Run a loop's body once; return its code, and whether the loop is over."""
    shell.state.loops += 1
    try:
        return await shell.run(body, streams), False
    except Jump as jump:
        if jump.kind == "return":
            raise
        if jump.count > 1 and shell.state.loops > 1:
            raise Jump(jump.kind, jump.count - 1) from None
        return 0, jump.kind == "break"
    finally:
        shell.state.loops -= 1


async def _if(shell: "Shell", command: If, streams: Streams) -> int:
    for condition, body in command.branches:
        with shell.tested():
            status = await shell.run(condition, streams)
        if status == 0:
            return await shell.run(body, streams)
    return await shell.run(command.otherwise, streams) if command.otherwise else 0


async def _case(shell: "Shell", command: Case, streams: Streams) -> int:
    expander = shell.expander(streams)
    text = await expander.text(command.word)
    for patterns, body in command.branches:
        for pattern in patterns:
            if matches(text, await expander.pattern(pattern)):
                return await shell.run(body, streams)
    return 0
