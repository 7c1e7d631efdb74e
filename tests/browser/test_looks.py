"""Each page type in light and dark, wide and on a phone; with --screenshots they are kept."""

from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from browser.lab import PHONE, WIDE, Lab
from browser.scenes import CANARY, SCENES, Scene

pytestmark = pytest.mark.browser

FRAMES = 60  # a second: a page that was resized is laid out anew within a few
OVERHANG = f"""() => new Promise((done) => {{
  const over = () => document.documentElement.scrollWidth - document.documentElement.clientWidth;
  const look = (frame) => {{
    if (over() <= 0 || frame > {FRAMES}) done(over());
    else requestAnimationFrame(() => look(frame + 1));
  }};
  requestAnimationFrame(() => look(0));
}})"""
SIZES = {"wide": WIDE, "phone": PHONE}


@pytest.mark.parametrize("scene", SCENES, ids=[scene.name for scene in SCENES])
async def test_a_page_fits(course_lab: Lab, scene: Scene, pytestconfig: pytest.Config) -> None:
    if scene.prepare:
        await scene.prepare(course_lab)
    page = await course_lab.page()
    if not scene.signed_in:
        await page.context.clear_cookies()
    answer = await page.goto(course_lab.origin + scene.path, wait_until="domcontentloaded")
    assert answer
    assert answer.status == scene.status
    if scene.act:
        await scene.act(page)
    for size, (width, height) in SIZES.items():
        await page.set_viewport_size({"width": width, "height": height})
        await fits(page)
        if folder := pytestconfig.getoption("--screenshots"):
            await keep(page, Path(folder) / f"{scene.name}-{size}")


async def fits(page: Page) -> None:
    """Assert that the page is not wider than its window, once it has settled into its size."""
    assert await page.evaluate(OVERHANG) <= 0


async def keep(page: Page, stem: Path) -> None:
    """Write pictures of the whole page, light and dark."""
    stem.parent.mkdir(parents=True, exist_ok=True)
    await page.evaluate("scrollTo({top: 0, behavior: 'instant'})")
    for theme in ("light", "dark"):
        await page.evaluate(f"document.documentElement.dataset.theme = '{theme}'")
        await page.evaluate("new Promise(requestAnimationFrame)")
        await page.screenshot(path=f"{stem}-{theme}.png", full_page=True)


async def test_what_runs_never_covers_the_end_of_a_page(course_lab: Lab) -> None:
    for n in range(4):
        line = "kubectl port-forward -n istio-system service/istio-ingressgateway 8080:80"
        course_lab.services.runs.begin("canary", "ninety-ten", f"{line}{n}", is_background=True)
    page = await course_lab.page(CANARY, size=PHONE)
    await expect(page.locator(".task")).to_have_count(4)
    await page.evaluate("scrollTo({top: document.body.scrollHeight, behavior: 'instant'})")
    end, bar = (
        await page.locator(".turn").bounding_box(),
        await page.locator(".tasks").bounding_box(),
    )
    assert end
    assert bar
    assert end["y"] + end["height"] <= bar["y"]


async def test_with_less_motion_a_change_of_theme_is_seen_at_once(course_lab: Lab) -> None:
    page = await course_lab.page(CANARY)
    inside = page.locator(".CodeMirror-line > span").first
    for theme, colour in (("light", "rgb(32, 48, 63)"), ("dark", "rgb(214, 222, 229)")):
        await page.evaluate(f"document.documentElement.dataset.theme = '{theme}'")
        assert await inside.evaluate("part => getComputedStyle(part).color") == colour
