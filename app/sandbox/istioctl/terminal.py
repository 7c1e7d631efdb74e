"""What a verb of istioctl prints, and what it may ask: the far end is the thin client."""

from collections.abc import Callable, Sequence


class Asked(Exception):
    """The person has to answer before the verb can go on; the client asks and calls anew."""


class Terminal:
    """Takes text as a verb prints it. `answers` are what the person said to its questions."""

    def __init__(
        self,
        out: Callable[[str], None],
        err: Callable[[str], None],
        answers: Sequence[str] = (),
    ) -> None:
        self._out = out
        self._err = err
        self._answers = list(answers)

    def out(self, text: str) -> None:
        """Print to standard output; was it printed before a question that is answered, skip it."""
        if text and not self._answers:
            self._out(text)

    def err(self, text: str) -> None:
        """Print to standard error."""
        if text and not self._answers:
            self._err(text)

    def ask(self, question: str) -> str:
        """Return the answer to a question. Raises: Asked where there is none yet."""
        self.out(question)
        if not self._answers:
            raise Asked
        return self._answers.pop(0)
