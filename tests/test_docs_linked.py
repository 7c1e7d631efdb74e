"""The pages of docs/ are linked where a reader begins, and their links and lists are true."""

import re
from pathlib import Path

import pytest
from browser.scenes import SCENES

from app.settings import ROOT

PAGES = [
    ROOT / name for name in ("README.md", "CONTRIBUTING.md", "ARCHITECTURE.md", "CHANGELOG.md")
]
PAGES += sorted((ROOT / "docs").rglob("*.md"))
LINK = re.compile(r"\]\((?!https?:)([^)#]+)")


def links(page: Path) -> set[Path]:
    return {(page.parent / name).resolve() for name in LINK.findall(page.read_text("utf-8"))}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    assert [str(target) for target in links(page) if not target.exists()] == []


def test_every_page_is_linked_where_a_reader_begins() -> None:
    first = {ROOT / "README.md", ROOT / "CONTRIBUTING.md"}
    linked = {target for page in first for target in links(page)}
    linked |= {target for page in linked if page.suffix == ".md" for target in links(page)}
    assert [page.name for page in (ROOT / "docs").glob("*.md") if page not in linked] == []


def test_the_page_on_browser_tests_names_every_scene() -> None:
    text = (ROOT / "docs" / "browser-tests.md").read_text("utf-8")
    assert [scene.name for scene in SCENES if f"`{scene.name}`" not in text] == []
    assert f"All {len(SCENES)} scenes" in text
    assert f"{4 * len(SCENES)} pictures" in text
