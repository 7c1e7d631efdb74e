"""Options that several commands share."""

from typing import Annotated

import typer

Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]
ContextName = Annotated[str, typer.Option("--context", help="Kubeconfig context to work in.")]
LessonId = Annotated[str, typer.Option("--lesson", help="A lesson's id; see mesh-dojo lessons.")]
StepId = Annotated[str, typer.Option("--step", help="One step of the lesson.")]
