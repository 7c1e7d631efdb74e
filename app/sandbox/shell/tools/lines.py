"""Tools that count, sort and cut lines."""

import re

from app.sandbox.shell.call import BadUse, Call, take_flags
from app.sandbox.shell.tools.system import run_other


async def wc(call: Call) -> int:
    """Count lines, words and bytes."""
    flags, paths = take_flags(call, "lwcm")
    totals = [0, 0, 0]
    for path in paths or ["-"]:
        data = call.read(path) if path != "-" else await call.input()
        counts = [data.count(b"\n"), len(data.split()), len(data)]
        totals = [a + b for a, b in zip(totals, counts, strict=True)]
        call.out(_counted(call, flags, counts, path if paths else ""))
    if len(paths) > 1:
        call.out(_counted(call, flags, totals, "total"))
    return 0


def _counted(call: Call, flags: dict[str, str], counts: list[int], name: str) -> str:
    wanted = [count for letter, count in zip("lwc", counts, strict=True) if letter in flags]
    if "m" in flags:
        wanted.append(counts[2])
    shown = wanted or counts
    width = 7 if not name and len(shown) > 1 else 0 if len(shown) == 1 else 1
    text = " ".join(f"{count:{width or ''}}" for count in shown)
    return f"{text} {name}\n" if name else f"{text}\n"


async def sort(call: Call) -> int:
    """Sort lines."""
    flags, paths = take_flags(call, "nrufbgV", "kt")
    lines = (await call.text(paths)).splitlines()
    key, mark = flags.get("k", ""), flags.get("t")
    if key and not re.fullmatch(r"\d{1,4}(?:,\d{1,4})?[nr]*", key):
        raise BadUse(f"the sandbox's sort does not emulate -k {key}", 2)
    column = int(re.match(r"\d+", key)[0]) if key else 0  # type: ignore[index]
    is_number = "n" in flags or "g" in flags or key.endswith("n")

    def order(line: str) -> tuple[float, str]:
        words = line.split(mark) if mark else line.split()
        text = " ".join(words[column - 1 :]) if column else line
        found = re.match(r"\s*(-?\d+(?:\.\d+)?)", text)
        return (float(found[1]) if found else 0.0) if is_number else 0.0, text

    ordered = sorted(lines, key=order, reverse="r" in flags)
    if "u" in flags:
        ordered = list(dict.fromkeys(ordered))
    call.out("".join(f"{line}\n" for line in ordered))
    return 0


async def uniq(call: Call) -> int:
    """Print lines that repeat once, -c with their count, -d only those, -u only the others."""
    flags, paths = take_flags(call, "cdui")
    counts: list[tuple[str, int]] = []
    for line in (await call.text(paths)).splitlines():
        if counts and counts[-1][0] == line:
            counts[-1] = (line, counts[-1][1] + 1)
        else:
            counts.append((line, 1))
    for line, count in counts:
        if ("d" in flags and count == 1) or ("u" in flags and count > 1):
            continue
        call.out(f"{count:7} {line}\n" if "c" in flags else f"{line}\n")
    return 0


async def cut(call: Call) -> int:
    """Print some fields or characters of each line."""
    flags, paths = take_flags(call, "s", "dfc")
    wanted = flags.get("f") or flags.get("c") or ""
    if not re.fullmatch(r"(\d*-?\d*)(,\d*-?\d*)*", wanted) or not wanted:
        raise BadUse("you must specify a list of bytes, characters, or fields")
    mark = flags.get("d", "\t")
    for line in (await call.text(paths)).splitlines():
        parts = line.split(mark) if "f" in flags else list(line)
        if "f" in flags and mark not in line:
            call.out("" if "s" in flags else f"{line}\n")
            continue
        kept = [part for number, part in enumerate(parts, 1) if _is_in(number, wanted)]
        call.out((mark if "f" in flags else "").join(kept) + "\n")
    return 0


def _is_in(number: int, wanted: str) -> bool:
    for part in wanted.split(","):
        first, dash, last = part.partition("-")
        low = int(first or 1)
        high = int(last) if last else (10**9 if dash else low)
        if low <= number <= high:
            return True
    return False


async def xargs(call: Call) -> int:
    """Run a command with the input's words: all, -n at a time, or in place of what -I names."""
    words = call.argv[1:]
    options: dict[str, str] = {}
    while words and words[0][:1] == "-" and words[0][1:2] in ("n", "I", "P", "r", "t"):
        option = words.pop(0)
        letter, value = option[1], option[2:]
        options[letter] = value or ("" if letter in "rt" else words.pop(0) if words else "")
    if not re.fullmatch(r"\d{0,6}", options.get("n", "")):
        raise BadUse(f"invalid number for -n option: {options['n']}")
    command = words or ["echo"]
    text = (await call.input()).decode("utf-8", "surrogateescape")
    mark = options.get("I")
    given = text.splitlines() if mark else text.split()
    each = 1 if mark else int(options.get("n") or len(given) or 1)
    code = 0
    for start in range(0, len(given), each):
        part = given[start : start + each]
        replaced = [word.replace(mark, part[0]) for word in command] if mark else [*command, *part]
        code = code or (123 if await run_other(call, replaced) else 0)
    return code
