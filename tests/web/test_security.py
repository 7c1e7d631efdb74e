"""What every request and answer passes."""

import pytest
from starlette.testclient import TestClient

from app.web.security import MAX_BODY_BYTES, hostname, is_own_origin
from app.web.services import Services
from web.fakes import LEARNER

STEP = "/lessons/canary/split"
PAGES = ("/", STEP, "/progress", "/preflight", "/settings", "/runs/r1", "/live/canary/split", "/no")


@pytest.mark.parametrize("path", PAGES)
def test_no_address_answers_a_browser_that_was_not_let_in(stranger: TestClient, path: str) -> None:
    assert stranger.get(path).status_code == 401


def test_health_answers_to_everyone(stranger: TestClient) -> None:
    assert stranger.get("/healthz").text == "ok\n"


def test_a_token_lets_in_once(stranger: TestClient, services: Services) -> None:
    token = services.access.issue(LEARNER)
    first = stranger.get("/login", params={"token": token})
    assert first.status_code == 200
    cookie = first.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert stranger.get("/login", params={"token": token}).status_code == 401


def test_a_post_without_the_mark_of_our_pages_is_refused(browser: TestClient) -> None:
    del browser.headers["x-csrf-token"]
    assert browser.post(f"{STEP}/check").status_code == 403


def test_a_mark_that_is_no_ascii_is_refused_and_nothing_breaks(browser: TestClient) -> None:
    del browser.headers["x-csrf-token"]
    assert browser.post(f"{STEP}/check", data={"csrf": "ü"}).status_code == 403


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://localhost:9999"])
def test_a_post_from_another_origin_is_refused(browser: TestClient, origin: str) -> None:
    answer = browser.post(f"{STEP}/check", headers={"origin": origin})
    assert answer.status_code == 403


def test_a_post_that_names_no_origin_is_refused(browser: TestClient) -> None:
    del browser.headers["origin"]
    assert browser.post(f"{STEP}/check").status_code == 403


def test_another_host_name_is_not_answered(browser: TestClient) -> None:
    assert browser.get("/", headers={"host": "rebound.example:8765"}).status_code == 421


def test_a_large_body_is_refused(browser: TestClient) -> None:
    answer = browser.post(f"{STEP}/draft", content=b"x" * (MAX_BODY_BYTES + 1))
    assert answer.status_code == 413


def test_a_large_body_without_a_length_is_refused(browser: TestClient) -> None:
    pieces = (b"x" * 65536 for _ in range(20))
    form = {"content-type": "application/x-www-form-urlencoded"}
    assert browser.post(f"{STEP}/draft", content=pieces, headers=form).status_code == 413


def test_every_answer_carries_the_policy(browser: TestClient) -> None:
    policy = browser.get("/").headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


def test_pages_have_nothing_inline(browser: TestClient) -> None:
    for path in ("/", STEP, "/progress", "/settings", "/preflight?look=1"):
        page = browser.get(path).text
        assert " style=" not in page
        assert "<style" not in page
        assert "<script>" not in page
        assert " onclick=" not in page


def test_a_host_header_loses_its_port() -> None:
    assert [hostname(h) for h in ("LocalHost:1", "[::1]:80", "a.b")] == [
        "localhost",
        "[::1]",
        "a.b",
    ]


def test_only_the_own_host_is_an_own_origin() -> None:
    assert is_own_origin("http://localhost:1", "localhost:1")
    assert not is_own_origin("", "localhost:1")
