"""Every error the app raises on purpose.

AppError                 shown to the person, with a hint on what to do next
  NotFound          404  no such lesson, step, run or object
  NotAllowed        403  who asks may not do this
  Refused           422  what was asked is not allowed, whoever asks
    CommandRefused       the command is not on the allow-list
    ManifestRefused      the manifest does not parse or may not be applied here
  Busy              409  something of the kind is under way already
  Unavailable       503  try again later
    ClusterUnavailable   the cluster does not answer
    ToolMissing          kubectl, istioctl or minikube is not installed
    StoreUnavailable     the database or the disk does not take a write
  LessonMistake     500  a lesson file breaks a rule: file and line

A check that does not pass is not an error: it is a `CheckResult`.
"""


class AppError(Exception):
    """An expected failure; `web` renders it as a page, `cli` as one line."""

    status = 500

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class NotFound(AppError):
    """There is no such thing."""

    status = 404


class NotAllowed(AppError):
    """Who asks may not do this."""

    status = 403


class Refused(AppError):
    """What was asked is not allowed, whoever asks."""

    status = 422


class CommandRefused(Refused):
    """A typed or fenced command that the policy does not let through."""


class ManifestRefused(Refused):
    """A manifest that does not parse, or that may not be applied here.

    `line` and `column` count from 1; 0 means that the whole file is meant.
    """

    def __init__(self, message: str, *, hint: str = "", line: int = 0, column: int = 0) -> None:
        super().__init__(message, hint=hint)
        self.line = line
        self.column = column


class Busy(AppError):
    """Something of the kind is under way already."""

    status = 409


class Unavailable(AppError):
    """Not now: try again, or mend what the hint names."""

    status = 503


class ClusterUnavailable(Unavailable):
    """The cluster does not answer, or there is none."""


class ToolMissing(Unavailable):
    """A program that this needs is not installed."""


class StoreUnavailable(Unavailable):
    """The database or the disk does not take a write."""


class LessonMistake(AppError):
    """A lesson file breaks a rule of the course; found at start."""

    def __init__(self, file: str, line: int, message: str) -> None:
        super().__init__(f"{file}:{line}: {message}")
        self.file = file
        self.line = line
