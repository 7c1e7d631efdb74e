"""Reading a script's marks: blanks, keywords, redirections, here-documents."""

import re

from app.sandbox.shell.sh.tree import Redirect, Text, Word
from app.sandbox.shell.sh.words import SyntaxFault, WordReader

_REDIRECT = re.compile(r"(\d?)(>>|>&|<<-|<<|<&|>\||>|<)|(&>)")


class TokenReader(WordReader):
    """What stands between a script's words."""

    def __init__(self, text: str, depth: int = 0) -> None:
        super().__init__(text, depth)
        self._heres: list[tuple[str, bool, list[Redirect], int]] = []

    def seen(self) -> str:
        """Return what comes next, for an error."""
        for mark in ("&&", "||", ";;"):
            if self.peek(2) == mark:
                return mark
        found = re.compile(r"[^ \t\n;|&<>()]+").match(self.text, self.at)
        return found[0] if found else self.peek()

    def blank(self, *, with_lines: bool = False) -> None:
        """Skip blanks, comments and, if asked to, line ends."""
        while self.at < len(self.text):
            if self.peek(2) == "\\\n":
                self.at += 2
            elif self.peek() in " \t":
                self.at += 1
            elif self.peek() == "#":
                end = self.text.find("\n", self.at)
                self.at = len(self.text) if end < 0 else end
            elif with_lines and self.peek() == "\n":
                self.line_end()
            else:
                return

    def line_end(self) -> None:
        """Skip a line's end, and read the here-documents that begin after it."""
        self.at += 1
        for mark, is_indented, into, place in self._heres:
            lines: list[str] = []
            while self.at < len(self.text):
                end = self.text.find("\n", self.at)
                end = len(self.text) if end < 0 else end
                line, self.at = self.text[self.at : end], end + 1
                line = line.lstrip("\t") if is_indented else line
                if line == mark.strip("'\""):
                    break
                lines.append(line + "\n")
            text = "".join(lines)
            is_literal = mark[:1] in ("'", '"')
            word = (
                Word((Text(text, True),)) if is_literal else type(self)(text, self.depth + 1).here()
            )
            into[place] = Redirect(0, "<<", word)
        self._heres.clear()

    def is_at(self, words: tuple[str, ...]) -> bool:
        """Whether one of these words comes next."""
        return any(
            self.text.startswith(word, self.at)
            and self.text[self.at + len(word) : self.at + len(word) + 1] in ("", *" \t\n;|&()<>")
            for word in words
        )

    def expect(self, word: str) -> None:
        """Read a keyword. Raises: SyntaxFault."""
        self.blank(with_lines=True)
        if not self.is_at((word,)):
            seen = f'"{self.seen()}"' if self.at < len(self.text) else "end of file"
            raise SyntaxFault(f'{seen} unexpected (expecting "{word}")')
        self.at += len(word)

    def close(self) -> None:
        """Read a closing parenthesis. Raises: SyntaxFault."""
        self.blank(with_lines=True)
        if self.peek() != ")":
            seen = f'"{self.seen()}"' if self.at < len(self.text) else "end of file"
            raise SyntaxFault(f'{seen} unexpected (expecting ")")')
        self.at += 1

    def redirect(self, redirects: list[Redirect]) -> bool:
        """Read a redirection into a list, if one comes next."""
        found = _REDIRECT.match(self.text, self.at)
        if found is None:
            return False
        self.at = found.end()
        operator = found[2] or found[3]
        descriptor = int(found[1]) if found[1] else (0 if operator.startswith("<") else 1)
        self.blank()
        start = self.at
        word = self.word()
        if word is None:
            seen = "newline" if self.peek() == "\n" else "end of file"
            raise SyntaxFault(f"{seen} unexpected")
        if operator in ("<<", "<<-"):
            redirects.append(Redirect(0, "<<", Word(())))
            mark = self.text[start : self.at]
            self._heres.append((mark, operator == "<<-", redirects, len(redirects) - 1))
        else:
            redirects.append(Redirect(descriptor, operator, word))
        return True
