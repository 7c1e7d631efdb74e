"""Reading words: quotes, variables, substitutions."""

import re

from app.sandbox.shell.sh.tree import Output, Part, Script, Sum, Text, Variable, Word

ENDS = set(" \t\n;|&<>()")
DEEPEST = 50
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*|[0-9]|[?#@*$!-]")
_BRACED = re.compile(r"(#?)([A-Za-z_][A-Za-z0-9_]*|[0-9]+|[?#@*$!-])(:?[-=+?]|##?|%%?)?")


class SyntaxFault(Exception):
    """A script that cannot be read; its text follows `Syntax error: `."""


class WordReader:
    """Reads words from a text at a place; the parser of scripts builds on it."""

    def __init__(self, text: str, depth: int = 0) -> None:
        if depth > DEEPEST:
            raise SyntaxFault("nested too deeply")
        self.text = text
        self.at = 0
        self.depth = depth

    def parse(self, text: str) -> Script:
        """Return the script that a text is. Raises: SyntaxFault."""
        raise NotImplementedError

    def peek(self, length: int = 1) -> str:
        """Return what comes next."""
        return self.text[self.at : self.at + length]

    def word(self, ends: set[str] = ENDS) -> Word | None:
        """Return the word that begins here, None where there is none."""
        parts: list[Part] = []
        start = self.at
        while self.at < len(self.text) and self.text[self.at] not in ends:
            char = self.text[self.at]
            self.at += 1
            if char == "\\":
                self._escape(parts)
            elif char == "'":
                parts.append(Text(self._until("'"), True))
            elif char == '"':
                parts += self._quoted()
            elif char in "$`":
                parts.append(self._dollar(char, False))
            else:
                _add(parts, char, False)
        return Word(tuple(parts)) if self.at > start else None

    def _escape(self, parts: list[Part]) -> None:
        char = self.peek()
        self.at += 1
        if char and char != "\n":
            parts.append(Text(char, True))

    def _until(self, mark: str) -> str:
        end = self.text.find(mark, self.at)
        if end < 0:
            raise SyntaxFault("Unterminated quoted string")
        text, self.at = self.text[self.at : end], end + len(mark)
        return text

    def _quoted(self) -> list[Part]:
        parts: list[Part] = [Text("", True)]
        while True:
            char = self.peek()
            if not char:
                raise SyntaxFault("Unterminated quoted string")
            self.at += 1
            if char == '"':
                return parts
            if char == "\\" and self.peek() in tuple('$`"\\\n'):
                _add(parts, self.peek().replace("\n", ""), True)
                self.at += 1
            elif char in "$`":
                parts.append(self._dollar(char, True))
            else:
                _add(parts, char, True)

    def here(self) -> Word:
        """Return all of the text as the body of a here-document."""
        parts: list[Part] = []
        while self.at < len(self.text):
            char = self.text[self.at]
            self.at += 1
            if char == "\\" and self.peek() in tuple("$`\\\n"):
                _add(parts, self.peek().replace("\n", ""), True)
                self.at += 1
            elif char in "$`":
                parts.append(self._dollar(char, True))
            else:
                _add(parts, char, True)
        return Word(tuple(parts))

    def _dollar(self, char: str, is_quoted: bool) -> Part:
        if char == "`":
            return Output(self._inner(self._until("`")), is_quoted)
        if self.peek(2) == "((" and (inside := self._balanced(2, "))")) is not None:
            return Sum(self._word_of(inside), is_quoted)
        if self.peek() == "(":
            text = self._balanced(1, ")")
            if text is None:
                raise SyntaxFault('end of file unexpected (expecting ")")')
            return Output(self._inner(text), is_quoted)
        if self.peek() == "{":
            return self._braced(is_quoted)
        found = _NAME.match(self.text, self.at)
        if found is None:
            return Text("$", True)
        self.at = found.end()
        return Variable(found[0], is_quoted=is_quoted)

    def _inner(self, text: str) -> Script:
        return type(self)(text, self.depth + 1).parse(text)

    def _word_of(self, text: str) -> Word:
        reader = type(self)(f'"{text}"', self.depth + 1)
        return reader.word() or Word(())

    def _balanced(self, skip: int, close: str) -> str | None:
        """The text up to what closes it, and the place after that; None where nothing does."""
        depth, at, quote = 0, self.at + skip, ""
        while at < len(self.text):
            char = self.text[at]
            if quote:
                if char == "\\" and quote == '"':
                    at += 1
                elif char == quote:
                    quote = ""
            elif char in "'\"":
                quote = char
            elif char == "\\":
                at += 1
            elif char == "(":
                depth += 1
            elif depth == 0 and self.text.startswith(close, at):
                text = self.text[self.at + skip : at]
                self.at = at + len(close)
                return text
            elif char == ")":
                if depth == 0:
                    return None
                depth -= 1
            at += 1
        return None

    def _braced(self, is_quoted: bool) -> Part:
        found = _BRACED.match(self.text, self.at + 1)
        if found is None:
            raise SyntaxFault("Bad substitution")
        self.at = found.end()
        if found[1] and not found[3] and self.peek() == "}":
            self.at += 1
            return Variable(found[2], "length", None, is_quoted)
        word = self.word({"}"}) if found[3] else None
        if self.peek() != "}":
            raise SyntaxFault("Bad substitution")
        self.at += 1
        return Variable(found[2], found[3] or "", word, is_quoted)


def _add(parts: list[Part], char: str, is_quoted: bool) -> None:
    last = parts[-1] if parts else None
    if isinstance(last, Text) and last.is_quoted == is_quoted:
        parts[-1] = Text(last.text + char, is_quoted)
    else:
        parts.append(Text(char, is_quoted))
