"""The parts of a step's page as HTML that htmx puts into place, wherever they come from."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Final

from app.commands.model import Line, Run
from app.errors import AppError
from app.practice.events import CheckDone, CheckEnded, CheckSaid
from app.web.attendance import Attendance
from app.web.panel import Snapshot
from app.web.place import Place
from app.web.render import Pages
from app.web.roomstream import banners
from app.web.stepview import SHOWN_LINES, CheckLine, RunView, StepView, result_line, running_lines

OUT_OF_BAND: Final = {"oob": True}  # the fragment names its own place on the page


class Fragments:
    """Fragments for the page of one step."""

    def __init__(self, pages: Pages, place: Place) -> None:
        self._pages = pages
        self._place = place

    def run(self, view: RunView) -> str:
        """Return a whole run, for the slot under its command."""
        how = "beforeend" if not view.run.command else "innerHTML"
        html = self._pages.block("_run.html", "run", {"view": view, "oob": False})
        return f'<div hx-swap-oob="{how}:#{view.slot}">{html}</div>'

    def run_head(self, run: Run) -> str:
        """Return a run's state and stop button, without its lines."""
        return self._pages.block("_run.html", "head", {"view": RunView(run), **OUT_OF_BAND})

    def lines(self, run: str, lines: Sequence[Line]) -> str:
        """Return lines to put after those that the page has; of a flood only the last."""
        context = {"lines": lines[-SHOWN_LINES:], "left_out": max(0, len(lines) - SHOWN_LINES)}
        html = self._pages.block("_run.html", "lines", context)
        return f'<div hx-swap-oob="beforeend:#lines-{run}">{html}</div>'

    def tasks(self, runs: Sequence[Run]) -> str:
        """Return the bar of what goes on."""
        return self._pages.block("_tasks.html", "tasks", {"tasks": runs, **OUT_OF_BAND})

    def panel(self, snapshot: Snapshot) -> str:
        """Return the cluster beside the text."""
        return self._pages.block("_panel.html", "panel", {"snapshot": snapshot, **OUT_OF_BAND})

    def checks(self, lines: Sequence[CheckLine]) -> str:
        """Return all checks of the step."""
        return self._pages.block("_checks.html", "checks", {"checks": lines, **OUT_OF_BAND})

    def started(self, since: datetime) -> str:
        """Return the checks as they look when all of them are under way."""
        return self.checks(running_lines(self._place.step.checks, since)) + self.under_way(0)

    def under_way(self, done: int | None) -> str:
        """Return the bar over the checks: how many are done, none of it where all have ended."""
        context = {"done": done, "total": len(self._place.step.checks), **OUT_OF_BAND}
        return self._pages.block("_checks.html", "under_way", context)

    def said(self, event: CheckSaid, since: datetime | None) -> str:
        """Return a check that says how far it is."""
        title = next((c.title for c in self._place.step.checks if c.id == event.check), event.check)
        line = CheckLine(event.check, title, "running", event.text, since=since)
        return self._pages.block("_checks.html", "check", {"line": line, **OUT_OF_BAND})

    def done(self, event: CheckDone) -> str:
        """Return a check with its result."""
        line = result_line(event.result)
        return self._pages.block("_checks.html", "check", {"line": line, **OUT_OF_BAND})

    def verdict(self, view: StepView, after: Place | None, ended: CheckEnded | None = None) -> str:
        """Return what the step's page says once its checks are through."""
        context = {"view": view, "after": after, "ended": ended, **OUT_OF_BAND}
        return self._pages.block("_checks.html", "verdict", context)

    def room(self, attendance: Attendance) -> AsyncIterator[str]:
        """Return what stands above the page in a room, now and whenever it changes."""
        return banners(attendance, self._pages, self._place)

    def trouble(self, error: AppError) -> str:
        """Return what the lab itself has to say, for the notice over the checks."""
        html = self._pages.block("_notice.html", "notice", {"error": error, "said": str(error)})
        return f'<div hx-swap-oob="innerHTML:#notice-check">{html}</div>'
