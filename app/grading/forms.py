"""The forms that a report is written in, by the name that a command line gives them."""

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Final

from app.errors import NotFound
from app.grading.report import Report
from app.grading.reports.audience import for_learner
from app.grading.reports.document import to_bytes
from app.grading.reports.gradescope import as_gradescope
from app.grading.reports.junit import as_junit
from app.grading.reports.page import as_html
from app.grading.reports.text import as_text
from app.grading.trust import SIGNATURE_ENDING, SiteKey
from app.grading.writing import remove, write_whole

NAME_CHARACTERS: Final = 80
RESERVED: Final = ("summary", "canvas", "moodle")  # files about all submissions of a batch
_STRANGE: Final = re.compile(r"[^A-Za-z0-9_-]+")
FORMS: Final[Mapping[str, tuple[str, Callable[[Report], bytes]]]] = MappingProxyType(
    {
        "json": (".json", to_bytes),  # for the marker: hidden checks are in it
        "text": (".txt", lambda report: as_text(for_learner(report)).encode()),
        "html": (".html", lambda report: as_html(for_learner(report)).encode()),
        "junit": (".junit.xml", lambda report: as_junit([report])),
        "gradescope": (".results.json", as_gradescope),
    }
)
USUAL: Final = ("json", "text", "html")


def known_forms(names: Sequence[str]) -> tuple[str, ...]:
    """Return the forms of these names, the usual ones where none is named. Raises: NotFound."""
    for name in names:
        if name not in FORMS:
            raise NotFound(
                f"There is no form {name} of a report.", hint=f"Here: {', '.join(FORMS)}."
            )
    return tuple(dict.fromkeys(names)) or USUAL


def write_report(
    report: Report, folder: Path, forms: Sequence[str], key: SiteKey | None = None
) -> None:
    """Write a report in these forms, the JSON one last: where it is, the others are.

    `key` signs a report that its site made; the signature lies beside the JSON.
    Raises: StoreUnavailable.
    """
    name = file_name(report.subject)
    if "json" in forms:
        _seal(report, folder / f"{name}{SIGNATURE_ENDING}", key)
    for form in sorted(forms, key=lambda form: form == "json"):
        suffix, render = FORMS[form]
        if form != "gradescope" or report.gradable:
            write_whole(folder / f"{name}{suffix}", render(report))


def _seal(report: Report, file: Path, key: SiteKey | None) -> None:
    if key and report.trust == "site":
        write_whole(file, key.sign(to_bytes(report)))
    else:
        remove(file)  # an earlier report's


def file_name(subject: str) -> str:
    """Return a plain file name for a subject; different subjects get different ones.

    It has no dot: what follows one in a report's file says what is in it.
    """
    plain = _STRANGE.sub("_", subject).strip("_-")[:NAME_CHARACTERS]
    if plain == subject and plain and plain not in RESERVED:
        return plain
    whole = subject.encode(errors="surrogatepass")  # a folder's name may be no text
    return f"{plain or 'report'}-{hashlib.sha256(whole).hexdigest()[:8]}"
