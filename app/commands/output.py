"""What a program wrote, as lines that a page can show: text without escapes, of bounded length."""

import re
from typing import Final

MAX_LINE_BYTES: Final = 64 * 1024
_CUT: Final = " … (the rest of this line is left out)"
_ESCAPES: Final = re.compile(
    r"\x1b(?:\[[0-?]*[ -/]*[@-~]?|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[()*+][0-9A-Za-z]|[ -~])?"
)
# controls but tab, and marks that turn the direction of text, behind which a line could hide
_UNSEEN: Final = re.compile(r"[\x00-\x08\x0a-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def clean(text: str) -> str:
    """Return one line as it would stand on a terminal in the end: of rewritten ones the last."""
    plain = _ESCAPES.sub("", text).rstrip("\r\n")
    return _UNSEEN.sub("", plain.rpartition("\r")[2])


class LineSplitter:
    """Makes lines of a stream's bytes. A line longer than 64 KiB loses its rest."""

    def __init__(self) -> None:
        self._rest = b""
        self._is_cut = False

    def feed(self, chunk: bytes) -> list[str]:
        """Return the lines that this chunk ends."""
        *ended, self._rest = (self._rest + chunk).split(b"\n")
        lines = [text for raw in ended for text in self._line(raw, is_end=True)]
        if len(self._rest) > MAX_LINE_BYTES:
            lines += self._line(self._rest, is_end=False)
            self._rest = b""
        return lines

    def end(self) -> list[str]:
        """Return a last line without its newline, if there is one."""
        return self._line(self._rest, is_end=True) if self._rest else []

    def _line(self, raw: bytes, *, is_end: bool) -> list[str]:
        was_cut, self._is_cut = self._is_cut, not is_end
        if was_cut:
            return []
        text = clean(raw[:MAX_LINE_BYTES].decode(errors="replace"))
        is_long = not is_end or len(raw) > MAX_LINE_BYTES
        return [text + _CUT if is_long else text]
