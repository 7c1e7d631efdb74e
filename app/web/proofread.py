"""What is said to a manifest while it is typed: saved, blanks left, or the first problem."""

from dataclasses import dataclass

from app.commands.manifests import BLANK, check_manifest
from app.commands.model import Scope
from app.errors import ManifestRefused


@dataclass(frozen=True)
class Remark:
    """A saved manifest. `problem` is what would be said to it if it were applied now."""

    blanks: int = 0
    problem: ManifestRefused | None = None

    @property
    def line(self) -> int:
        """Return the line that is meant, 0 where none is."""
        return self.problem.line if self.problem else 0


def proofread(name: str, text: str, scope: Scope, default_namespace: str) -> Remark:
    """Return what is to be said to a manifest; blanks are no mistake, only work to do."""
    if blanks := text.count(BLANK):
        return Remark(blanks)
    try:
        check_manifest(name, text, scope, default_namespace=default_namespace)
    except ManifestRefused as problem:
        return Remark(0, problem)
    return Remark()
