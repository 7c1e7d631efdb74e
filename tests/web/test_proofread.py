"""What is said to a manifest while it is typed."""

from starlette.testclient import TestClient

from app.commands.model import Scope
from app.errors import AppError, ManifestRefused
from app.web.proofread import placed, proofread
from web.samples import SPLIT

SCOPE = Scope(frozenset({"mesh-demo"}), {})
STEP = "/lessons/canary/split"


def test_a_manifest_that_may_be_applied_gets_no_remark() -> None:
    remark = proofread("split.yaml", SPLIT % (90, 10), SCOPE, "mesh-demo")
    assert (remark.blanks, remark.problem) == (0, None)


def test_blanks_are_counted_and_no_mistake() -> None:
    remark = proofread("split.yaml", SPLIT % ("___", "___"), SCOPE, "mesh-demo")
    assert (remark.blanks, remark.problem) == (2, None)


def test_the_first_problem_is_said_with_its_place() -> None:
    remark = proofread("split.yaml", "kind: Secrets\n", SCOPE, "mesh-demo")
    assert remark.line == 1
    assert remark.sentence.startswith("Line 1, column 7: Objects of kind Secrets")


def test_a_place_is_said_once() -> None:
    assert placed(ManifestRefused("Line 3: no.", line=3, column=2)) == "Line 3, column 2: no."
    assert placed(ManifestRefused("a.yaml, line 3 is odd.", line=3)) == "a.yaml, line 3 is odd."
    assert placed(ManifestRefused("No.", line=3)) == "Line 3: No."
    assert placed(AppError("No.")) == "No."


def test_a_draft_is_saved_and_remarked_upon(browser: TestClient) -> None:
    typed = {"file": "split.yaml", "file:split.yaml": "kind: [<b>"}
    remark = browser.post(f"{STEP}/draft", data=typed, headers={"hx-request": "true"}).text
    assert 'data-line="' in remark
    assert "<b>" not in remark
