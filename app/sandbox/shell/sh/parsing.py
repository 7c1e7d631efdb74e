"""From a script's text to its tree."""

import re

from app.sandbox.shell.sh.tokens import TokenReader
from app.sandbox.shell.sh.tree import (
    Case,
    Chain,
    Command,
    For,
    Function,
    Group,
    If,
    Loop,
    Pipeline,
    Redirect,
    Redirected,
    Script,
    Simple,
    Text,
    Word,
)
from app.sandbox.shell.sh.words import SyntaxFault

LONGEST = 64 * 1024  # characters
_ASSIGNMENT = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)=(.*)", re.DOTALL)
_FUNCTION = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)[ \t]*\(\)")
_KEYWORDS = {"then", "else", "elif", "fi", "do", "done", "esac", "}", "in"}


def parse(text: str) -> Script:
    """Return the tree of a script. Raises: SyntaxFault."""
    if len(text) > LONGEST:
        raise SyntaxFault("the script is longer than 64 KiB")
    return Parser(text).parse(text)


class Parser(TokenReader):
    """Reads a script from its beginning to its end."""

    def parse(self, text: str) -> Script:
        """Return the whole script."""
        script = self._script(())
        if self.at < len(self.text):
            raise SyntaxFault(f'"{self.seen()}" unexpected')
        return script

    def _script(self, ends: tuple[str, ...]) -> Script:
        if self.depth > 50:
            raise SyntaxFault("nested too deeply")
        chains: list[tuple[Chain, bool]] = []
        while True:
            self.blank(with_lines=True)
            if self.at >= len(self.text) or self.is_at(ends) or self.peek() == ")":
                return Script(tuple(chains))
            if self.peek(2) == ";;":
                return Script(tuple(chains))
            chain = self._chain()
            self.blank()
            is_behind = self.peek() == "&" and self.peek(2) != "&&"
            chains.append((chain, is_behind))
            if self.peek() == "\n":
                self.line_end()
            elif is_behind or (self.peek() == ";" and self.peek(2) != ";;"):
                self.at += 1
            elif self.peek(2) != ";;" and self.at < len(self.text) and self.peek() != ")":
                raise SyntaxFault(f'"{self.seen()}" unexpected')

    def _chain(self) -> Chain:
        first = self._pipeline()
        rest: list[tuple[str, Pipeline]] = []
        while True:
            self.blank()
            operator = self.peek(2)
            if operator not in ("&&", "||"):
                return Chain(first, tuple(rest))
            self.at += 2
            self.blank(with_lines=True)
            rest.append((operator, self._pipeline()))

    def _pipeline(self) -> Pipeline:
        is_negated = False
        while self.is_at(("!",)):
            self.at += 1
            is_negated = not is_negated
            self.blank()
        commands = [self._command()]
        while True:
            self.blank()
            if self.peek() != "|" or self.peek(2) == "||":
                return Pipeline(tuple(commands), is_negated)
            self.at += 1
            self.blank(with_lines=True)
            commands.append(self._command())

    def _command(self) -> Command:
        self.depth += 1
        try:
            compound = self._compound()
        finally:
            self.depth -= 1
        if compound is None:
            return self._simple()
        redirects: list[Redirect] = []
        self.blank()
        while self.redirect(redirects):
            self.blank()
        return Redirected(compound, redirects) if redirects else compound

    def _compound(self) -> Command | None:
        if self.peek() == "(":
            self.at += 1
            body = self._script(())
            self.close()
            return Group(body, True)
        if found := _FUNCTION.match(self.text, self.at):
            self.at = found.end()
            self.blank(with_lines=True)
            return Function(found[1], self._command())
        for word, read in (
            ("{", self._group),
            ("for", self._for),
            ("while", self._loop),
            ("until", self._loop),
            ("if", self._if),
            ("case", self._case),
        ):
            if self.is_at((word,)):
                self.at += len(word)
                return read(word)
        return None

    def _group(self, _word: str) -> Command:
        body = self._script(("}",))
        self.expect("}")
        return Group(body)

    def _for(self, _word: str) -> Command:
        self.blank()
        name = self.word()
        if name is None or not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name.plain() or ""):
            raise SyntaxFault("Bad for loop variable")
        self.blank(with_lines=True)
        words: list[Word] | None = None
        if self.is_at(("in",)):
            self.at += 2
            words = []
            self.blank()
            while (word := self.word()) is not None:
                words.append(word)
                self.blank()
        if self.peek() == ";":
            self.at += 1
        self.expect("do")
        body = self._script(("done",))
        self.expect("done")
        return For(name.plain() or "", tuple(words) if words is not None else None, body)

    def _loop(self, word: str) -> Command:
        condition = self._script(("do",))
        self.expect("do")
        body = self._script(("done",))
        self.expect("done")
        return Loop(condition, body, word == "until")

    def _if(self, _word: str) -> Command:
        branches: list[tuple[Script, Script]] = []
        while True:
            condition = self._script(("then",))
            self.expect("then")
            branches.append((condition, self._script(("elif", "else", "fi"))))
            if self.is_at(("elif",)):
                self.at += 4
                continue
            otherwise = None
            if self.is_at(("else",)):
                self.at += 4
                otherwise = self._script(("fi",))
            self.expect("fi")
            return If(tuple(branches), otherwise)

    def _case(self, _word: str) -> Command:
        self.blank()
        word = self.word() or Word(())
        self.expect("in")
        branches: list[tuple[tuple[Word, ...], Script]] = []
        while True:
            self.blank(with_lines=True)
            if self.is_at(("esac",)):
                self.at += 4
                return Case(word, tuple(branches))
            self.at += self.peek() == "("
            patterns: list[Word] = []
            while True:
                self.blank()
                pattern = self.word()
                if pattern is None:
                    raise SyntaxFault('end of file unexpected (expecting ")")')
                patterns.append(pattern)
                self.blank()
                if self.peek() != "|":
                    break
                self.at += 1
            self.close()
            body = self._script(("esac",))
            self.at += 2 * (self.peek(2) == ";;")
            branches.append((tuple(patterns), body))

    def _simple(self) -> Command:
        assignments: list[tuple[str, Word]] = []
        words: list[Word] = []
        redirects: list[Redirect] = []
        while True:
            self.blank()
            if self.redirect(redirects):
                continue
            word = self.word()
            if word is None:
                break
            assigned = None if words else _assignment(word)
            if assigned is not None:
                assignments.append(assigned)
            else:
                words.append(word)
        if not words and not assignments and not redirects:
            seen = f'"{self.seen()}"' if self.at < len(self.text) else "end of file"
            raise SyntaxFault(f"{seen.replace(chr(10), 'newline')} unexpected")
        if words and not assignments and words[0].plain() in _KEYWORDS:
            raise SyntaxFault(f'"{words[0].plain()}" unexpected')
        return Simple(tuple(assignments), tuple(words), redirects)


def _assignment(word: Word) -> tuple[str, Word] | None:
    first = word.parts[0] if word.parts else None
    if not isinstance(first, Text) or first.is_quoted:
        return None
    found = _ASSIGNMENT.fullmatch(first.text)
    if found is None:
        return None
    rest = (Text(found[2]),) if found[2] else ()
    return found[1], Word((*rest, *word.parts[1:]))
