"""Turn a template, or one block of it, into HTML."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from app.auth.roles import Person, Right
from app.settings import ROOT
from app.web import words


class Pages:
    """The templates. Every value is escaped; `safe` is for the course's own HTML alone."""

    def __init__(self, folder: Path = ROOT / "templates") -> None:
        self._environment = Environment(
            loader=FileSystemLoader(folder),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.filters |= {
            "duration": words.duration,
            "minutes": words.minutes,
            "signal_of": words.signal_of,
            "size_of": words.grouped,
        }

        self._environment.globals["ui"] = self._environment.get_template("_ui.html").module

    def page(self, name: str, context: Mapping[str, object]) -> str:
        """Return a whole page."""
        return self._environment.get_template(name).render(context)

    def block(self, name: str, block: str, context: Mapping[str, object]) -> str:
        """Return one block of a page, without the page around it."""
        template: Template = self._environment.get_template(name)
        return "".join(template.blocks[block](template.new_context(dict(context))))

    def has(self, name: str) -> bool:
        """Return whether there is such a template."""
        return name in self._environment.list_templates()

    def answer(
        self, request: Request, name: str, context: Mapping[str, object], status: int = 200
    ) -> HTMLResponse:
        """Return a page as an answer, with what every page needs to know of its request."""
        shared = {
            "csrf": getattr(request.state, "csrf", ""),
            "may": rights_of(request),
            "theme": theme_of(request),
            "path": request.url.path,
            "asset": request.app.state.assets.url,
            "now": datetime.now(UTC),
        }
        html = self.page(name, shared | dict(context))
        return HTMLResponse(html, status, headers={"vary": "HX-Request, Cookie"})


def rights_of(request: Request) -> frozenset[str]:
    """Return what whoever asks may do, by the names of the rights; nothing before signing in."""
    person: Person | None = getattr(request.state, "person", None)
    return frozenset(right.name.lower() for right in Right if person and person.may(right))


def theme_of(request: Request) -> str:
    """Return light, dark or auto, as the settings page left it in a cookie."""
    theme = request.cookies.get("theme", "auto")
    return theme if theme in ("light", "dark") else "auto"
