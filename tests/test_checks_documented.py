"""docs/checks.md lists the kinds of checks, their parameters and reasons as the code has them."""

import re
from pathlib import Path

import pytest

from app.checks.kind import AnyKind
from app.checks.kinds import KINDS

PAGE = Path(__file__).parent.parent / "docs" / "checks.md"
WORD = re.compile(r"[A-Za-z][\w-]*")


def rows() -> dict[str, tuple[str, str, str]]:
    """The page's table. Shape: {kind: (cheap, with, reasons)}."""
    lines = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line[:3] == "| `"]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return {kind.strip("`"): (cheap, with_, reasons) for kind, cheap, with_, reasons in cells}


ROWS = rows()


def params_of(cell: str) -> set[str]:
    """The names in backticks: of `level: warning` the first word."""
    return {WORD.match(code)[0] for code in re.findall(r"`([^`]+)`", without_notes(cell))}  # type: ignore[index]


def reasons_of(cell: str) -> set[str]:
    """The words between commas; `those of X, and ...` takes X's in."""
    known = re.match(r"those of `([\w-]+)`,? and ", cell)
    rest = without_notes(cell[known.end() :] if known else cell)
    shared = reasons_of(ROWS[known[1]][2]) if known else set()
    return shared | {word.strip() for word in rest.split(",")}


def without_notes(cell: str) -> str:
    """The cell without what stands in parentheses."""
    return re.sub(r"\([^)]*\)", "", cell)


def declared(kind: AnyKind) -> set[str]:
    return {field.alias or name for name, field in kind.params.model_fields.items()}


def test_every_kind_is_documented_and_every_documented_kind_exists() -> None:
    assert set(ROWS) == set(KINDS)


@pytest.mark.parametrize("name", KINDS)
def test_the_page_lists_a_kinds_parameters_and_reasons(name: str) -> None:
    cheap, with_, reasons = ROWS[name]
    kind = KINDS[name]
    assert params_of(with_) == declared(kind)
    assert reasons_of(reasons) == set(kind.reasons)
    assert (cheap == "yes") == kind.is_cheap


@pytest.mark.parametrize("name", KINDS)
def test_a_kind_is_known_by_the_name_that_it_gives_itself(name: str) -> None:
    assert KINDS[name].name == name
