"""How a command ends that does not end well."""

USAGE = 64  # sysexits' EX_USAGE: an unknown command or flag, a value that is none
DATA = 65  # sysexits' EX_DATAERR: a file that does not parse
ISSUES = 79  # analyze has found something


class Failure(Exception):
    """Ends a command: `Error: ` and the message on standard error, and an exit status."""

    def __init__(self, message: str, code: int = 1) -> None:
        super().__init__(message)
        self.message = message
        self.code = code

    @property
    def told(self) -> str:
        """Return what is printed."""
        return f"Error: {self.message}\n"


class Cancelled(Failure):
    """The person said no."""

    def __init__(self) -> None:
        super().__init__("Cancelled.")

    @property
    def told(self) -> str:
        """Return what is printed."""
        return "Cancelled.\n"


class Misused(Failure):
    """A line that is no line of istioctl."""

    def __init__(self, message: str) -> None:
        super().__init__(message, USAGE)


def not_here(what: str) -> Failure:
    """Return the refusal of something that the real istioctl does and this one does not."""
    return Failure(f"{what} is not emulated in this sandbox. On a real cluster istioctl does it.")
