"""What a lab is made of, once it is wired: for the site, and for every command."""

from dataclasses import dataclass
from typing import Final

from app.bus import Bus
from app.commands.runner import Runner
from app.commands.runs import Runs
from app.content.model import Course
from app.practice.chosen import ChosenCluster
from app.practice.desk import Desk
from app.progress.queries import Progress
from app.settings import Settings

OWNER: Final = "owner"  # the one learner of a site on one's own machine


@dataclass(frozen=True)
class Lab:
    """What a site or a command works with."""

    settings: Settings
    course: Course
    bus: Bus
    progress: Progress
    runner: Runner
    runs: Runs
    chosen: ChosenCluster
    desk: Desk
