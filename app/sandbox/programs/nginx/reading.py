"""From nginx's configuration to a tree of directives."""

import fnmatch
import posixpath
import re
from dataclasses import dataclass

from app.sandbox.shell.files import Files

MAIN_FILE = "/etc/nginx/nginx.conf"
_DEEPEST = 10
_MOST_BYTES = 256 * 1024
_TOKEN = re.compile(
    r"""\s+|\#[^\n]*|(?P<mark>[{};])|"(?P<double>(?:[^"\\]|\\.)*)"|'(?P<single>(?:[^'\\]|\\.)*)'"""
    r"""|(?P<word>(?:\$\{\w+\}|[^\s{};"'\\]|\\.)(?:\$\{\w+\}|[^\s{};\\]|\\.)*)""",
    re.DOTALL,
)


class BadConfig(Exception):
    """A configuration that nginx does not start with; its text follows `[emerg] `."""


@dataclass(frozen=True)
class Directive:
    """A directive with its words and, where it has one, its block."""

    name: str
    words: tuple[str, ...]
    where: str
    block: "tuple[Directive, ...] | None" = None

    def bad(self, why: str) -> BadConfig:
        """Return the refusal of this directive."""
        return BadConfig(f"{why} in {self.where}")


def read_config(files: Files, path: str = MAIN_FILE, depth: int = 0) -> tuple[Directive, ...]:
    """Return the directives of a file, those of included ones in their place. Raises: BadConfig."""
    if depth > _DEEPEST:
        raise BadConfig(f"too many includes in {path}")
    try:
        data = files.read(path)
    except OSError as error:
        raise BadConfig(f'open() "{path}" failed (2: No such file or directory)') from error
    reader = _Reader(data[:_MOST_BYTES].decode("utf-8", "replace"), path, files, depth)
    return tuple(reader.block(is_inner=False))


def _unescaped(text: str) -> str:
    known = {"n": "\n", "r": "\r", "t": "\t"}
    return re.sub(r"\\(.)", lambda found: known.get(found[1], found[1]), text)


class _Reader:
    def __init__(self, text: str, path: str, files: Files, depth: int) -> None:
        self._text = text
        self._path = path
        self._files = files
        self._depth = depth
        self._at = 0
        self._line = 1

    def _next(self) -> tuple[str, str] | None:
        """The next token: its kind and its text; None at the end."""
        while self._at < len(self._text):
            found = _TOKEN.match(self._text, self._at)
            if found is None:
                raise BadConfig(f"unexpected character in {self._path}:{self._line}")
            self._at = found.end()
            self._line += found[0].count("\n")
            if found.lastgroup is not None:
                text = found[found.lastgroup]
                is_quoted = found.lastgroup in ("double", "single")
                text = _unescaped(text) if is_quoted else text
                return found.lastgroup, text
        return None

    def block(self, *, is_inner: bool) -> list[Directive]:
        """Return the directives up to the end of a block, or of the file."""
        directives: list[Directive] = []
        words: list[str] = []
        while True:
            token = self._next()
            where = f"{self._path}:{self._line}"
            if token is None:
                if is_inner or words:
                    wanted = '"}"' if is_inner and not words else '";" or "}"'
                    raise BadConfig(f"unexpected end of file, expecting {wanted} in {where}")
                return directives
            kind, text = token
            if kind != "mark":
                words.append(text)
            elif text == "}":
                if words or not is_inner:
                    raise BadConfig(f'unexpected "}}" in {where}')
                return directives
            elif not words:
                raise BadConfig(f'unexpected "{text}" in {where}')
            elif text == ";":
                directives += self._ended(words, where)
                words = []
            else:
                if self._depth > _DEEPEST:
                    raise BadConfig(f"blocks are nested too deeply in {where}")
                self._depth += 1
                inner = tuple(self.block(is_inner=True))
                self._depth -= 1
                directives.append(Directive(words[0], tuple(words[1:]), where, inner))
                words = []

    def _ended(self, words: list[str], where: str) -> list[Directive]:
        if words[0] != "include":
            return [Directive(words[0], tuple(words[1:]), where)]
        pattern = posixpath.join("/etc/nginx", words[1] if len(words) > 1 else "")
        if pattern == "/etc/nginx/mime.types":
            return []
        if not any(mark in pattern for mark in "*?["):
            return list(read_config(self._files, pattern, self._depth + 1))
        names = sorted(fnmatch.filter(self._files.paths(), pattern))
        names = [name for name in names if self._files.has(name)]
        return [each for name in names for each in read_config(self._files, name, self._depth + 1)]
