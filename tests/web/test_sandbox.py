"""The page of the embedded sandbox, and starting anew."""

from starlette.testclient import TestClient

from app.clusters.provider import ClusterState
from app.web.services import Services
from web.fakes import FakeContexts


def embedded(services: Services, state: ClusterState | None) -> FakeContexts:
    assert isinstance(services.contexts, FakeContexts)
    services.contexts.embedded = state
    return services.contexts


def test_the_page_says_that_it_is_an_emulation_and_how_it_is_now(
    browser: TestClient, services: Services
) -> None:
    embedded(services, ClusterState("up", "The sandbox runs on this machine."))
    page = browser.get("/sandbox").text
    assert "It is an emulation" in page
    assert "The sandbox runs on this machine." in page


def test_a_lab_without_one_offers_no_reset(browser: TestClient) -> None:
    page = browser.get("/sandbox").text
    assert "without a sandbox" in page
    assert "/sandbox/reset" not in page
    assert browser.post("/sandbox/reset").status_code == 422


def test_emptying_it_comes_back_to_the_page(browser: TestClient, services: Services) -> None:
    contexts = embedded(services, ClusterState("up", "The sandbox runs on this machine."))
    answer = browser.post("/sandbox/reset")
    assert (answer.status_code, answer.headers["location"]) == (303, "/sandbox")
    assert contexts.embedded == ClusterState("down", "The sandbox is not running.")


def test_strangers_see_nothing_of_it(stranger: TestClient) -> None:
    assert stranger.get("/sandbox").status_code in (303, 401, 403)
    assert stranger.post("/sandbox/reset").status_code in (303, 401, 403)
