"""Solving a step: its answers and its `do` commands, in order, by the learner's own acts."""

from practice.sample import CREATE, LEARNER, LESSON

from app.commands.model import Run
from app.commands.runs import Runs
from app.practice.desk import Desk
from app.practice.solution import Solver
from app.progress.queries import Progress


async def test_a_solution_answers_and_runs_what_is_to_be_done(
    desk: Desk, runs: Runs, progress: Progress
) -> None:
    shown: list[str] = []

    async def show(run: Run) -> None:
        shown.append(run.line)

    await Solver(desk, runs).solve(LEARNER, LESSON, CREATE, show)
    assert shown == ["kubectl create namespace mesh-demo", "kubectl apply -f service.yaml"]
    assert await progress.answers(LEARNER, "demo", "create") == {"ready": "yes"}
    assert await runs.active(LEARNER) == []
