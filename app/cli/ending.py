"""How a command ends: its status, and what a failure looks like."""

import asyncio
import gc
import json
import sys
from collections.abc import Coroutine

import typer
from pydantic import ValidationError
from pydantic_settings import SettingsError
from rich.console import Console

from app.cli.status import Status
from app.errors import AppError, LessonMistake, Refused, Unavailable


def settle() -> None:
    """Look for garbage again after loading, which `main` began, but not in what was loaded."""
    if not gc.isenabled():
        gc.freeze()
        gc.enable()


def end(work: Coroutine[None, None, Status], as_json: bool) -> None:
    """Do the work of a command, and end with its status."""
    settle()
    try:
        status = asyncio.run(work)
    except AppError as error:
        fail(error, as_json=as_json)
    except (ValidationError, SettingsError) as error:
        fail(wrong_setting(error), as_json=as_json)
    raise typer.Exit(status)


def wrong_setting(error: ValidationError | SettingsError) -> AppError:
    """Return a setting that cannot be read as an error that names its variable."""
    hint = "docs/settings.md lists all settings, with what they may be."
    if isinstance(error, SettingsError):
        return AppError(f"A setting cannot be read: {error}; lists are JSON.", hint=hint)
    first = error.errors()[0]
    name = "_".join(str(part) for part in first["loc"][:1]).upper()
    return AppError(f"MESH_DOJO_{name} is wrong: {first['msg']}.", hint=hint)


def fail(error: AppError, *, as_json: bool = False) -> None:
    """Say what went wrong and what to do, and end with the status for it."""
    if as_json:
        sys.stdout.write(json.dumps({"error": str(error), "hint": error.hint}) + "\n")
    else:
        console = Console(stderr=True, highlight=False)
        console.print(str(error), style="bold red", markup=False, soft_wrap=True)
        if error.hint:  # may hold a command to copy: no line breaks in it
            console.print(error.hint, markup=False, soft_wrap=True)
    raise typer.Exit(_status_of(error))


def _status_of(error: AppError) -> Status:
    if isinstance(error, Unavailable):
        return Status.OUT_OF_REACH
    if isinstance(error, Refused):
        return Status.REFUSED
    return Status.FAILED if isinstance(error, LessonMistake) else Status.USAGE
