"""docs/grading-reports.md names what there is: every form, every field, every file of a batch."""

from dataclasses import fields

import pytest

from app.cli.submissions import GRADEBOOKS
from app.grading.forms import FORMS, RESERVED
from app.grading.report import Report
from app.grading.trust import KEY_FILE, SIGNATURE_ENDING
from app.settings import ROOT

PAGE = (ROOT / "docs" / "grading-reports.md").read_text("utf-8")
NAMES = [
    *FORMS,
    *(f"NAME{ending}" for ending, _ in FORMS.values()),
    *(f"{name}.csv" for name in GRADEBOOKS),
    *(f"{name}.html" for name in RESERVED if name not in GRADEBOOKS),
    *(field.name for field in fields(Report) if field.name not in {"schema", "title"}),
    f"NAME{SIGNATURE_ENDING}",
    KEY_FILE,
]


@pytest.mark.parametrize("name", sorted(set(NAMES) - {"started", "ended"}))
def test_the_page_names_it(name: str) -> None:
    assert f"`{name}`" in PAGE
