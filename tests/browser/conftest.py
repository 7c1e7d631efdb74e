"""A Chromium for all browser tests, and a lab of its own for each."""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, async_playwright, expect
from web.samples import COURSE

from app.content.loader import load_course
from app.content.model import Course
from app.settings import ROOT
from browser.lab import FLAGS, PATIENCE_MS, Lab, find_chromium, lab_of


@pytest.fixture(scope="session")
async def chromium(anyio_backend: str) -> AsyncIterator[Browser]:
    path = find_chromium()
    if not path:
        missing = "no Chromium was found; name one in CHROMIUM"
        if os.environ.get("CI"):
            pytest.fail(missing)
        pytest.skip(missing)
    expect.set_options(timeout=PATIENCE_MS)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=path, chromium_sandbox=False, args=FLAGS
        )
        yield browser
        await browser.close()


@pytest.fixture
async def lab(chromium: Browser, tmp_path: Path) -> AsyncIterator[Lab]:
    async with lab_of(chromium, tmp_path, COURSE) as served:
        yield served
        assert not served.troubles


@pytest.fixture(scope="session")
def real_course() -> Course:
    return load_course(ROOT / "lessons")


@pytest.fixture
async def course_lab(chromium: Browser, tmp_path: Path, real_course: Course) -> AsyncIterator[Lab]:
    async with lab_of(chromium, tmp_path, real_course) as served:
        yield served
        assert not served.troubles
