"""Marks, states and names as every form of a report words them."""

import re
import unicodedata
from collections.abc import Mapping
from typing import Final

from app.grading.report import Item, Report, State, Why

STATES: Final[Mapping[State, str]] = {
    "passed": "passed",
    "failed": "failed",
    "skipped": "not tried",
    "ungradable": "not graded",
}
DEDUCTIONS: Final[Mapping[Why, str]] = {
    "hints": "Hints",
    "solution": "Solution shown",
    "attempts": "Attempts",
    "late": "Late",
}
# What XML 1.0 lets into a document (section 2.2), without the controls that a terminal obeys.
_NOT_SHOWN: Final = re.compile(
    "[^\t\n\u0020-\u007e\u00a0-\u200d\u2010-\u2027\u202f-\u2065\u206a-\ud7ff"
    "\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)
LINE_CHARS: Final = 300  # of a name or a title; more of one is no name


def shown(text: str) -> str:
    """Return text that a page, XML and a terminal take: controls and broken characters replaced.

    Also gone are marks that turn the direction of what follows: they let a name lie about the rest.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _NOT_SHOWN.sub("\N{REPLACEMENT CHARACTER}", text)


def line(text: str) -> str:
    """Return text as one line of at most 300 characters; what is left out is told by three dots."""
    words = " ".join(shown(unicodedata.normalize("NFC", text)).split())
    return words if len(words) <= LINE_CHARS else words[: LINE_CHARS - 3] + "..."


def marks(points: float) -> str:
    """Return marks without needless zeros, with a decimal point: 4, 3.5, 0.25."""
    return f"{points:.2f}".rstrip("0").rstrip(".")


def outcome(report: Report) -> str:
    """Return the mark as a sentence's end: `7.5 of 10 points`, or that there is none."""
    if not report.gradable:
        return "no mark: it could not be graded"
    return f"{marks(report.earned)} of {marks(report.points)} points"


def place(item: Item) -> str:
    """Return where an item belongs: `lesson / step`, empty where it has no place of its own."""
    return " / ".join(line(part) for part in (item.lesson, item.step) if part)
