"""The palette keeps WCAG AA in light and dark."""

import re

import pytest

from app.settings import ROOT

TEXT = 4.5  # WCAG 2.2 AA, 1.4.3
SHAPE = 3.0  # 1.4.11

PAIRS = [
    *((ink, paper, TEXT) for ink in ("ink", "muted") for paper in ("paper", "sheet", "sunken")),
    *((ink, paper, TEXT) for ink in ("accent", "accent-deep") for paper in ("paper", "sheet")),
    ("accent", "wash", TEXT),
    ("accent", "code-paper", TEXT),
    ("on-accent", "accent", TEXT),
    ("on-accent", "accent-deep", TEXT),
    *((mood, f"{mood}-wash", TEXT) for mood in ("good", "bad", "busy")),
    *((mood, "sheet", TEXT) for mood in ("good", "bad", "busy")),
    *(("ink", f"{mood}-wash", TEXT) for mood in ("good", "bad", "busy")),
    ("muted", "bad-wash", TEXT),
    ("muted", "good-wash", TEXT),
    ("code", "code-paper", TEXT),
    ("muted", "code-paper", TEXT),
    ("good", "code-paper", TEXT),
    ("busy", "busy-wash", TEXT),
    ("seal", "paper", SHAPE),
    ("edge", "sheet", SHAPE),
    ("edge", "paper", SHAPE),
    *((ink, "term-paper", TEXT) for ink in ("term-ink", "term-muted", "term-err", "term-good")),
    ("term-err", "term-wash", TEXT),
    ("code", "chosen", TEXT),
]
PALETTE = {
    name: colours
    for name, *colours in re.findall(
        r"--([\w-]+): light-dark\((#\w{6}), (#\w{6})\)", (ROOT / "static/app.css").read_text()
    )
}


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("ink", "paper", "least"), PAIRS)
def test_colours_that_meet_can_be_told_apart(
    ink: str, paper: str, least: float, theme: int
) -> None:
    lights = sorted((luminance(PALETTE[name][theme]) for name in (ink, paper)), reverse=True)
    assert (lights[0] + 0.05) / (lights[1] + 0.05) >= least
