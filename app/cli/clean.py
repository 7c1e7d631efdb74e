"""`mesh-dojo clean`: remove what the course and the lab made in the cluster."""

import json
import sys
from typing import Final

from rich.console import Console
from rich.text import Text

from app.cli.lab import open_lab
from app.cli.status import Status
from app.commands.model import Run
from app.practice.lab import OWNER, Lab
from app.settings import Settings

LESSON: Final = "clean-up"  # whose scope and policy these lines pass
ISTIO: Final = ("istioctl uninstall --purge -y", "kubectl delete namespace istio-system")


async def clean(context: str, *, istio: bool, as_json: bool) -> Status:
    """Delete the course's namespaces and the probes; with `istio` also the mesh.

    Raises: ClusterUnavailable, Refused, ToolMissing.
    """
    console = Console(highlight=False, quiet=as_json)
    async with open_lab(Settings(), context) as lab:
        bench = await lab.chosen.bench()
        course = {name for each in lab.course.lessons for name in each.namespaces}
        present = {each.name for each in await bench.cluster.list("Namespace")}
        made = sorted((course & present) - {"default", "istio-system"})
        lines = [f"kubectl delete namespace {name}" for name in made]
        lines += [line for line in ISTIO if istio and "istio-system" in present]
        runs = [await _run(lab, line, console) for line in lines]
        await bench.sweep()
        console.print("The lab's probes are gone.")
    is_done = all(run.state == "finished" and run.code == 0 for run in runs)
    if as_json:
        rows = [{"line": run.line, "state": run.state, "code": run.code} for run in runs]
        sys.stdout.write(json.dumps({"done": is_done, "runs": rows}, indent=2) + "\n")
    return Status.DONE if is_done else Status.FAILED


async def _run(lab: Lab, line: str, console: Console) -> Run:
    step = next(each.steps[0].id for each in lab.course.lessons if each.id == LESSON)
    run = await lab.desk.run_line(OWNER, LESSON, step, line, {})
    console.print(Text(f"$ {line}", style="bold"))
    async for lines in lab.runs.follow(run.id):
        for each in lines:
            console.print(Text(f"  {each.text}"))
    return await lab.runs.get(OWNER, run.id)
