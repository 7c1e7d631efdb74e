"""A typed line as words, split the way a shell would; what would need a shell is refused."""

from typing import Final

from app.errors import CommandRefused

MAX_CHARACTERS: Final = 4096  # of one line; the course's longest has about 200

OPERATORS: Final = {
    ";": "One command a line: run them one after the other.",
    "&": "One command a line; a long one goes into the background by its button.",
    ">": "Output stays on this page: it is kept with the run, so no file is needed.",
    "<": "Commands get no input here: name a manifest of this step with -f.",
    "`": "No command runs inside another: a pod's name is written ${pod:app=backend}.",
    "(": "There is no shell here. Quotes keep a bracket as it is: '(...)'.",
    ")": "There is no shell here. Quotes keep a bracket as it is: '(...)'.",
    "#": "Leave the comment away; quotes keep a # as it is.",
}
_SPACE: Final = " \t"


def split(line: str) -> list[list[str]]:
    """Return the words of each part between pipes.

    Raises: CommandRefused on anything that only a shell could do, and on quotes left open.
    """
    return _Splitter(_printable(line)).parts()


def _printable(line: str) -> str:
    """Return the line with continued lines joined. Raises: CommandRefused on control characters."""
    line = line.strip().replace("\\\r\n", " ").replace("\\\n", " ")
    if len(line) > MAX_CHARACTERS:
        raise CommandRefused(
            f"This line has {len(line)} characters; {MAX_CHARACTERS} are the most.",
            hint="Longer text belongs into a manifest.",
        )
    if "\n" in line:
        raise CommandRefused("This is more than one line.", hint=OPERATORS[";"])
    if any(not char.isprintable() and char != "\t" for char in line):
        raise CommandRefused(
            "This line holds characters that cannot be seen.",
            hint="Type it anew, or paste it as plain text.",
        )
    return line


class _Splitter:
    """One pass over a line; `_word` is None between words."""

    def __init__(self, line: str) -> None:
        self._rest = line
        self._word: str | None = None
        self._parts: list[list[str]] = [[]]

    def parts(self) -> list[list[str]]:
        while self._rest:
            self._step(self._take(1))
        self._end_word()
        return self._parts

    def _step(self, char: str) -> None:
        if char in _SPACE:
            self._end_word()
        elif char == "|":
            self._end_word()
            self._parts.append([])
        elif char == "'":
            self._add(self._until_single_quote())
        elif char == '"':
            self._until_double_quote()
        elif char == "\\":
            self._add(self._escaped())
        elif char == "$":
            self._add(self._placeholder())
        elif char in OPERATORS and not (char == "#" and self._word is not None):
            raise CommandRefused(f"`{char}` is a shell's sign.", hint=OPERATORS[char])
        else:
            self._add(char)

    def _take(self, count: int) -> str:
        taken, self._rest = self._rest[:count], self._rest[count:]
        return taken

    def _add(self, text: str) -> None:
        self._word = (self._word or "") + text

    def _end_word(self) -> None:
        if self._word is not None:
            self._parts[-1].append(self._word)
        self._word = None

    def _escaped(self) -> str:
        if not self._rest:
            raise CommandRefused("The line ends in a backslash.", hint="Leave it away.")
        return self._take(1)

    def _until_single_quote(self) -> str:
        end = self._rest.find("'")
        if end < 0:
            raise _open_quote("'")
        return self._take(end + 1)[:-1]

    def _until_double_quote(self) -> None:
        self._add("")
        while self._rest:
            char = self._take(1)
            if char == '"':
                return
            if char == "\\" and self._rest[:1] in ('"', "\\", "$", "`"):
                self._add(self._take(1))
            elif char == "$":
                self._add(self._placeholder())
            elif char == "`":
                raise CommandRefused("`` ` `` is a shell's sign.", hint=OPERATORS["`"])
            else:
                self._add(char)
        raise _open_quote('"')

    def _placeholder(self) -> str:
        """Return `${pod:...}` whole; any other `$` would need a shell."""
        end = self._rest.find("}")
        if not self._rest.startswith("{pod:") or end < 0:
            raise CommandRefused(
                "`$` would need a shell: variables and `$(...)` mean nothing here.",
                hint="A pod's name is written ${pod:app=backend}; single quotes keep a $ as it is.",
            )
        return "$" + self._take(end + 1)


def _open_quote(mark: str) -> CommandRefused:
    return CommandRefused(f"A quote is left open: {mark}", hint="Close it.")
