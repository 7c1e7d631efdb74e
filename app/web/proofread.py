"""What is said to a manifest while it is typed: saved, blanks left, or the first problem."""

from dataclasses import dataclass

from app.commands.manifests import BLANK, check_manifest
from app.commands.model import Scope
from app.errors import AppError, ManifestRefused


@dataclass(frozen=True)
class Remark:
    """A saved manifest. `problem` is what would be said to it if it were applied now."""

    blanks: int = 0
    problem: ManifestRefused | None = None

    @property
    def line(self) -> int:
        """Return the line that is meant, 0 where none is."""
        return self.problem.line if self.problem else 0

    @property
    def sentence(self) -> str:
        """Return the problem with its place before it."""
        return placed(self.problem) if self.problem else ""


def placed(error: AppError) -> str:
    """Return what an error says, after the line and column that it means, if it means any."""
    said, line = str(error), getattr(error, "line", 0)
    if not line:
        return said
    said = said.removeprefix(f"Line {line}: ")
    if f"line {line} " in said.lower():  # it names the place in its own words
        return said
    column = getattr(error, "column", 0)
    return f"Line {line}, column {column}: {said}" if column else f"Line {line}: {said}"


def proofread(name: str, text: str, scope: Scope, default_namespace: str) -> Remark:
    """Return what is to be said to a manifest; blanks are no mistake, only work to do."""
    if blanks := text.count(BLANK):
        return Remark(blanks)
    try:
        check_manifest(name, text, scope, default_namespace=default_namespace)
    except ManifestRefused as problem:
        return Remark(0, problem)
    return Remark()
