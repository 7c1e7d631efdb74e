"""The commands of `mesh-dojo workshop`; without a word of its own it is `workshop run`."""

from typing import Annotated, Literal

import typer
from pydantic import ValidationError
from pydantic_settings import SettingsError

from app.cli.ending import end, fail, settle, wrong_setting
from app.cli.grading import DefaultRun
from app.cli.options import Json
from app.errors import AppError

rooms = typer.Typer(cls=DefaultRun, help="A room of learners on this machine (`run`).")
Lessons = Annotated[
    list[str] | None,
    typer.Option("--lesson", help="A lesson of the room; may come again. None: all of them."),
]


@rooms.command("run")
def _run(
    name: Annotated[str, typer.Option(help="The room's name; one still open goes on.")] = "",
    lesson: Lessons = None,
    capacity: Annotated[int, typer.Option(help="Seats in the room.")] = 30,
    hours: Annotated[float, typer.Option(min=0, help="Ends after so long; 0: by hand.")] = 0,
    cluster: Annotated[
        Literal["sandbox", "own"],
        typer.Option(help="A sandbox here for each learner, or the learners' own clusters."),
    ] = "sandbox",
    gating: Annotated[
        Literal["free", "opened", "passed"],
        typer.Option(help="Own pace; steps that you open; the next one after the check."),
    ] = "free",
    keep_days: Annotated[int, typer.Option(help="Days until names are deleted.")] = 30,
    only_own_results: Annotated[
        bool, typer.Option("--only-own-results", help="Refuse results that other labs report.")
    ] = False,
    host: Annotated[str, typer.Option(help="Address to serve on; 0.0.0.0: every one.")] = "",
    port: Annotated[int, typer.Option(help="Port to serve on.")] = 0,
    insecure_http: Annotated[
        bool, typer.Option("--insecure-http", help="Allow plain http off loopback.")
    ] = False,
    open_page: Annotated[bool, typer.Option("--open", help="Open the board here.")] = False,
) -> None:
    """Open a room and print what to project: link, code, fingerprint."""
    from app.cli.workshop import Asked, hold
    from app.workshop.model import Plan

    settle()
    plan = Plan(
        name=name,
        lessons=tuple(lesson or ()),
        capacity=capacity,
        cluster=cluster,
        gating=gating,
        takes_self_reported=not only_own_results,
        keep_days=keep_days,
    )
    try:
        hold(Asked(plan, hours, open_page), host, port, insecure_http=insecure_http)
    except AppError as error:
        fail(error)
    except (ValidationError, SettingsError) as error:
        fail(wrong_setting(error))


@rooms.command("prepare")
def _prepare(
    lesson: Lessons = None,
    istio: Annotated[str, typer.Option(help="The Istio version that learners install.")] = "",
    as_json: Json = False,
) -> None:
    """List the images that the lessons need, with the commands that load them ahead."""
    from app.cli.workshop import images

    end(images(tuple(lesson or ()), istio, as_json=as_json), as_json)
