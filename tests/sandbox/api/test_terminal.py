"""A terminal's lines."""

import asyncio

from app.sandbox.api.terminal import Terminal, shown


async def test_a_line_is_edited_before_the_program_gets_it() -> None:
    stdin = asyncio.StreamReader()
    terminal = Terminal(stdin)
    assert terminal.typed(b"lx\x7fs\x1b[A\r") == b"lx\b \bs\r\n"
    assert await stdin.readline() == b"ls\n"
    assert terminal.typed(b"ab\x03") == b"ab^C\r\n"
    assert terminal.is_interrupted
    assert terminal.typed(b"\x04") == b""
    assert await stdin.read() == b""


def test_output_is_shown_as_a_raw_terminal_needs_it() -> None:
    assert shown(b"a\nb\r\n") == b"a\r\nb\r\n"
