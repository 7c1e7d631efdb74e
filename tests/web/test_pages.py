"""Pages open, say what they should, and take what a learner does."""

import json
from html import unescape

import pytest
from starlette.testclient import TestClient

from app.errors import ClusterUnavailable, ManifestRefused
from app.web.services import Services

STEP = "/lessons/canary/split"
HTMX = {"hx-request": "true"}


@pytest.mark.parametrize("path", ["/", STEP, "/progress", "/preflight", "/settings"])
def test_every_page_opens(browser: TestClient, path: str) -> None:
    page = browser.get(path)
    assert page.status_code == 200
    assert page.text.count("<h1") == 1


def test_a_step_that_does_not_exist_is_not_found(browser: TestClient) -> None:
    assert browser.get("/lessons/canary/nope").status_code == 404


def test_the_page_opens_where_the_learner_stopped(browser: TestClient) -> None:
    browser.get("/lessons/canary/back")
    assert browser.get("/continue").headers["location"] == "/lessons/canary/back"


def test_htmx_gets_nothing_for_a_command_since_the_stream_tells(browser: TestClient) -> None:
    answer = browser.post(f"{STEP}/run", data={"command": "run-1"}, headers=HTMX)
    assert answer.status_code == 204


def test_without_scripts_a_command_leads_to_its_output(browser: TestClient) -> None:
    answer = browser.post(f"{STEP}/run", data={"command": "run-1"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/runs/r1")
    assert 'http-equiv="refresh"' in browser.get("/runs/r1").text


async def test_output_is_only_text(browser: TestClient, services: Services) -> None:
    services.runs.begin("canary", "split", "kubectl get <b>", "run-1")  # type: ignore[attr-defined]
    await services.runs.say("r1", "<script>alert(1)</script>")  # type: ignore[attr-defined]
    for path in (STEP, "/runs/r1"):
        page = browser.get(path).text
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert" in page
        assert "kubectl get <b>" not in page


def test_a_refused_manifest_names_its_line(browser: TestClient, services: Services) -> None:
    services.desk.error = ManifestRefused("split.yaml does not parse.", line=7)  # type: ignore[attr-defined]
    answer = browser.post(f"{STEP}/run", data={"command": "run-1"}, headers=HTMX)
    assert answer.status_code == 422
    assert 'data-line="7"' in answer.text
    assert "<html" not in answer.text


def test_a_cluster_out_of_reach_is_said_on_a_page(browser: TestClient, services: Services) -> None:
    services.desk.error = ClusterUnavailable("The cluster does not answer.")  # type: ignore[attr-defined]
    answer = browser.post(f"{STEP}/run", data={"command": "run-1"})
    assert answer.status_code == 503
    assert "The cluster does not answer." in answer.text
    assert "/preflight" in answer.text


def test_a_command_is_given_what_was_typed_into_the_manifest(
    browser: TestClient, services: Services
) -> None:
    typed = {"command": "run-1", "file:split.yaml": "a: 1\r\nb: 2\r\n"}
    browser.post(f"{STEP}/run", data=typed, headers=HTMX)
    assert services.desk.texts == {"split.yaml": "a: 1\nb: 2\n"}  # type: ignore[attr-defined]


def test_a_draft_is_there_after_a_reload(browser: TestClient) -> None:
    typed = {"file": "split.yaml", "file:split.yaml": "kind: Mine\n"}
    assert browser.post(f"{STEP}/draft", data=typed, headers=HTMX).status_code == 200
    assert "kind: Mine" in browser.get(STEP).text


def test_hints_open_one_by_one(browser: TestClient) -> None:
    assert "Second." not in browser.post(f"{STEP}/hint", headers=HTMX).text
    assert "Second." in browser.post(f"{STEP}/hint", headers=HTMX).text


def test_the_solution_is_not_in_the_page_before_it_was_asked_for(browser: TestClient) -> None:
    assert "weight: 90" not in browser.get(STEP).text
    assert "weight: 90" in browser.post(f"{STEP}/solution", headers=HTMX).text


def test_an_answer_gets_its_reply(browser: TestClient) -> None:
    answer = browser.post(f"{STEP}/answer", data={"question": "ready", "choice": "1"}, headers=HTMX)
    assert "Only if nothing was injected." in answer.text


def test_production_asks_for_its_name_first(browser: TestClient) -> None:
    refused = browser.post("/settings/context", data={"context": "shop-prod-eu"})
    assert refused.status_code == 422
    named = {"context": "shop-prod-eu", "confirmation": "shop-prod-eu"}
    assert browser.post("/settings/context", data=named).status_code == 303


def test_a_theme_is_kept(browser: TestClient) -> None:
    browser.post("/settings/theme", data={"theme": "dark"})
    assert 'data-theme="dark"' in browser.get("/").text


def test_another_browser_gets_a_link(browser: TestClient) -> None:
    assert "/login?token=" in browser.post("/settings/link").text


def test_static_files_asked_for_by_digest_are_kept_for_ever(browser: TestClient) -> None:
    page = browser.get("/").text
    address = page.split('rel="stylesheet" href="')[1].split('"')[0]
    assert "immutable" in browser.get(address).headers["cache-control"]


def test_a_line_is_completed_by_a_list_to_choose_from(browser: TestClient) -> None:
    backend = "backend-7d9c5b6f4-x2x9q"
    words = browser.get(f"{STEP}/words", params={"line": "kubectl logs backend-7"})
    assert f'data-line="kubectl logs {backend}">{backend}</li>' in words.text
    assert browser.get(f"{STEP}/words", params={"line": " "}).text.strip() == ""


async def test_the_prompt_knows_the_lines_typed_before(
    browser: TestClient, services: Services
) -> None:
    line = "kubectl get pods -l 'app=\"<b>\"'"
    services.runs.begin("canary", "back", line)  # type: ignore[attr-defined]
    history = browser.get(STEP).text.split('data-history="')[1].split('"')[0]
    assert json.loads(unescape(history)) == [line]
