"""docs/benchmarks.md: the figures stand between two marks, what people wrote around them stays."""

from app.settings import ROOT

PAGE = ROOT / "docs" / "benchmarks.md"
BEGIN, END = "<!-- figures: written by tools/bench -->", "<!-- end of the figures -->"


def write(text: str) -> None:
    """Put the figures in place of the earlier ones."""
    before, _, rest = PAGE.read_text().partition(BEGIN)
    _, _, after = rest.partition(END)
    PAGE.write_text(f"{before}{BEGIN}\n{text}\n{END}{after}")
