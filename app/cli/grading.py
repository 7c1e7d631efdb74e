"""The commands of `mesh-dojo grade`; without a word of its own it is `mesh-dojo grade run`."""

from pathlib import Path
from typing import Annotated

import typer

from app.cli.ending import end
from app.cli.options import ContextName, Json, LessonId, StepId


class DefaultRun(typer.core.TyperGroup):
    """Takes what is no command of its own for the arguments of `run`."""

    def parse_args(self, ctx: typer.Context, args: list[str]) -> list[str]:  # type: ignore[override]
        """Return what is left to parse, with `run` before it where no command is named."""
        if not args or (args[0] not in self.commands and args[0] != "--help"):
            args = ["run", *args]
        return super().parse_args(ctx, args)


grading = typer.Typer(
    cls=DefaultRun, help="Marks: of a cluster's state, or of a folder of submissions (`run`)."
)
RubricFile = Annotated[
    Path | None,
    typer.Option(
        "--rubric", help="The rubric's file; without one all checks count as in the course."
    ),
]

TimeLimit = Annotated[
    float, typer.Option("--time-limit", min=1, help="Seconds for each submission.")
]
HiddenFrom = Annotated[
    str,
    typer.Option(
        "--hidden",
        help="Who sees hidden checks: hidden, after_due_date, after_published or visible.",
    ),
]


@grading.command("run")
def _run(
    submissions: Annotated[
        Path | None,
        typer.Argument(help="A folder of submissions; without it a cluster's state is graded."),
    ] = None,
    lesson: LessonId = "",
    step: StepId = "",
    context: ContextName = "",
    in_sandbox: Annotated[
        bool, typer.Option("--sandbox", help="Grade the sandbox of this lab.")
    ] = False,
    rubric: RubricFile = None,
    name: Annotated[str, typer.Option("--name", help="Whose state it is.")] = "",
    out: Annotated[
        Path | None, typer.Option("--out", help="Folder that the reports are written into.")
    ] = None,
    formats: Annotated[
        list[str] | None,
        typer.Option("--format", help="A form of the reports; may be given several times."),
    ] = None,
    jobs: Annotated[
        int, typer.Option("--jobs", min=0, help="Submissions at once; 0: as many as fit.")
    ] = 0,
    time_limit: TimeLimit = 300.0,
    again: Annotated[
        bool, typer.Option("--again/--resume", help="Grade anew what has its report already.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Grade a cluster's state or submissions; status 0 whatever the mark, 3 where there is none."""
    from app.cli import grade

    asked = grade.Asked(lesson, step, rubric, out, tuple(formats or ()), is_json=as_json)
    if submissions and (name or context or in_sandbox):
        raise typer.BadParameter("--name, --context and --sandbox are for one cluster's state.")
    if submissions:
        from app.cli import submissions as batch

        how = batch.HowMany(jobs, time_limit, is_anew=again)
        end(batch.grade_submissions(submissions, asked, how), as_json)
    end(grade.grade(asked, name, context, in_sandbox=in_sandbox), as_json)


@grading.command("draw")
def _draw(
    names: Annotated[list[str], typer.Argument(help="The learners' names.")],
    rubric: Annotated[Path, typer.Option("--rubric", help="The rubric's file.")],
    as_json: Json = False,
) -> None:
    """Print what the rubric draws for each name, for handing out."""
    from app.cli import draw

    end(draw.draw(names, rubric, as_json=as_json), as_json)


@grading.command("key")
def _key(as_json: Json = False) -> None:
    """Print the public key that this site's reports are verified with."""
    from app.cli import verify

    end(verify.print_key(as_json=as_json), as_json)


@grading.command("gradescope-zip")
def _gradescope_zip(
    rubric: Annotated[Path, typer.Option("--rubric", help="The rubric's file.")],
    out: Annotated[Path, typer.Option("--out", help="The zip's file.")] = Path("autograder.zip"),
    hidden: HiddenFrom = "hidden",
    as_json: Json = False,
) -> None:
    """Make an autograder for Gradescope: the product, the rubric and two scripts in a zip."""
    from app.cli import gradescope

    end(gradescope.make_zip(rubric, out, hidden, as_json=as_json), as_json)


@grading.command("gradescope")
def _gradescope(
    rubric: Annotated[Path, typer.Option("--rubric", help="The rubric's file.")],
    base: Annotated[Path, typer.Option("--base", help="Gradescope's folder.")] = Path(
        "/autograder"
    ),
    hidden: HiddenFrom = "hidden",
    time_limit: TimeLimit = 300.0,
    as_json: Json = False,
) -> None:
    """Grade the one submission that Gradescope has put there; what run_autograder calls."""
    from app.cli import gradescope

    end(gradescope.grade_one(base, rubric, hidden, time_limit, as_json=as_json), as_json)
