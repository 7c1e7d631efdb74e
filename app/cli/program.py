"""The program itself: its commands.

Each command imports its own module when it is called: only `serve` waits for the web framework, and
`lessons` not even for the database.
"""

from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError
from pydantic_settings import SettingsError

from app.cli.ending import end, fail, settle, wrong_setting
from app.cli.grading import grading
from app.cli.options import ContextName, Json, LessonId, StepId
from app.cli.rooms import rooms
from app.errors import AppError

program = typer.Typer(
    name="mesh-dojo",
    help="Learn a service mesh by doing.",
    epilog="Exit statuses: 0 done · 1 a check or a lesson failed · 2 wrong usage · "
    "3 the cluster, a tool or the disk is out of reach · 4 refused.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
embedded = typer.Typer(no_args_is_help=True, help="The embedded cluster, for a terminal.")
program.add_typer(embedded, name="sandbox")
program.add_typer(rooms, name="workshop")
program.add_typer(grading, name="grade")


@program.command("serve")
def _serve(
    host: Annotated[str, typer.Option(help="Address to serve on.")] = "",
    port: Annotated[int, typer.Option(help="Port to serve on.")] = 0,
    context: ContextName = "",
    insecure_http: Annotated[
        bool, typer.Option("--insecure-http", help="Allow plain http off loopback.")
    ] = False,
    open_page: Annotated[
        bool, typer.Option("--open", help="Open the page in your browser.")
    ] = False,
) -> None:
    """Serve the course on loopback and print its one address."""
    from app.cli import serve

    settle()
    try:
        serve.serve(host, port, context, insecure_http=insecure_http, open_page=open_page)
    except AppError as error:
        fail(error)
    except (ValidationError, SettingsError) as error:
        fail(wrong_setting(error))


@program.command("doctor")
def _doctor(context: ContextName = "", as_json: Json = False) -> None:
    """Look for whatever stands in the way of the course; status 1 where something does."""
    from app.cli import doctor

    end(doctor.doctor(context, as_json=as_json), as_json)


@program.command("lessons")
def _lessons(
    check_only: Annotated[
        bool, typer.Option("--check", help="Only say whether every lesson is well formed.")
    ] = False,
    as_json: Json = False,
) -> None:
    """List the lessons and their steps, or say which file has a mistake."""
    from app.cli import lessons

    end(lessons.lessons(check_only=check_only, as_json=as_json), as_json)


@program.command("check")
def _check(
    lesson: LessonId = "", step: StepId = "", context: ContextName = "", as_json: Json = False
) -> None:
    """Run the checks of a lesson, or of one step; status 1 where one fails."""
    from app.cli import check

    end(check.check(lesson, step, context, as_json=as_json), as_json)


@program.command("solve")
def _solve(
    lesson: LessonId = "", step: StepId = "", context: ContextName = "", as_json: Json = False
) -> None:
    """Do a lesson's solution, or one step's, and run its checks."""
    from app.cli import solve

    end(solve.solve(lesson, step, context, as_json=as_json), as_json)


@program.command("clean")
def _clean(
    istio: Annotated[bool, typer.Option("--istio", help="Also uninstall Istio.")] = False,
    context: ContextName = "",
    as_json: Json = False,
) -> None:
    """Remove what the course and the lab made in the cluster."""
    from app.cli import clean

    end(clean.clean(context, istio=istio, as_json=as_json), as_json)


@program.command("verify-report")
def _verify_report(
    file: Annotated[Path, typer.Argument(help="The report's JSON file.")],
    key: Annotated[
        str, typer.Option("--key", help="The site's public key, or a file of it; else our own.")
    ] = "",
    signature: Annotated[
        Path | None,
        typer.Option("--signature", help="Its signature; else NAME.sig.json beside it."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Say whether a site made a report and nothing was changed; status 1 where not."""
    from app.cli import verify

    end(verify.verify_report(file, key, signature, as_json=as_json), as_json)


@embedded.command("up")
def _up(as_json: Json = False) -> None:
    """Start the sandbox; it runs until `down`."""
    from app.cli import sandbox

    end(sandbox.up(as_json=as_json), as_json)


@embedded.command("down")
def _down(as_json: Json = False) -> None:
    """End the sandbox; its objects are kept."""
    from app.cli import sandbox

    end(sandbox.down(as_json=as_json), as_json)


@embedded.command("status")
def _status_of_sandbox(as_json: Json = False) -> None:
    """Say whether the sandbox runs; status 3 where it does not."""
    from app.cli import sandbox

    end(sandbox.status(as_json=as_json), as_json)


@embedded.command("reset")
def _reset(as_json: Json = False) -> None:
    """Forget all objects of the sandbox."""
    from app.cli import sandbox

    end(sandbox.reset(as_json=as_json), as_json)


@embedded.command("env")
def _env(as_json: Json = False) -> None:
    """Print the export lines of a terminal that works in it: KUBECONFIG and PATH."""
    from app.cli import sandbox

    end(sandbox.env(as_json=as_json), as_json)


@embedded.command("shell")
def _shell() -> None:
    """Start your own shell with these variables."""
    from app.cli import sandbox

    end(sandbox.shell(), as_json=False)
