"""A terminal's line discipline, for `exec -t`: echo, erase, end of input."""

import asyncio

ERASE = (0x7F, 0x08)
INTERRUPT, END, KILL = 0x03, 0x04, 0x15
RETURN = (0x0D, 0x0A)
ESCAPE = 0x1B
SHELLS = ("sh", "bash", "ash", "/bin/sh", "/bin/bash", "/bin/ash")


class Terminal:
    """Takes what is typed, gives whole lines to `stdin`, and says what is to be echoed."""

    def __init__(self, stdin: asyncio.StreamReader) -> None:
        self._stdin = stdin
        self._line = bytearray()
        self._in_escape = False
        self.is_interrupted = False

    def typed(self, data: bytes) -> bytes:
        """Take typed bytes; return the echo."""
        return b"".join(self._byte(byte) for byte in data)

    def _byte(self, byte: int) -> bytes:
        if self._in_escape:  # arrow keys and their like: no history here
            self._in_escape = not (0x40 <= byte <= 0x7E and byte != ord("["))
            return b""
        if byte in RETURN:
            self._stdin.feed_data(bytes(self._line) + b"\n")
            self._line.clear()
            return b"\r\n"
        if byte in ERASE:
            if not self._line:
                return b""
            self._line.pop()
            return b"\b \b"
        if byte == ESCAPE:
            self._in_escape = True
            return b""
        if byte == END:
            return self._end()
        if byte in (INTERRUPT, KILL):
            self._line.clear()
            self.is_interrupted = self.is_interrupted or byte == INTERRUPT
            return b"^C\r\n" if byte == INTERRUPT else b"\r\n"
        self._line.append(byte)
        return bytes([byte])

    def _end(self) -> bytes:
        if self._line:
            self._stdin.feed_data(bytes(self._line))
            self._line.clear()
        else:
            self._stdin.feed_eof()
        return b""


def shown(data: bytes) -> bytes:
    """Return output as a terminal in raw mode needs it."""
    return data.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
