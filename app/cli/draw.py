"""`mesh-dojo grade draw`: what a seed gives each learner, and what their pages then say."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.text import Text

from app.cli.lessons import load_valid_course
from app.cli.status import Status
from app.grading.drawn import draw as drawn_values
from app.grading.drawn import fill, seed_of
from app.grading.rubric import Rubric
from app.grading.rubric_file import load_rubric
from app.settings import Settings

Row = dict[str, object]


async def draw(names: Sequence[str], file: Path, *, as_json: bool) -> Status:
    """Print the values and the changed texts of each name. Raises: NotFound, LessonMistake."""
    rubric = load_rubric(file, load_valid_course(Settings()))
    rows = [_row(rubric, name) for name in names]
    if as_json:
        sys.stdout.write(json.dumps(rows, indent=2, ensure_ascii=False) + "\n")
        return Status.DONE
    console = Console(highlight=False)
    for row in rows:
        console.print(Text(str(row["name"]), style="bold"))
        for part in ("values", "texts"):
            found = row[part]
            assert isinstance(found, dict)
            for name, value in found.items():
                told = " · ".join(value) if isinstance(value, list) else value
                console.print(Text(f"  {name}: {told}"))
    return Status.DONE


def _row(rubric: Rubric, name: str) -> Row:
    values = drawn_values(rubric.parameters, seed_of(rubric.secret, name))
    texts = {
        f"{lesson}/{step}": [fill(text, values) for text in change.texts.values()]
        for (lesson, step), change in rubric.drawn.items()
        if change.texts
    }
    return {"name": name, "values": values, "texts": texts}
