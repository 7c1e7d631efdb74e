"""What holds for every reader: without scripts, by name and focus, on every step, first visit."""

import pytest
from playwright.async_api import Page, expect
from web.fakes import LEARNER

from app.web.place import all_places
from browser.lab import PHONE, Lab, is_live
from browser.scenes import FINDINGS
from browser.test_looks import fits

pytestmark = pytest.mark.browser

STEP = "/lessons/canary/split"
PAGES = ("/", STEP, "/progress", "/preflight?look=1", "/settings")
NAMELESS = """() => [...document.querySelectorAll("a, button, input, textarea, summary")]
  .filter((one) => one.checkVisibility() && one.type !== "hidden")
  .filter((one) => !(one.getAttribute("aria-label") || one.innerText?.trim()
    || one.labels?.[0]?.textContent.trim() || one.textContent.trim()))
  .map((one) => one.outerHTML)"""
UNSEEN = """() => {
  const one = document.activeElement, style = getComputedStyle(one);
  const ring = one.closest(".prompt-row, .manifest") ?? one;  // these show it at their edge
  if (one === document.body) return "";  // once around
  const shown = style.outlineStyle !== "none" || ring !== one;
  return shown ? "" : one.outerHTML;
}"""


async def test_the_link_from_the_terminal_opens_the_course(lab: Lab) -> None:
    page = await lab.page()
    await page.context.clear_cookies()
    await page.goto(f"{lab.origin}/login?token={lab.services.access.issue(LEARNER)}")
    await page.wait_for_url(f"{lab.origin}/")
    await expect(page.locator("h1")).to_have_text("Learn a service mesh by doing it")


async def test_without_a_cluster_the_first_page_is_preflight(lab: Lab) -> None:
    lab.services.contexts.answers = False
    page = await lab.page()
    await page.context.clear_cookies()
    await page.goto(f"{lab.origin}/login?token={lab.services.access.issue(LEARNER)}")
    await page.wait_for_url(f"{lab.origin}/preflight")


async def test_findings_come_one_by_one_and_end_in_the_order_of_weight(lab: Lab) -> None:
    lab.services.preflight.findings = FINDINGS
    lab.services.preflight.gate.clear()
    page = await lab.page("/preflight")
    titles = page.locator(".finding-title")
    await expect(titles).to_have_text(["kubectl 1.36.1 was found"])
    await expect(page.get_by_role("progressbar")).to_be_visible()
    lab.services.preflight.gate.set()
    await expect(page.get_by_role("status")).to_have_text("1 thing stands in the way")
    await expect(titles.first).to_contain_text("The nodes have 3.8 GiB")
    await expect(titles).to_have_count(len(FINDINGS))


async def test_without_scripts_a_step_can_be_done(lab: Lab) -> None:
    page = await lab.page(STEP, java_script_enabled=False)
    await page.get_by_role("button", name="Run kubectl apply -f split.yaml").click()
    await expect(page.locator("h1")).to_have_text("kubectl apply -f split.yaml")
    await lab.services.runs.say("r1", "backend-routing created")
    await lab.services.runs.end("r1")
    await page.goto(f"{lab.origin}/runs/r1")
    await expect(page.locator(".line")).to_have_text("backend-routing created")
    await page.get_by_role("link", name="Split the traffic").click()
    await page.get_by_label("2/2").check()
    await page.get_by_role("button", name="Answer").click()
    await expect(page.locator(".reply")).to_contain_text("and its sidecar.")
    await page.get_by_role("button", name="Check my work").click()
    await page.goto(f"{lab.origin}{STEP}")
    await expect(page.locator("#check-weights")).to_contain_text("As it should be.")
    await expect(page.locator("#verdict h3")).to_have_text("Step passed")


async def test_without_scripts_preflight_says_all_at_the_end(lab: Lab) -> None:
    lab.services.preflight.findings = FINDINGS
    page = await lab.page("/preflight", java_script_enabled=False)
    await page.get_by_role("link", name="Look now").click()
    await expect(page.locator(".finding")).to_have_count(len(FINDINGS))


@pytest.mark.parametrize("path", PAGES)
async def test_every_control_has_a_name_and_shows_its_focus(lab: Lab, path: str) -> None:
    lab.services.preflight.findings = FINDINGS
    page = await lab.page(path)
    if path == STEP:
        await is_live(page)
    assert await page.evaluate(NAMELESS) == []
    for _ in range(await page.locator("a, button, input, textarea, summary").count()):
        await page.keyboard.press("Tab")
        assert await page.evaluate(UNSEEN) == ""


async def test_the_theme_that_was_chosen_is_kept(lab: Lab) -> None:
    page = await lab.page("/settings")
    await page.get_by_role("button", name="Dark").click()
    await expect(page.get_by_role("button", name="Dark")).to_have_attribute("aria-pressed", "true")
    assert await paper(page) == "rgb(20, 24, 29)"
    await page.goto(f"{lab.origin}/")
    assert await paper(page) == "rgb(20, 24, 29)"


async def paper(page: Page) -> str:
    """Return the colour that the page is written on."""
    return str(await page.evaluate("getComputedStyle(document.body).backgroundColor"))


async def test_every_step_of_the_course_opens_and_fits_a_phone(course_lab: Lab) -> None:
    page = await course_lab.page(size=PHONE)
    for place in all_places(course_lab.services.course):
        answer = await page.goto(course_lab.origin + place.url, wait_until="domcontentloaded")
        assert answer
        assert answer.status == 200
        await fits(page)
