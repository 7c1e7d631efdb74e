"""Columns of text, as Go's text/tabwriter sets them.

Source: https://pkg.go.dev/text/tabwriter
"""

from collections.abc import Sequence


def tabulated(rows: Sequence[Sequence[str]], padding: int = 5, minwidth: int = 0) -> str:
    """Return rows as lines: each cell but a line's last is as wide as its column asks.

    A column is an unbroken run of lines that have a cell there which another cell follows, so two
    blocks of rows with a shorter line between them are set apart.
    """
    widths = [[0] * max(0, len(row) - 1) for row in rows]
    _measure(rows, widths, 0, len(rows), 0, (padding, minwidth))
    lines = []
    for row, wide in zip(rows, widths, strict=True):
        cells = [f"{cell:{width}}" for cell, width in zip(row[:-1], wide, strict=True)]
        lines.append("".join((*cells, *row[-1:])) + "\n")
    return "".join(lines)


def _measure(
    rows: Sequence[Sequence[str]],
    widths: list[list[int]],
    first: int,
    last: int,
    column: int,
    space: tuple[int, int],
) -> None:
    """Set the widths of one column's runs between two lines, and of the columns right of it."""
    padding, minwidth = space
    at = first
    while at < last:
        if column >= len(rows[at]) - 1:
            at += 1
            continue
        end = at
        while end < last and column < len(rows[end]) - 1:
            end += 1
        width = max(minwidth, max(len(rows[i][column]) for i in range(at, end)) + padding)
        for i in range(at, end):
            widths[i][column] = width
        _measure(rows, widths, at, end, column + 1, space)
        at = end
