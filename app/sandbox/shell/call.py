"""One call of a tool: its words, its streams, and the container that it runs in."""

import asyncio
import posixpath
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import TypeAlias

from app.sandbox.network.dns import SERVER, search_domains
from app.sandbox.shell.container import Container
from app.sandbox.shell.io import Io

PIECE = 64 * 1024  # bytes
TURN = 200  # lines between two looks at what else is to be done
MOST_INPUT = 2 * 1024 * 1024  # bytes that a tool keeps of its input


class BadUse(Exception):
    """A tool that was called wrongly: its text is printed, its code the exit code."""

    def __init__(self, message: str, code: int = 1) -> None:
        super().__init__(message)
        self.code = code


@dataclass
class Call:
    """`argv` begins with the tool's name; `env` are the exported variables."""

    argv: list[str]
    io: Io
    container: Container
    env: dict[str, str]
    run: "Tool | None" = None  # what runs another tool, for those that do

    @property
    def name(self) -> str:
        """The tool's name, without its folder."""
        return posixpath.basename(self.argv[0])

    def out(self, text: str) -> None:
        """Print."""
        self.io.out(text.encode("utf-8", "surrogateescape"))

    def complain(self, text: str, code: int = 1) -> int:
        """Print an error after the tool's name; return the exit code."""
        self.io.err(f"{self.name}: {text}\n".encode("utf-8", "surrogateescape"))
        return code

    def read(self, path: str) -> bytes:
        """Return a file's content. Raises: BadUse with the tool's words."""
        try:
            return read_file(self.container, path)
        except IsADirectoryError as error:
            raise BadUse(f"{path}: Is a directory") from error
        except OSError as error:
            why = "No such file or directory"
            raise BadUse(f"{path}: {why}") from error

    async def text(self, paths: list[str]) -> str:
        """Return all of the named files, or of the input where none is named."""
        data = b""
        for path in paths or ["-"]:
            data += self.read(path) if path != "-" else await self.input()
        return data.decode("utf-8", "surrogateescape")

    async def input(self) -> bytes:
        """Return all of the input."""
        data = bytearray()
        async for piece in self.pieces():
            data += piece
            if len(data) > MOST_INPUT:
                raise BadUse("the sandbox keeps no more than 2 MiB of input")
        return bytes(data)

    async def pieces(self) -> AsyncIterator[bytes]:
        """Yield the input as it comes."""
        while piece := await self.io.stdin.read(PIECE):
            yield piece

    async def lines(self) -> AsyncIterator[str]:
        """Yield the input's lines without their ends, as they come."""
        rest = b""
        async for piece in self.pieces():
            *whole, rest = (rest + piece).split(b"\n")
            if len(rest) > MOST_INPUT:
                raise BadUse("line too long")
            for number, line in enumerate(whole):
                if number % TURN == 0:
                    await asyncio.sleep(0)
                yield line.decode("utf-8", "surrogateescape")
        if rest:
            yield rest.decode("utf-8", "surrogateescape")


Tool: TypeAlias = Callable[[Call], Awaitable[int]]


def read_file(container: Container, path: str) -> bytes:
    """Return a file's content, also of those that every pod has.

    Raises: FileNotFoundError, IsADirectoryError.
    """
    whole = posixpath.normpath(posixpath.join("/", path))
    if whole == "/dev/null":
        return b""
    if not container.files.has(whole) and whole in STANDING:
        return STANDING[whole](container).encode()
    return container.files.read(whole)


def _hosts(container: Container) -> str:
    lines = [
        "# Kubernetes-managed hosts file.",
        "127.0.0.1\tlocalhost",
        "::1\tlocalhost ip6-localhost ip6-loopback",
        "fe00::0\tip6-localnet",
        "fe00::0\tip6-mcastprefix",
        "fe00::1\tip6-allnodes",
        "fe00::2\tip6-allrouters",
        f"{container.place.ip}\t{container.place.pod}",
    ]
    return "\n".join(lines) + "\n"


def _resolver(container: Container) -> str:
    searched = " ".join(search_domains(container.place.namespace))
    return f"search {searched}\nnameserver {SERVER}\noptions ndots:5\n"


STANDING: dict[str, Callable[[Container], str]] = {
    "/etc/hostname": lambda container: f"{container.place.pod}\n",
    "/etc/hosts": _hosts,
    "/etc/passwd": lambda container: "root:x:0:0:root:/root:/bin/sh\n",
    "/etc/resolv.conf": _resolver,
}


def take_flags(
    call: Call, letters: str, with_value: str = "", most: int = 10_000
) -> tuple[dict[str, str], list[str]]:
    """Return a tool's flags and its other words. Raises: BadUse on what it does not know.

    Shape: {letter: value, or the letter itself where it takes none}.
    """
    flags: dict[str, str] = {}
    rest: list[str] = []
    words = call.argv[1:]
    while words:
        word = words.pop(0)
        if word == "--":
            rest += words
            break
        if not word.startswith("-") or word == "-":
            rest.append(word)
            continue
        cluster = word[1:]
        while cluster:
            letter, cluster = cluster[0], cluster[1:]
            if letter in with_value:
                value = cluster or (words.pop(0) if words else None)
                if value is None:
                    raise BadUse(f"option requires an argument -- '{letter}'")
                flags[letter], cluster = value, ""
            elif letter in letters:
                flags[letter] = letter
            else:
                raise BadUse(_unknown(word, letter), 1)
    if len(rest) > most:
        raise BadUse(f"extra operand '{rest[most]}'")
    return flags, rest


def _unknown(word: str, letter: str) -> str:
    if word.startswith("--"):
        return f"unrecognized option '{word}'"
    return f"invalid option -- '{letter}'"
