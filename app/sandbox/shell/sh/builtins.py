"""The commands that a shell does by itself."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from typing import Protocol

from app.sandbox.shell.sh.state import Jump, Leave, State
from app.sandbox.shell.sh.streams import Streams

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_OPTIONS = {"e": "e", "u": "u", "x": "x", "errexit": "e", "nounset": "u", "pipefail": "pipefail"}


class Runner(Protocol):
    """What a builtin asks of its shell."""

    state: State
    is_left: bool

    async def run_text(self, text: str, streams: Streams) -> int:
        """Run a script's text in this shell."""
        ...

    async def run_words(self, words: list[str], streams: Streams) -> int:
        """Run a command that is given by its words."""
        ...

    def complain(self, text: str, streams: Streams, code: int = 2) -> int:
        """Print an error; return the code."""
        ...

    def knows(self, name: str) -> bool:
        """Whether a command of this name would be found."""
        ...


Builtin = Callable[[Runner, list[str], Streams], Awaitable[int]]


async def _nothing(_shell: Runner, _words: list[str], _streams: Streams) -> int:
    return 0


async def _cd(shell: Runner, words: list[str], streams: Streams) -> int:
    if words and words[0] not in ("/", "~", "."):
        return shell.complain(f"cd: can't cd to {words[0]}: the sandbox stays in /", streams)
    return 0


async def _exit(shell: Runner, words: list[str], streams: Streams) -> int:
    if words and not re.fullmatch(r"\d{1,9}", words[0]):
        raise Leave(shell.complain(f"exit: Illegal number: {words[0]}", streams))
    shell.is_left = True
    raise Leave(int(words[0]) % 256 if words else shell.state.status)


async def _return(shell: Runner, words: list[str], _streams: Streams) -> int:
    is_number = bool(words) and words[0].isdigit()
    raise Jump("return", int(words[0]) if is_number else shell.state.status)


async def _break(shell: Runner, words: list[str], _streams: Streams) -> int:
    if shell.state.loops:
        raise Jump("break", int(words[0]) if words and words[0].isdigit() else 1)
    return 0


async def _continue(shell: Runner, words: list[str], _streams: Streams) -> int:
    if shell.state.loops:
        raise Jump("continue", int(words[0]) if words and words[0].isdigit() else 1)
    return 0


async def _export(shell: Runner, words: list[str], streams: Streams) -> int:
    for word in words:
        name, equals, value = word.partition("=")
        if not _NAME.fullmatch(name):
            return shell.complain(f"export: {name}: bad variable name", streams)
        if equals:
            shell.state.assign(name, value)
        shell.state.exported.add(name)
    if not words:
        known = sorted(shell.state.environment().items())
        streams.out("".join(f"export {name}='{value}'\n" for name, value in known).encode())
    return 0


async def _local(shell: Runner, words: list[str], _streams: Streams) -> int:
    for word in words:
        name, equals, value = word.partition("=")
        if _NAME.fullmatch(name):
            shell.state.assign(name, value if equals else "")
    return 0


async def _unset(shell: Runner, words: list[str], _streams: Streams) -> int:
    for name in words:
        shell.state.variables.pop(name, None)
        shell.state.exported.discard(name)
        shell.state.functions.pop(name, None)
    return 0


async def _set(shell: Runner, words: list[str], streams: Streams) -> int:
    state = shell.state
    while words:
        word = words.pop(0)
        if word == "--":
            state.words = words
            return 0
        if word in ("-o", "+o") and words:
            names = [words.pop(0)]
        elif word[:1] in ("-", "+"):
            names = list(word[1:])
        else:
            state.words = [word, *words]
            return 0
        for name in names:
            if name == "o" and words:
                name = words.pop(0)
            if name not in _OPTIONS:
                return shell.complain(f"set: Illegal option {word[0]}{name}", streams)
            change = state.options.add if word[0] == "-" else state.options.discard
            change(_OPTIONS[name])
    return 0


async def _shift(shell: Runner, words: list[str], streams: Streams) -> int:
    count = int(words[0]) if words and words[0].isdigit() else 1
    if count > len(shell.state.words):
        return shell.complain("shift: can't shift that many", streams)
    shell.state.words = shell.state.words[count:]
    return 0


async def _read(shell: Runner, words: list[str], streams: Streams) -> int:
    names = [word for word in words if not word.startswith("-")] or ["REPLY"]
    line = bytearray()
    while (char := await streams.stdin.read(1)) not in (b"", b"\n"):
        line += char
    values = line.decode("utf-8", "surrogateescape").split(None, len(names) - 1)
    for number, name in enumerate(names):
        shell.state.assign(name, values[number].rstrip() if number < len(values) else "")
    return 0 if char else 1


async def _eval(shell: Runner, words: list[str], streams: Streams) -> int:
    return await shell.run_text(" ".join(words), streams)


async def _exec(shell: Runner, words: list[str], streams: Streams) -> int:
    if not words:
        return 0
    raise Leave(await shell.run_words(words, streams))


async def _command(shell: Runner, words: list[str], streams: Streams) -> int:
    if words[:1] == ["-v"]:
        found = [name for name in words[1:] if shell.knows(name)]
        streams.out("".join(f"{name}\n" for name in found).encode())
        return 0 if found else 127
    return await shell.run_words(words, streams) if words else 0


async def _wait(shell: Runner, _words: list[str], _streams: Streams) -> int:
    behind, shell.state.behind = shell.state.behind, []
    await asyncio.gather(*behind)
    return 0


BUILTINS: dict[str, Builtin] = {
    ":": _nothing,
    "break": _break,
    "cd": _cd,
    "command": _command,
    "continue": _continue,
    "eval": _eval,
    "exec": _exec,
    "exit": _exit,
    "export": _export,
    "local": _local,
    "read": _read,
    "return": _return,
    "set": _set,
    "shift": _shift,
    "trap": _nothing,
    "ulimit": _nothing,
    "umask": _nothing,
    "unset": _unset,
    "wait": _wait,
}
