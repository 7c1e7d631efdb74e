"""Tools that read text and print text."""

import asyncio
import re

from app.sandbox.shell.call import BadUse, Call, take_flags

_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "\\": "\\", "a": "\a", "b": "\b", "f": "\f", "v": "\v"}
_SETS = {
    "digit": "0-9",
    "space": " \t\n\r\v\f",
    "lower": "a-z",
    "upper": "A-Z",
    "alpha": "A-Za-z",
    "alnum": "A-Za-z0-9",
}
MOST_NUMBERS = 1_000_000


async def echo(call: Call) -> int:
    """Print the words."""
    words = call.argv[1:]
    is_ended, is_escaped = True, False
    while words and re.fullmatch(r"-[neE]+", words[0]):
        is_ended = is_ended and "n" not in words[0]
        is_escaped = "e" in words[0] or (is_escaped and "E" not in words[0])
        words = words[1:]
    text = " ".join(words)
    call.out((unescaped(text) if is_escaped else text) + ("\n" if is_ended else ""))
    return 0


def unescaped(text: str) -> str:
    """Return a text with its backslash escapes resolved."""
    return re.sub(r"\\([ntr\\abfv])", lambda found: _ESCAPES[found[1]], text)


async def printf(call: Call) -> int:
    """Print by a format: %s %d %i %c %x %o %f %b %%, widths and precisions."""
    if len(call.argv) < 2:
        raise BadUse("missing operand", 2)
    form, words = unescaped(call.argv[1]), call.argv[2:]
    while True:
        used = len(words)

        def put(found: re.Match[str]) -> str:
            if found[0] == "%%":
                return "%"
            return _formatted(found[0], words.pop(0) if words else "")

        call.out(re.sub(r"%%|%[-+ 0#]*\d{0,4}(?:\.\d{1,3})?[sdicxXofub]", put, form))
        if not words or len(words) == used:
            return 0


def _formatted(spec: str, word: str) -> str:
    kind = spec[-1]
    if kind in "sb":
        return spec[:-1].__add__("s") % (unescaped(word) if kind == "b" else word)
    if kind == "c":
        return word[:1]
    try:
        number = float(word or 0) if kind == "f" else int(word or 0)
    except ValueError as error:
        raise BadUse(f"'{word}': expected a numeric value") from error
    return (spec[:-1] + ("d" if kind in "iu" else kind)) % number


async def cat(call: Call) -> int:
    """Print files, or the input as it comes."""
    flags, paths = take_flags(call, "nuveA")
    code = 0
    number = 0
    for path in paths or ["-"]:
        if path == "-" and not flags:
            async for piece in call.pieces():
                call.io.out(piece)
            continue
        try:
            data = call.read(path) if path != "-" else await call.input()
        except BadUse as error:
            code = call.complain(str(error))
            continue
        if "n" not in flags:
            call.io.out(data)
            continue
        for line in data.decode("utf-8", "surrogateescape").splitlines(keepends=True):
            number += 1
            call.out(f"{number:6}\t{line}")
    return code


async def head(call: Call) -> int:
    """Print the first lines, and read no further."""
    count, paths = _count(call)
    if paths:
        lines = (await call.text(paths)).splitlines(keepends=True)
        call.out("".join(lines[:count]))
        return 0
    left = count
    if left > 0:
        async for line in call.lines():
            call.out(f"{line}\n")
            left -= 1
            if left <= 0:
                break
    return 0


async def tail(call: Call) -> int:
    """Print the last lines."""
    count, paths = _count(call)
    lines = (await call.text(paths)).splitlines(keepends=True)
    call.out("".join(lines[-count:] if count else []))
    return 0


def _count(call: Call) -> tuple[int, list[str]]:
    words = [f"-n{w[1:]}" if re.fullmatch(r"-\d+", w) else w for w in call.argv[1:]]
    call.argv = [call.argv[0], *words]
    flags, paths = take_flags(call, "q", "nc")
    written = flags.get("n", "10").lstrip("+")
    if not re.fullmatch(r"-?\d{1,9}", written) or "c" in flags:
        raise BadUse(f"invalid number of lines: '{written}'")
    return int(written), paths


async def tr(call: Call) -> int:
    """Replace characters, -d delete them, -s squeeze them."""
    flags, sets = take_flags(call, "dsc", most=2)
    if not sets:
        raise BadUse("missing operand")
    first = _characters(sets[0])
    second = _characters(sets[1]) if len(sets) > 1 else ""
    text = (await call.input()).decode("utf-8", "surrogateescape")
    if "d" in flags:
        text = "".join(c for c in text if (c in first) == ("c" in flags))
    elif second:
        text = text.translate(
            {ord(c): second[min(i, len(second) - 1)] for i, c in enumerate(first)}
        )
    if "s" in flags:
        kept = second or first
        text = re.sub(r"(.)\1+", lambda m: m[1] if m[1] in kept else m[0], text, flags=re.DOTALL)
    call.out(text)
    return 0


def _characters(written: str) -> str:
    text = unescaped(written).replace("[:digit:]", "0-9").replace("[:space:]", " \t\n\r\v\f")
    text = (
        text.replace("[:lower:]", "a-z").replace("[:upper:]", "A-Z").replace("[:alpha:]", "A-Za-z")
    )

    def spread(found: re.Match[str]) -> str:
        return "".join(map(chr, range(ord(found[1]), ord(found[2]) + 1)))

    return re.sub(r"([\x00-\x7f])-([\x00-\x7f])", spread, text)


async def seq(call: Call) -> int:
    """Print numbers."""
    words = call.argv[1:]
    if not 1 <= len(words) <= 3 or not all(re.fullmatch(r"-?\d{1,9}", word) for word in words):
        raise BadUse(f"invalid argument: '{' '.join(words)}'")
    numbers = [int(word) for word in words]
    first = numbers[0] if len(numbers) > 1 else 1
    step = numbers[1] if len(numbers) == 3 else 1
    if step == 0:
        raise BadUse("invalid Zero increment value: '0'")
    series = range(first, numbers[-1] + (1 if step > 0 else -1), step)
    if len(series) > MOST_NUMBERS:
        raise BadUse(f"the sandbox counts up to {MOST_NUMBERS} numbers")
    for start in range(0, len(series), 1000):
        call.out("".join(f"{number}\n" for number in series[start : start + 1000]))
        await asyncio.sleep(0)
    return 0


async def tee(call: Call) -> int:
    """Print the input, and write it into files."""
    flags, paths = take_flags(call, "a")
    data = await call.input()
    call.io.out(data)
    for path in paths:
        call.container.write(path, data, is_more="a" in flags)
    return 0


async def yes(call: Call) -> int:
    """Print a word without end."""
    line = f"{' '.join(call.argv[1:]) or 'y'}\n"
    lines = line * (8192 // len(line) + 1)
    while True:
        call.out(lines)
        await asyncio.sleep(0.001)
