"""A signed-in browser on a site over fakes."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from app.web.render import Pages
from app.web.services import Services
from app.web.site import create_site
from web.fakes import LEARNER, make_services
from web.samples import COURSE, SNAPSHOT

ORIGIN = "http://localhost:8765"


@pytest.fixture
def services(tmp_path: Path) -> Services:
    return make_services(tmp_path, COURSE, SNAPSHOT)


@pytest.fixture(scope="session")
def pages() -> Pages:
    """The templates, compiled once for all sites."""
    return Pages()


@pytest.fixture
def stranger(services: Services, pages: Pages) -> Iterator[TestClient]:
    site = create_site(services, pages)
    with TestClient(site, base_url=ORIGIN, follow_redirects=False) as client:
        client.headers["origin"] = ORIGIN
        yield client


@pytest.fixture
def browser(stranger: TestClient, services: Services) -> TestClient:
    answer = stranger.get("/login", params={"token": services.access.issue(LEARNER)})
    assert answer.status_code == 200
    cookie = stranger.cookies["mesh-dojo-8765"]
    learner = services.access.who(cookie)
    assert learner
    stranger.headers["x-csrf-token"] = services.access.csrf(learner)
    return stranger
