"""The files that a line names, read for the server."""

import os
import sys

from .trouble import Trouble

READ = (".yaml", ".yml", ".json")
NAMED = ("-f", "--filename", "--file")
MOST_BYTES = 4 * 1024 * 1024


def attached(argv: list[str]) -> dict[str, object]:
    """Return the files and folders that the line names, and what is piped in as `-`."""
    files: dict[str, str] = {}
    folders: dict[str, list[str]] = {}
    left = MOST_BYTES
    for word in named(argv):
        if word == "-":
            files[word] = sys.stdin.read(left)
        elif os.path.isdir(word):
            found = (os.path.join(top, f) for top, _, fs in os.walk(word) for f in fs)
            folders[word] = sorted(found)
            files |= {path: contents(path, left) for path in folders[word] if path.endswith(READ)}
        elif os.path.isfile(word):
            files[word] = contents(word, left)
        left = MOST_BYTES - sum(len(text) for text in files.values())
    return {"files": files, "folders": folders}


def contents(path: str, most: int) -> str:
    """Return a file's text. Raises: Trouble where it is longer than may be sent, or unreadable."""
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            text = file.read(most + 1)
    except OSError as error:
        raise Trouble(f"open {path}: {str(error.strerror).lower()}") from error
    if len(text) > most:
        raise Trouble(f"{path} is more than the {MOST_BYTES} bytes that may be sent")
    return text


def named(argv: list[str]) -> list[str]:
    """Return the words of a line that may be files."""
    found: list[str] = []
    for before, word in zip(["", *argv], argv, strict=False):
        if before in NAMED:
            found += word.split(",")
        elif word.startswith(tuple(f"{flag}=" for flag in NAMED)):
            found += word.partition("=")[2].split(",")
        elif word == "-" or not word.startswith("-"):
            is_file = word == "-" or word.endswith(READ) or os.sep in word or os.path.isfile(word)
            found += [word] if is_file or os.path.isdir(word) else []
    return found
