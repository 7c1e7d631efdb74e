"""Write docs/cli.md from the CLI's own help, and docs/settings.md from the settings.

usage: .venv/bin/python tools/write_docs.py
"""

from collections.abc import Iterator
from pathlib import Path

import typer

from app.cli.program import program
from app.cli.status import Status
from app.settings import ROOT, Settings

MEANINGS = {
    Status.DONE: "done; for `check` and `solve`: everything passed",
    Status.FAILED: "a check failed, preflight found a problem, a lesson has a mistake, "
    "or a report is not verified",
    Status.USAGE: "wrong usage: no such option, lesson or step",
    Status.OUT_OF_REACH: "the cluster, a tool, the port, the disk or the database is out of reach",
    Status.REFUSED: "refused: by the policy, or since the context looks like production",
}


def main() -> None:
    """Write both pages."""
    for path, text in pages().items():
        path.write_text(text, encoding="utf-8")


def pages() -> dict[Path, str]:
    """Return the pages. Shape: {path: text}."""
    return {ROOT / "docs" / "cli.md": cli_page(), ROOT / "docs" / "settings.md": settings_page()}


def cli_page() -> str:
    """Return the page of the commands."""
    group = typer.main.get_command(program)
    assert isinstance(group, typer.core.TyperGroup)
    lines = [
        "# The command line",
        "",
        "`mesh-dojo COMMAND --help` says the same. `python -m app` is `mesh-dojo`, too.",
        "With `--json` every command but `serve` prints JSON instead of text; an error is then",
        '`{"error": ..., "hint": ...}`.',
        "Marks have pages of their own: [grading](grading.md), [reports](grading-reports.md).",
        "",
    ]
    for name, command in _commands(group):
        lines += [f"## mesh-dojo {name}", "", (command.help or "").strip(), ""]
        lines += _table(("option", "meaning"), _options(command))
    statuses = [(str(status.value), MEANINGS[status]) for status in Status]
    lines += ["## Exit statuses", "", *_table(("status", "meaning"), iter(statuses))]
    return "\n".join(lines).rstrip() + "\n"


def _commands(
    group: typer.core.TyperGroup, before: str = ""
) -> Iterator[tuple[str, typer.core.TyperCommand]]:
    for name, command in group.commands.items():
        if isinstance(command, typer.core.TyperGroup):
            yield from _commands(command, f"{before}{name} ")
        elif isinstance(command, typer.core.TyperCommand):
            yield f"{before}{name}", command


def settings_page() -> str:
    """Return the page of the settings."""
    rows = (
        (f"`MESH_DOJO_{name.upper()}`", _default(name), f"{field.description}")
        for name, field in Settings.model_fields.items()
    )
    lines = [
        "# Settings",
        "",
        "All of them are environment variables, read once at start. Units are in the names:",
        "`_S` seconds, `_BYTES` bytes. What `mesh-dojo serve` is given on its command line goes",
        'before them. A list is JSON: `["lab.example"]`.',
        "",
        *_table(("variable", "default", "meaning"), rows),
    ]
    return "\n".join(lines).rstrip() + "\n"


def _options(command: typer.core.TyperCommand) -> Iterator[tuple[str, str]]:
    for option in command.params:
        first = option.opts[0]
        if isinstance(option, typer.core.TyperArgument):
            yield f"`{first.upper()}`", option.help or ""
            continue
        value = "" if option.is_flag else f" {first.lstrip('-').upper()}"
        yield f"`{first}{value}`", option.help or ""
    yield "`--help`", "Say this, and end."


def _default(name: str) -> str:
    field = Settings.model_fields[name]
    if name == "data_dir":
        return "`~/.local/share/mesh-dojo`"
    value = field.default
    if isinstance(value, Path):
        return f"`{value.relative_to(ROOT)}`"
    return "" if value in ("", None, ()) else f"`{value}`"


def _table(head: tuple[str, ...], rows: Iterator[tuple[str, ...]]) -> list[str]:
    found = [head, tuple("---" for _ in head), *rows]
    return [*(f"| {' | '.join(row)} |" for row in found), ""]


if __name__ == "__main__":
    main()
