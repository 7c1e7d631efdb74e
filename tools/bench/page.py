"""docs/benchmarks.md: each part's figures stand between two marks, the rest stays as it is."""

from app.settings import ROOT

PAGE = ROOT / "docs" / "benchmarks.md"


def write(part: str, text: str) -> None:
    """Put a part's figures in place of the earlier ones."""
    begin, end = f"<!-- {part}: written by tools/bench -->", f"<!-- end of {part} -->"
    before, mark, rest = PAGE.read_text().partition(begin)
    _, other, after = rest.partition(end)
    if not mark or not other:
        raise ValueError(f"{PAGE} has no place for the part {part}: {begin} ... {end}")
    PAGE.write_text(f"{before}{begin}\n{text}\n{end}{after}")
