import pytest
from playwright.async_api import expect

from browser.lab import Lab, is_live

pytestmark = pytest.mark.browser

STEP = "/lessons/canary/split"


async def test_a_page_lives(lab: Lab) -> None:
    page = await lab.page(STEP)
    await is_live(page)
    await expect(page.locator("#live-summary")).to_have_text("1 of 3 pods ready")
