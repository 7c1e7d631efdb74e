"""Measure the site, print the figures, and with --write put them into docs/benchmarks.md.

usage: .venv/bin/python -m tools.bench [--write] [--only start,pages,lines,cluster]

The real cluster is the one that KUBECONFIG names; a namespace is made there, and removed.
"""

import argparse
import asyncio
import os
from collections.abc import Sequence

from app.errors import AppError
from tools.bench import browser, machine, mesh, site
from tools.bench.figure import Figure, table
from tools.bench.page import write
from tools.test import find

PARTS = ("start", "pages", "lines", "cluster")


def main() -> None:
    """Measure what can be measured here."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else "")
    parser.add_argument("--write", action="store_true", help="keep the figures in docs/")
    parser.add_argument("--only", default=",".join(PARTS), help="parts, with commas between")
    given = parser.parse_args()
    parts = given.only.split(",")
    chromium = find()
    only = "" if set(parts) == set(PARTS) else f" --only {given.only}"
    head = [
        f"* Command: `python -m tools.bench{only}`",
        f"* Machine: {machine.describe(chromium)}",
        f"* Date: {machine.now()}; load average at the start: {machine.load()}",
    ]
    print("\n".join(head), flush=True)
    figures, notes = asyncio.run(_measured(parts, chromium))
    text = "\n".join([*head, "", table(figures), "", *(f"* {note}" for note in notes)]).strip()
    print(table(figures), *notes, sep="\n")
    if given.write:
        write(text)


async def _measured(parts: Sequence[str], chromium: str) -> tuple[list[Figure], list[str]]:
    figures: list[Figure] = []
    notes: list[str] = []
    if "start" in parts:
        figures += await site.starts()
    if "pages" in parts:
        figures += await site.pages_and_memory()
    if "lines" in parts and chromium:
        figures += await browser.lines_to_page(chromium)
    elif "lines" in parts:
        notes.append("Left out: lines in the browser, since there is no Chromium here.")
    if "cluster" in parts:
        found, said = await _of_the_cluster()
        figures, notes = figures + found, notes + said
    return figures, notes


async def _of_the_cluster() -> tuple[list[Figure], list[str]]:
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
