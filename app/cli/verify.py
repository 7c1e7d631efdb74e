"""`mesh-dojo verify-report` and `mesh-dojo grade key`: whose mark a report is."""

import json
import sys
from pathlib import Path

from rich.console import Console
from rich.text import Text

from app.cli.status import Status
from app.errors import AppError
from app.grading.report import day_of
from app.grading.reports.document import MAX_BYTES
from app.grading.reports.wording import line, outcome
from app.grading.trust import (
    SIGNATURE_ENDING,
    PublicKey,
    Verdict,
    known_key,
    parse_key,
    read_site_key,
    verify,
)
from app.settings import Settings


async def verify_report(file: Path, key: str, signature: Path | None, *, as_json: bool) -> Status:
    """Say whether a site made this report, and what that covers. Raises: AppError.

    Trusted is the key that is given, or else this site's own.
    """
    report = _read(file)
    beside = signature or file.with_name(file.name.removesuffix(".json") + SIGNATURE_ENDING)
    sealed = _read(beside) if signature or beside.exists() else None
    trusted = _given(key) if key else known_key(Settings().data_dir)
    verdict = verify(report, sealed, [trusted] if trusted else [])
    if as_json:
        sys.stdout.write(json.dumps(_plain(verdict), indent=2, ensure_ascii=False) + "\n")
    else:
        _show(verdict)
    return Status.DONE if verdict.is_verified else Status.FAILED


async def print_key(*, as_json: bool) -> Status:
    """Print what this site is known by; its key is made where there is none.

    Raises: StoreUnavailable.
    """
    public = str(read_site_key(Settings().data_dir).public)
    sys.stdout.write((json.dumps({"key": public}) if as_json else public) + "\n")
    return Status.DONE


def _given(key: str) -> PublicKey:
    """Return the key that is written out, or that a file of this name holds."""
    file = Path(key)
    return parse_key(_read(file).decode(errors="replace") if file.is_file() else key)


def _read(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            return opened.read(MAX_BYTES + 1)
    except OSError as error:
        raise AppError(f"{file} cannot be read: {error.strerror}.") from error


def _show(verdict: Verdict) -> None:
    console = Console(highlight=False)
    if verdict.is_verified:
        console.print(
            Text("Verified: the site made this report, and nothing was changed.", "green")
        )
    else:
        console.print(Text(f"Not verified. {line(verdict.why)}", "red"))
    if verdict.key:
        console.print(Text(f"Signed by {verdict.key}"), soft_wrap=True)
    report = verdict.report
    if report is None:
        return
    title = line(report.title) or "Report"
    console.print(Text(f"{title}: {line(report.subject)}: {outcome(report)}"))
    if verdict.is_verified:
        covered = "checks, evidence and deductions, times, versions, rubric and submission"
        console.print(Text(f"Signed with it: {len(report.items)} {covered}."))
        console.print(Text(f"Graded {day_of(report.ended)}, course {line(report.versions.course)}"))


def _plain(verdict: Verdict) -> dict[str, object]:
    report = verdict.report
    plain: dict[str, object] = {
        "verified": verdict.is_verified,
        "why": verdict.why,
        "signed_by": str(verdict.key) if verdict.key else None,
    }
    if report:
        plain |= {"subject": report.subject, "trust": report.trust, "gradable": report.gradable}
        plain |= {"earned": report.earned, "points": report.points}
    return plain
