"""What holds for every route that there is, also for those that are added later."""

import re
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from app.web.site import create_site
from web.fakes import make_services
from web.samples import COURSE

OPEN = {"/healthz", "/login", "/join", "/resume"}
PROGRAMS = {"/api/room/join", "/api/room/report"}  # other labs ask; told by test_reports
SITE = create_site(make_services(Path("unused"), COURSE))
FILLED = {"lesson": "canary", "step": "split", "run": "r1"}
ROUTES = sorted(
    (method.upper(), re.sub(r"{(\w+)}", lambda found: FILLED.get(found[1], "x"), path))
    for path, operations in SITE.openapi()["paths"].items()
    for method in operations
)
CLOSED = [route for route in ROUTES if route[1] not in OPEN | PROGRAMS]
POSTS = [path for method, path in ROUTES if method == "POST" and path not in PROGRAMS]


def test_the_site_has_routes_and_only_the_door_is_open() -> None:
    assert len(POSTS) > 8
    assert {path for _, path in ROUTES} >= OPEN
    assert SITE.openapi_url is None


@pytest.mark.parametrize(("method", "path"), CLOSED, ids=" ".join)
def test_a_stranger_is_asked_to_sign_in(stranger: TestClient, method: str, path: str) -> None:
    answer = stranger.request(method, path)
    assert answer.status_code == 401
    assert "Please come in by the link" in answer.text


@pytest.mark.parametrize("path", POSTS)
@pytest.mark.parametrize("origin", [None, "https://evil.example", "null"])
def test_a_post_from_elsewhere_is_refused(
    browser: TestClient, path: str, origin: str | None
) -> None:
    del browser.headers["origin"]
    headers = {"origin": origin} if origin else {}
    assert browser.post(path, headers=headers).status_code == 403


@pytest.mark.parametrize("path", [path for path in POSTS if path not in OPEN])
def test_a_post_without_the_pages_own_mark_is_refused(browser: TestClient, path: str) -> None:
    del browser.headers["x-csrf-token"]
    fields = {"line": "x", "command": "x", "question": "x", "choice": "x", "file": "x"}
    fields |= {"context": "x", "theme": "dark"}
    assert browser.post(path, data=fields).status_code == 403


@pytest.mark.parametrize(("method", "path"), ROUTES, ids=" ".join)
def test_another_hosts_name_is_not_answered(browser: TestClient, method: str, path: str) -> None:
    answer = browser.request(method, path, headers={"host": "rebound.example"})
    assert answer.status_code == 421


@pytest.mark.parametrize("path", ["/openapi.json", "/docs", "/redoc"])
def test_nothing_describes_the_site_to_strangers(stranger: TestClient, path: str) -> None:
    assert stranger.get(path).status_code == 401
