"""`mesh-dojo grade SUBMISSIONS`: each in a sandbox of its own, several at once, resumable."""

import asyncio
import os
import signal
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from app.cli.grade import Asked, now, refuse_plain, rubric_of
from app.cli.lab import open_lab
from app.cli.lessons import load_valid_course
from app.cli.status import Status
from app.clusters import sandbox
from app.clusters.beginning import begin_as
from app.content.model import Course
from app.errors import AppError, NotFound
from app.grading import summary
from app.grading.batch import Batch, Tell, Word
from app.grading.desk import Place
from app.grading.forms import FORMS, file_name, known_forms, write_report
from app.grading.report import Report
from app.grading.reports.class_page import as_class_page
from app.grading.reports.gradebook import as_canvas, as_moodle
from app.grading.reports.wording import line
from app.grading.state import GRADING
from app.grading.submission import Source, sources
from app.grading.trust import SIGNATURE_ENDING, SiteKey, read_site_key, verify
from app.grading.writing import write_whole
from app.practice.lab import OWNER
from app.settings import Settings

EACH_BYTES: Final = 256 * 1024 * 1024  # a sandbox with the course's mesh has 160 MiB
COMMAND_S: Final = 45.0  # all that the course waits for comes within seconds, or never
OUTPUT_BYTES: Final = 1024 * 1024
GRADEBOOKS: Final = {"canvas": as_canvas, "moodle": as_moodle}


@dataclass(frozen=True)
class HowMany:
    """How a batch is worked off: `jobs` at once (0: as many as fit), each within `limit_s`."""

    jobs: int
    limit_s: float
    is_anew: bool


async def grade_submissions(folder: Path, asked: Asked, how: HowMany) -> Status:
    """Grade every submission in a folder, and write the reports and their summary.

    Raises: NotFound, Refused, LessonMistake; Unavailable where no sandbox starts.
    """
    reports = await graded_submissions(sources(folder), asked, how)
    _show(reports, is_json=asked.is_json)
    is_whole = all(report.gradable for report in reports)
    return Status.DONE if is_whole else Status.OUT_OF_REACH


async def graded_submissions(
    found: Sequence[Source], asked: Asked, how: HowMany
) -> Sequence[Report]:
    """Return a report for each submission, once it is written with all others and their summary.

    Raises: NotFound, LessonMistake; Unavailable where no sandbox starts.
    """
    if asked.out is None:
        raise NotFound("The reports need a folder.", hint="Add --out DIR.")
    forms = known_forms([name for name in asked.formats if name not in GRADEBOOKS])
    settings = Settings()
    course = load_valid_course(settings)
    rubric = rubric_of(asked, course)
    jobs = min(how.jobs or most_jobs(), len(found))
    out = _Out(
        asked.out,
        tuple(dict.fromkeys([*forms, "json"])),
        read_site_key(settings.data_dir),
        is_anew=how.is_anew,
    )
    with (
        tempfile.TemporaryDirectory(prefix="mesh-dojo-grading-") as work,
        _progress(len(found), is_quiet=asked.is_json) as tell,
    ):
        batch = Batch(
            course, rubric, _Opener(settings), Path(work), limit_s=how.limit_s, now=now, tell=tell
        )
        async with _ended_by_sigterm():
            reports = await batch.grade(found, jobs, out.known, out.keep)
    out.finish(reports, [name for name in asked.formats if name in GRADEBOOKS])
    return reports


