"""A whole step in a browser over what a real cluster said: a mistake, its cause, the cure."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect
from web.fakes import KEY, FakeContexts, FakePreflight, OwnerAlone, SandboxNowhere, Welcoming
from world import RecordedWorkplace, RecordedWorld

from app.auth.access import Access
from app.bus import Bus
from app.commands.runner import Runner
from app.commands.runs import Runs
from app.content.find import find_step
from app.content.loader import load_course
from app.content.model import Course
from app.practice.desk import Desk
from app.progress.queries import Progress
from app.settings import ROOT, Settings
from app.store.engine import Store
from app.web.beside import Beside
from app.web.panel import Snapshot
from app.web.services import Services
from app.workshop.workshop import open_workshop
from browser.lab import Lab, is_live, lab_of

pytestmark = pytest.mark.browser

LESSON, STEP = "two-services", "deploy"
COURSE = load_course(ROOT / "lessons")
APPLY = "Run kubectl apply -f frontend.yaml -f backend.yaml"


def over(world: RecordedWorld, folder: Path, course: Course, _: Snapshot, port: int) -> Services:
    """Return the site's own parts, with the recorded world where the cluster would be."""
    settings = Settings(data_dir=folder, port=port)
    store, bus, runner = Store(settings.database()), Bus(), Runner()
    progress = Progress(store)
    runs = Runs(store, runner, folder / "runs")
    lesson, step = find_step(course, LESSON, STEP)
    workplace = RecordedWorkplace(world, lesson, step, folder)
    desk = Desk(course, workplace, runs, progress, bus)
    alone = OwnerAlone()
    return Services(
        settings=settings,
        course=course,
        bus=bus,
        desk=desk,
        progress=progress,
        runs=runs,
        live=Beside(workplace),
        preflight=FakePreflight(),
        contexts=FakeContexts(),
        access=Access(KEY),
        people=alone,
        seats=alone,
        workshop=open_workshop(store, bus, course, folder, SandboxNowhere),
        lifespans=(Welcoming(store, progress), runner, runs, desk),
    )


@pytest.fixture
def world() -> RecordedWorld:
    return RecordedWorld(LESSON, STEP)


@pytest.fixture
async def lab(chromium: Browser, world: RecordedWorld, tmp_path: Path) -> AsyncIterator[Lab]:
    async with lab_of(chromium, tmp_path, COURSE, lambda *given: over(world, *given)) as served:
        yield served
        assert not served.troubles


async def fill(page: Page, file: str, text: str) -> None:
    """Put a text into a manifest's editor."""
    await page.evaluate(
        """([file, text]) => document.querySelector(`textarea[data-file="${file}"]`)
            .nextElementSibling.CodeMirror.setValue(text)""",
        [file, text],
    )


async def test_a_mistake_is_named_and_its_cure_passes_the_step(
    lab: Lab, world: RecordedWorld
) -> None:
    solution = find_step(COURSE, LESSON, STEP)[1].manifests[1].solution
    page = await lab.page(f"/lessons/{LESSON}/{STEP}")
    await is_live(page)
    await page.get_by_role("button", name=APPLY).click()
    await expect(page.get_by_text("still has a blank").first).to_be_visible()

    await fill(page, "backend.yaml", solution)
    await page.get_by_role("button", name=APPLY).click()
    await expect(page.get_by_text("deployment.apps/backend created")).to_be_visible()
    await world.become("wrong-no-label")
    await expect(page.locator(".pod-ready").first).to_have_text(re.compile("/1$"))
    await page.get_by_role("button", name="Check my work").click()
    await expect(page.locator("#check-backend.is-failed")).to_contain_text("no sidecar")

    await world.become("solved")
    await expect(page.locator(".pod-ready")).to_have_text(["2/2"] * 3)
    await expect(page.locator("#check-backend.is-passed")).to_be_visible()
    await page.get_by_role("button", name="Check my work").click()
    await expect(page.get_by_role("heading", name="Step passed")).to_be_visible()
    await page.reload(wait_until="domcontentloaded")
    await expect(page.get_by_role("heading", name="Step passed")).to_be_visible()
