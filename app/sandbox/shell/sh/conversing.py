"""A shell at a terminal: a prompt, a line, what it says, and so on."""

from typing import TYPE_CHECKING

from app.sandbox.shell.sh.parsing import parse
from app.sandbox.shell.sh.state import Jump, Leave
from app.sandbox.shell.sh.streams import Streams
from app.sandbox.shell.sh.tree import Script
from app.sandbox.shell.sh.words import SyntaxFault

if TYPE_CHECKING:
    from app.sandbox.shell.sh.running import Shell


async def converse(shell: "Shell", streams: Streams, prompt: str) -> int:
    """Run lines as they are typed, until `exit` or the end of the input; return the last code."""
    while True:
        script = await _typed(shell, streams, prompt)
        if script is None:
            return shell.state.status
        try:
            await shell.run(script, streams)
        except Jump:
            continue
        except Leave as leave:
            if shell.is_left:
                return leave.code
            shell.tell_unset(leave, streams)
            shell.state.status = leave.code


async def _typed(shell: "Shell", streams: Streams, prompt: str) -> Script | None:
    """The next script that is whole; None at the end of the input."""
    text = ""
    streams.err(prompt.encode())
    while line := await streams.stdin.readline():
        text += line.decode("utf-8", "replace")
        try:
            return parse(text)
        except SyntaxFault as fault:
            if "end of file" not in str(fault) and "Unterminated" not in str(fault):
                shell.tell_fault(fault, streams)
                text = ""
        streams.err(b"> " if text else prompt.encode())
    return None
