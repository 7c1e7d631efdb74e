"""A database that is locked or read-only: a page that says so, and goes on afterwards."""

import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from sqlalchemy import event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection
from starlette.testclient import TestClient

from app.store.engine import Store
from app.web.services import Services
from app.web.site import create_site
from web.conftest import ORIGIN
from web.fakes import LEARNER, make_services
from web.samples import COURSE

STEP = "/lessons/canary/split"
HTMX: Final = {"hx-request": "true"}
AT_ONCE_S: Final = 2.0  # less than any wait for a lock


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
    refused = impatient.post(f"{STEP}/hint", headers=HTMX)
    page = impatient.get(STEP)
    other.execute("ROLLBACK")
    other.close()
    assert (refused.status_code, page.status_code) == (503, 503)
    assert "database is locked" in refused.text
    assert "Nothing that was saved before is lost" in page.text
    again = impatient.post(f"{STEP}/hint", headers=HTMX)
    assert again.status_code == 200
    assert "Second." in again.text
    assert "Third." not in again.text


class ReadOnly:
    """Makes every connection of a store read-only, as SQLite itself does it, until it is left."""

    def __init__(self, store: Store) -> None:
        self._pool = store._engine.sync_engine
        self._is_on = True

    def __enter__(self) -> None:
        event.listen(self._pool, "checkout", self._set)

    def __exit__(self, *_: object) -> None:
        self._is_on = False

    def _set(
        self, connection: DBAPIConnection, _entry: ConnectionPoolEntry, _of: PoolProxiedConnection
    ) -> None:
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA query_only={int(self._is_on)}")
        cursor.close()


def test_a_database_that_becomes_read_only_is_said_at_once_and_what_is_read_stays(
    browser: TestClient, services: Services
) -> None:
    assert browser.post(f"{STEP}/hint", headers=HTMX).status_code == 200
    began = time.monotonic()
    with ReadOnly(services.progress._store):
        refused = browser.post(f"{STEP}/hint", headers=HTMX)
        page = browser.get(STEP)
        course = browser.get("/")
    assert time.monotonic() - began < AT_ONCE_S
    assert (refused.status_code, page.status_code, course.status_code) == (503, 503, 200)
    assert "cannot be written: attempt to write a readonly database" in refused.text
    assert "chmod u+w" in page.text
    assert browser.get(STEP).status_code == 200
    assert "Second." in browser.post(f"{STEP}/hint", headers=HTMX).text
