"""A database that another program holds: a page that says so, and goes on afterwards."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from app.web.services import Services
from app.web.site import create_site
from web.conftest import ORIGIN
from web.fakes import LEARNER, make_services
from web.samples import COURSE

STEP = "/lessons/canary/split"


@pytest.fixture
def impatient(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    """A signed-in browser on a site that does not wait for a lock."""
    monkeypatch.setattr("app.store.engine.BUSY_TIMEOUT_MS", 0)
    services: Services = make_services(tmp_path, COURSE)
    with TestClient(create_site(services), ORIGIN, follow_redirects=False) as client:
        client.get("/login", params={"token": services.access.issue(LEARNER)})
        learner = services.access.who(client.cookies["mesh-dojo-8765"])
        assert learner
        client.headers |= {"origin": ORIGIN, "x-csrf-token": services.access.csrf(learner)}
        yield client


def test_a_locked_database_is_said_and_nothing_is_lost(
    impatient: TestClient, tmp_path: Path
) -> None:
    assert impatient.post(f"{STEP}/hint").status_code == 303
    other = sqlite3.connect(tmp_path / "mesh-dojo.db", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    refused = impatient.post(f"{STEP}/hint", headers={"hx-request": "true"})
    page = impatient.get(STEP)
    other.execute("ROLLBACK")
    other.close()
    assert (refused.status_code, page.status_code) == (503, 503)
    assert "database is locked" in refused.text
    assert "Nothing that was saved before is lost" in page.text
    again = impatient.post(f"{STEP}/hint", headers={"hx-request": "true"})
    assert again.status_code == 200
    assert "Second." in again.text
    assert "Third." not in again.text