def most_jobs() -> int:
    """Return how many sandboxes fit on this machine at once: one for each core, within memory."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return max(1, min(cores or 1, _available_bytes() // EACH_BYTES))


def _available_bytes() -> int:
    """Return the memory that is free to use; where that is not told, enough for many."""
    try:
        rows = Path("/proc/meminfo").read_text().splitlines()
        told = next(row for row in rows if row.startswith("MemAvailable:"))
        return int(told.split()[1]) * 1024
    except (OSError, StopIteration, ValueError):
        return sys.maxsize


class _Opener:
    """Opens a lab over a sandbox of its own, with nothing of the owner's lab in it."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    @asynccontextmanager
    async def __call__(
        self, folder: Path, course: Course, start: Path | None = None
    ) -> AsyncIterator[Place]:
        """Give the place, and end its sandbox with it, whatever happens. Raises: Unavailable."""
        own = {
            "data_dir": folder,
            "database_url": "",
            "context": sandbox.NAME,
            "sandbox": True,
            "command_timeout_s": COMMAND_S,
            "max_output_bytes": OUTPUT_BYTES,
        }
        if start:
            await asyncio.to_thread(begin_as, start / "sandbox", folder / "sandbox")
        settings = self._settings.model_copy(update=own)
        async with open_lab(settings, course=course, rigour=GRADING) as lab:
            try:
                refuse_plain(lab, await lab.chosen.bench())
                yield Place(OWNER, lab.desk, lab.chosen, lab.progress, lab.runs)
            finally:
                with suppress(AppError):  # one that is on its way is waited for, to be ended
                    await lab.chosen.bench()
                await lab.chosen.end_sandbox()


class _Out:
    """The folder of the reports: those of an earlier run, those of this one."""

    def __init__(self, folder: Path, forms: Sequence[str], key: SiteKey, *, is_anew: bool) -> None:
        self._folder = folder
        self._forms = forms
        self._key = key
        self._is_anew = is_anew

    def known(self, subject: str) -> Report | None:
        """Return an earlier report that is as this site made it; None where there is none."""
        if self._is_anew:
            return None
        json = self._folder / f"{file_name(subject)}{FORMS['json'][0]}"
        signature = self._folder / f"{file_name(subject)}{SIGNATURE_ENDING}"
        try:
            found = verify(json.read_bytes(), signature.read_bytes(), [self._key.public])
        except OSError:
            return None
        return found.report if found.is_verified else None

    def keep(self, report: Report) -> None:
        """Write a report. Raises: StoreUnavailable."""
        write_report(report, self._folder, self._forms, self._key)

    def finish(self, reports: Sequence[Report], gradebooks: Sequence[str]) -> None:
        """Write what is about all of them. Raises: StoreUnavailable."""
        found = summary.summary_of(reports)
        write_whole(self._folder / "summary.json", summary.as_json(found))
        write_whole(self._folder / "summary.txt", summary.as_text(found))
        write_whole(self._folder / "summary.csv", summary.as_csv(reports))
        page = as_class_page(found, reports, self._page_of)
        write_whole(self._folder / "summary.html", page.encode(errors="replace"))
        for name in gradebooks:
            write_whole(self._folder / f"{name}.csv", GRADEBOOKS[name](reports))

    def _page_of(self, report: Report) -> str:
        return f"{file_name(report.subject)}{FORMS['html' if 'html' in self._forms else 'json'][0]}"


def _show(reports: Sequence[Report], *, is_json: bool) -> None:
    found = summary.summary_of(reports)
    if is_json:
        sys.stdout.buffer.write(summary.as_json(found))
        return
    console = Console(highlight=False)
    for part in summary.parts(found):
        console.print(part)


@contextmanager
def _progress(count: int, *, is_quiet: bool) -> Iterator[Tell]:
    """Give what shows on standard error how far the batch is."""
    columns = (
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[now]}"),
    )
    console = Console(stderr=True, highlight=False, markup=False, quiet=is_quiet)
    with Progress(*columns, console=console, transient=True) as progress:
        bar = progress.add_task("", total=count, now="")

        def tell(word: Word, name: str) -> None:
            shown = escape(f"{word} {line(name)}".strip())
            progress.update(bar, advance=word in ("graded", "kept"), now=shown)

        yield tell


@asynccontextmanager
async def _ended_by_sigterm() -> AsyncIterator[None]:
    """Let SIGTERM end the batch as Ctrl-C does: with every sandbox ended."""
    task, loop = asyncio.current_task(), asyncio.get_running_loop()
    assert task
    told: list[bool] = []

    def end() -> None:
        told.append(task.cancel())

    loop.add_signal_handler(signal.SIGTERM, end)
    try:
        yield
    except asyncio.CancelledError:
        if told:
            raise typer.Exit(128 + signal.SIGTERM) from None  # as shells tell it
        raise
    finally:
        loop.remove_signal_handler(signal.SIGTERM)
