"""test, also written `[`."""

import re

from app.sandbox.shell.call import STANDING, BadUse, Call

_COMPARE = {  # what the sign of the difference may be
    "-eq": (0,),
    "-ne": (-1, 1),
    "-lt": (-1,),
    "-le": (-1, 0),
    "-gt": (1,),
    "-ge": (0, 1),
}


async def test(call: Call) -> int:
    """Return 0 where a condition is true: files, texts, numbers."""
    words = call.argv[1:]
    if call.name == "[" and (not words or words.pop() != "]"):
        raise BadUse("missing ]", 2)
    return 0 if _holds(call, words) else 1


def _holds(call: Call, words: list[str]) -> bool:
    if "-o" in words[1:-1]:
        at = words.index("-o", 1)
        return _holds(call, words[:at]) or _holds(call, words[at + 1 :])
    if "-a" in words[1:-1]:
        at = words.index("-a", 1)
        return _holds(call, words[:at]) and _holds(call, words[at + 1 :])
    if words[:1] == ["!"]:
        return not _holds(call, words[1:])
    if len(words) < 2:
        return bool(words and words[0])
    if len(words) == 2:
        return _unary(call, *words)
    if len(words) == 3:
        return _binary(*words)
    raise BadUse(f"{words[3]}: unexpected operator", 2)


def _unary(call: Call, operator: str, word: str) -> bool:
    files = call.container.files
    if operator in ("-z", "-n"):
        return bool(word) == (operator == "-n")
    if operator == "-d":
        return files.is_folder(word)
    if operator in ("-e", "-f", "-s", "-r"):
        return files.has(word) or word in STANDING or (operator == "-e" and files.is_folder(word))
    raise BadUse(f"{operator}: unexpected operator", 2)


def _binary(left: str, operator: str, right: str) -> bool:
    if operator in ("=", "=="):
        return left == right
    if operator == "!=":
        return left != right
    compare = {
        "-eq": (0,),
        "-ne": (-1, 1),
        "-lt": (-1,),
        "-le": (-1, 0),
        "-gt": (1,),
        "-ge": (0, 1),
    }
    if operator not in compare:
        raise BadUse(f"{operator}: unexpected operator", 2)
    for word in (left, right):
        if not re.fullmatch(r"\s*[-+]?\d{1,18}\s*", word):
            raise BadUse(f"Illegal number: {word}", 2)
    difference = int(left) - int(right)
    return (difference > 0) - (difference < 0) in _COMPARE[operator]
