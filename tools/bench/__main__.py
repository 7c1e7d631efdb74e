"""Measure the site, print the figures, and with --write put them into docs/benchmarks.md.

usage: .venv/bin/python -m tools.bench [--write] [--only PARTS], of
start,pages,lines,cluster,sandbox,grading,room

The real cluster is the one that KUBECONFIG names; a namespace is made there, and removed.
"""

import argparse
import asyncio
import os
import tempfile
from pathlib import Path

from app.errors import AppError
from tools.bench import browser, classroom, grading, machine, many, mesh, readers, sandbox, site
from tools.bench.figure import Figure, table
from tools.bench.page import write
from tools.test import find

PARTS = ("start", "pages", "lines", "cluster", "sandbox", "grading", "room")
Found = tuple[list[Figure], list[str]]


def main() -> None:
    """Measure what can be measured here."""
    parser = argparse.ArgumentParser(description=str(__doc__).split("\n")[0])
    parser.add_argument("--write", action="store_true", help="keep the figures in docs/")
    parser.add_argument("--only", default=",".join(PARTS), help="parts, with commas between")
    given = parser.parse_args()
    parts = given.only.split(",")
    if strange := set(parts) - set(PARTS):
        parser.error(f"there is no part {', '.join(sorted(strange))}; there are {', '.join(PARTS)}")
    chromium = find()
    about = f"{machine.describe(chromium)}."
    print(about, flush=True)
    for part in parts:
        head = (
            f"`python -m tools.bench --only {part}`, {machine.now()}; load average at the start: "
            f"{machine.load()}."
        )
        figures, notes = asyncio.run(_measured(part, chromium))
        lines = [head, "", table(figures), "", *(f"* {note}" for note in notes)]
        text = "\n".join(lines if figures else [head, "", *notes]).strip()
        print(f"\n{text}", flush=True)
        if given.write and figures:
            write("machine", about)
            write(part, text)


async def _measured(part: str, chromium: str) -> Found:
    if part == "start":
        return await site.starts(), []
    if part == "pages":
        return await site.pages_and_memory(), []
    if part == "lines":
        if not chromium:
            return [], ["Left out: lines in the browser, since there is no Chromium here."]
        return await browser.lines_to_page(chromium), []
    if part == "sandbox":
        return _of_sandboxes()
    if part == "grading":
        return grading.batches()
    if part == "room":
        return await classroom.classroom() + await readers.readers(), []
    return await _of_the_cluster()


def _of_sandboxes() -> Found:
    figures = sandbox.starts()
    with (
        tempfile.TemporaryDirectory(prefix="mesh-dojo-bench-") as name,
        sandbox.sandbox(Path(name) / "sandbox") as terminal,
    ):
        sandbox.install(terminal)
        figures += sandbox.of_the_mesh(terminal, "sandbox", has_goals=True)
    figures += many.idle()
    if "KUBECONFIG" not in os.environ:
        return figures, ["Left out: the real cluster, since KUBECONFIG names none."]
    real = sandbox.Terminal(dict(os.environ))
    installed = real.timed("istioctl", "install", "--set", "profile=demo", "-y")
    figures.append(Figure("istioctl install of the demo profile, real cluster", "s", [installed]))
    return figures + sandbox.of_the_mesh(real, "real cluster", has_goals=False), []


async def _of_the_cluster() -> Found:
    if "KUBECONFIG" not in os.environ:
        return [], ["Left out: panel and checks, since KUBECONFIG names no cluster."]
    try:
        async with mesh.open_mesh() as opened:
            changes = await mesh.panel(opened)
            found, notes = await mesh.checks(opened)
            return changes + found, notes
    except (AppError, mesh.NotPassing) as error:
        return [], [f"Left out: panel and checks. {error}"]


if __name__ == "__main__":
    main()
