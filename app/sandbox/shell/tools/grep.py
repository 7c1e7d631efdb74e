"""grep."""

from collections.abc import AsyncIterator

from app.sandbox.shell.call import BadUse, Call, take_flags
from app.sandbox.shell.regex.matching import Pattern
from app.sandbox.shell.regex.syntax import BadPattern

_WORD = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"
_SPECIAL = set("\\[]^$.*+?(){}|")


async def grep(call: Call) -> int:
    """Print the lines that match; 0 where there was one, 1 where there was none, 2 on an error."""
    try:
        flags, words = take_flags(call, "cvoEFGiqnHhwxlsr", "em")
        pattern = flags["e"] if "e" in flags else words.pop(0)
        search = _Search(call.name, pattern, flags)
    except (BadUse, BadPattern) as error:
        return call.complain(str(error), 2)
    except IndexError:
        call.io.err(b"Usage: grep [OPTION]... PATTERNS [FILE]...\n")
        return 2
    code, has_found = 0, False
    for path in words or ["-"]:
        try:
            found = await search.run(call, path, len(words) > 1)
        except (BadUse, BadPattern) as error:
            code = call.complain(str(error), 2)
            continue
        has_found = has_found or found
        if found and "q" in flags:
            return 0
    return code or (0 if has_found else 1)


class _Search:
    def __init__(self, name: str, pattern: str, flags: dict[str, str]) -> None:
        self._flags = flags
        is_extended = "E" in flags or name == "egrep"
        is_fixed = "F" in flags or name == "fgrep"
        if is_fixed:
            is_extended = True
            pattern = "".join(f"\\{c}" if c in _SPECIAL else c for c in pattern)
        written = pattern.split("\n")
        self._literals = written if not _SPECIAL & set(pattern) and "i" not in flags else None
        self._patterns = [
            Pattern(each, is_extended=is_extended, ignores_case="i" in flags) for each in written
        ]
        most = flags.get("m", "")
        self._most = int(most) if most.isdigit() else 10**9

    async def run(self, call: Call, path: str, is_named: bool) -> bool:
        """Search one file or the input; whether anything was found."""
        flags = self._flags
        name = f"{'(standard input)' if path == '-' else path}:"
        lead = name if (is_named or "H" in flags) and "h" not in flags else ""
        count = 0
        number = 0
        lines = call.lines() if path == "-" else _lines_of(call.read(path))
        async for line in lines:
            number += 1
            if self._matches(line) == ("v" in flags):
                continue
            count += 1
            if "q" in flags or "l" in flags:
                break
            if "c" not in flags:
                self._show(call, f"{lead}{number}:" if "n" in flags else lead, line)
            if count >= self._most:
                break
        if "c" in flags and "q" not in flags:
            call.out(f"{lead}{count}\n")
        if "l" in flags and count:
            call.out(f"{name[:-1]}\n")
        return count > 0

    def _show(self, call: Call, lead: str, line: str) -> None:
        if "o" not in self._flags:
            call.out(f"{lead}{line}\n")
        elif "v" not in self._flags:
            for start, end in self._spans(line):
                call.out(f"{lead}{line[start:end]}\n")

    def _matches(self, line: str) -> bool:
        if "w" in self._flags or "x" in self._flags:
            return bool(self._spans(line)) or (not line and self._is_empty())
        if self._literals is not None:
            return any(each in line for each in self._literals)
        return any(each.search(line) for each in self._patterns)

    def _is_empty(self) -> bool:
        return any(each.search("") for each in self._patterns)

    def _spans(self, line: str) -> list[tuple[int, int]]:
        found = sorted(span for each in self._patterns for span in each.spans(line))
        if "x" in self._flags:
            return [span for span in found if span == (0, len(line))]
        if "w" not in self._flags:
            return found
        return [
            (start, end)
            for start, end in found
            if line[start - 1 : start] not in tuple(_WORD)
            and line[end : end + 1] not in tuple(_WORD)
        ]


def _is_word(line: str, start: int, end: int) -> bool:
    around = (line[start - 1] if start else " ", line[end] if end < len(line) else " ")
    return not any(char in _WORD for char in around)


async def _lines_of(data: bytes) -> AsyncIterator[str]:
    for line in data.decode("utf-8", "surrogateescape").splitlines():
        yield line
