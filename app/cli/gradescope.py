"""`mesh-dojo grade gradescope-zip` makes an autograder, `grade gradescope` is what runs in it."""

import json
import sys
import tempfile
from datetime import datetime
from pathlib import Path
from typing import Final, get_args

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from app.cli.grade import Asked, show
from app.cli.lessons import load_valid_course
from app.cli.status import Status
from app.cli.submissions import HowMany, graded_submissions
from app.errors import NotFound, Unavailable
from app.grading.autograder import autograder_zip
from app.grading.reports.gradescope import Visibility, as_gradescope
from app.grading.reports.wording import line
from app.grading.rubric_file import load_rubric
from app.grading.submission import ABOUT, ABOUT_CHARACTERS, Source
from app.grading.writing import remove, write_whole
from app.settings import ROOT, Settings

METADATA: Final = "submission_metadata.json"
RESULTS: Final = "results/results.json"
NOBODY: Final = "submission"


class User(BaseModel):
    """One who handed in; a group has several."""

    model_config = ConfigDict(frozen=True)

    email: str = ""
    name: str = ""
    id: int | str = ""


class Metadata(BaseModel):
    """What Gradescope says of a submission, as far as a mark needs it.

    Source: https://gradescope-autograders.readthedocs.io/en/latest/submission_metadata/
    """

    model_config = ConfigDict(frozen=True)

    created_at: AwareDatetime | None = None
    users: tuple[User, ...] = Field(default=())


async def make_zip(rubric: Path, out: Path, hidden: str, *, as_json: bool) -> Status:
    """Write the autograder's zip, and say where.

    Raises: NotFound, LessonMistake, Refused, StoreUnavailable.
    """
    settings = Settings()
    load_rubric(rubric, load_valid_course(settings))
    size_bytes = _write_zip(out, settings.lessons_dir, rubric, visibility(hidden))
    told = {"file": str(out), "bytes": size_bytes}
    said = json.dumps(told) if as_json else f"{out}: {size_bytes} bytes; upload it as it is."
    sys.stdout.write(said + "\n")
    return Status.DONE


async def grade_one(
    base: Path, rubric: Path, hidden: str, limit_s: float, *, as_json: bool
) -> Status:
    """Grade `base`/submission, and print the report for the marker.

    Where there is a mark, `base`/results/results.json holds it.
    Raises: AppError, Unavailable.
    """
    seen_by = visibility(hidden)
    results = base / RESULTS
    remove(results)
    metadata = read_metadata(base / METADATA)
    with tempfile.TemporaryDirectory(prefix="mesh-dojo-gradescope-") as work:
        source = source_of(base / "submission", metadata, Path(work))
        asked = Asked("", "", rubric, Path(work) / "reports", ("json",), as_json)
        how = HowMany(jobs=1, limit_s=limit_s, is_anew=True)
        (report,) = await graded_submissions([source], asked, how)
    show(report, is_json=as_json)
    write_whole(results, as_gradescope(report, hidden=seen_by))
    return Status.DONE


def _write_zip(out: Path, lessons: Path, rubric: Path, hidden: Visibility) -> int:
    packed = autograder_zip(ROOT, lessons, rubric.read_bytes(), hidden)
    write_whole(out, packed)
    return len(packed)


def visibility(text: str) -> Visibility:
    """Return who sees hidden checks, and when. Raises: NotFound with what there is."""
    for known in get_args(Visibility):
        if text == known:
            found: Visibility = known
            return found
    raise NotFound(f"There is no visibility {text}.", hint=f"{', '.join(get_args(Visibility))}.")


def read_metadata(file: Path) -> Metadata:
    """Return what Gradescope says; nothing where there is no file. Raises: Unavailable."""
    try:
        return Metadata.model_validate_json(file.read_bytes())
    except FileNotFoundError:
        return Metadata()
    except (OSError, ValidationError) as error:
        raise Unavailable(f"{file} cannot be read: {line(str(error))}") from error


def source_of(folder: Path, metadata: Metadata, work: Path) -> Source:
    """Return the submission as Gradescope describes it, whatever the learner says in it.

    Its name, from which parameters are drawn, is the e-mail of the first of the group.
    """
    users = sorted(metadata.users, key=lambda user: user.email)
    about = {
        "name": _said(", ".join(user.name for user in users)),
        "email": _said(users[0].email if users else ""),
        "id": _said(str(users[0].id) if users else ""),
        "submitted": _moment(metadata.created_at),
    }
    beside = work / ABOUT
    beside.write_text(json.dumps(about), encoding="utf-8")  # JSON is YAML, too
    return Source(about["email"] or NOBODY, folder, beside)


def _said(text: str) -> str:
    shown = "".join(char if char.isprintable() else "?" for char in line(text))
    return shown[:ABOUT_CHARACTERS]


def _moment(moment: datetime | None) -> str:
    return moment.isoformat() if moment else ""
