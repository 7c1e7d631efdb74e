"""A whole short workshop in four browsers: join, stuck, help, note, gate, own pace, pause, end."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect
from web.rooms import Clock, with_rooms
from web.samples import COURSE

from browser.lab import PHONE, Lab, lab_of

pytestmark = pytest.mark.browser

LESSON = COURSE.lessons[0]
FIRST, SECOND = LESSON.steps[0], LESSON.steps[1]
STEP = f"/lessons/{LESSON.id}/{FIRST.id}"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def lab(chromium: Browser, tmp_path: Path, clock: Clock) -> AsyncIterator[Lab]:
    async with lab_of(chromium, tmp_path, COURSE, with_rooms(clock)) as served:
        yield served
        assert not served.troubles


async def opened(lab: Lab, gating: str = "free") -> tuple[Page, str]:
    """Open a room as its instructor would; return the board and the code to join with."""
    board = await lab.page("/rooms")
    await board.get_by_label("Name", exact=True).fill("Tuesday group")
    await board.locator(f"input[name=gating][value={gating}]").check()
    await board.get_by_role("button", name="Open the room").click()
    code = await board.locator(".door-code").inner_text()
    await board.get_by_role("link", name="To the board").click()
    await expect(board.get_by_text("Nobody has joined yet")).to_be_visible()
    return board, code.strip()


async def joined(lab: Lab, code: str, name: str, size: tuple[int, int] = (1440, 900)) -> Page:
    """Let a learner join in a browser of the own."""
    width, height = size
    context = await lab.browser.new_context(
        viewport={"width": width, "height": height}, reduced_motion="reduce"
    )
    page = await context.new_page()
    lab.watch(page)
    await page.goto(f"{lab.origin}/join?code={code}")
    await page.get_by_label("Your name").fill(name)
    await page.get_by_role("button", name="Join").click()
    await expect(page.get_by_role("heading", name="Tuesday group")).to_be_visible()
    return page


async def test_a_short_workshop_from_the_first_to_the_last_minute(lab: Lab, clock: Clock) -> None:
    board, code = await opened(lab)
    ada, bea, cyd = [await joined(lab, code, name) for name in ("Ada", "Bea", "Cyd")]
    row = {name: board.locator("#board-rows tr", has_text=name) for name in ("Ada", "Bea", "Cyd")}
    await expect(board.locator("#board-rows tr")).to_have_count(3)
    await expect(row["Ada"].locator(".presence.is-here")).to_be_visible()

    for page in (ada, bea):
        await page.goto(lab.origin + STEP)
        await expect(page.locator("#room-line")).to_contain_text("Tuesday group")
    await expect(row["Ada"]).to_contain_text(FIRST.title)

    await ada.get_by_text("Ask for help").click()
    await ada.get_by_label("What is it about?").fill("It says 404")
    await ada.get_by_role("button", name="Ask", exact=True).click()
    await expect(ada.locator("#room-help")).to_contain_text("number 1")
    entry = board.locator(".help-entry")
    await expect(entry).to_contain_text("It says 404")
    await entry.get_by_label("Answer to Ada").fill("Look at the host")
    await entry.get_by_role("button", name="Done").click()
    await expect(ada.locator("#room-notes")).to_contain_text("Look at the host")
    await expect(entry).to_have_count(0)

    await board.get_by_label("A note to everybody").fill("Coffee at eleven")
    await board.get_by_role("button", name="Tell everybody").click()
    for page in (ada, bea, cyd):
        await expect(page.locator("#room-notes")).to_contain_text("Coffee at eleven")
    await cyd.get_by_role("button", name="Put this note away").click()
    await expect(cyd.locator("#room-notes")).not_to_contain_text("Coffee")

    await bea.get_by_role("button", name="Check my work").click()
    await expect(bea.get_by_text("Step passed")).to_be_visible()
    await expect(row["Bea"].locator(".heat .passed")).to_have_count(1)

    clock.ahead += timedelta(minutes=3 * LESSON.minutes + 1)
    await expect(row["Ada"]).to_contain_text("stuck")
    await expect(row["Cyd"]).not_to_contain_text("stuck")

    await board.get_by_role("button", name="Pause everybody").click()
    await expect(ada.locator("#room-line")).to_contain_text("paused the workshop")
    await ada.get_by_role("button", name="Check my work").click()
    await expect(ada.locator("#notice-check")).to_contain_text("paused the workshop")
    await board.get_by_role("button", name="Let everybody go on").click()
    await expect(ada.locator("#room-line")).not_to_contain_text("paused")

    await board.get_by_text("More", exact=True).click()
    await board.get_by_role("button", name="End the workshop").click()
    await expect(ada.locator("#room-line")).to_contain_text("has ended")
    await ada.goto(lab.origin + "/room/record")
    await expect(ada.get_by_role("heading", name="Ada")).to_be_visible()


async def test_steps_open_when_the_instructor_opens_them(lab: Lab) -> None:
    board, code = await opened(lab, "opened")
    ada = await joined(lab, code, "Ada")
    await ada.goto(lab.origin + STEP)
    await expect(ada.get_by_text("has not opened this step yet")).to_be_visible()
    stop = board.locator(".stop-entry", has_text=FIRST.title)
    await stop.get_by_role("button", name="Open", exact=True).click()
    await ada.locator("#room-line").get_by_role("link", name="Open now").click()
    await expect(ada.get_by_role("heading", name=FIRST.title)).to_be_visible()
    await stop.get_by_role("button", name="Close").click()
    await ada.get_by_role("button", name="Check my work").click()
    await expect(ada.locator("#notice-check")).to_contain_text("has not opened this step yet")


async def test_the_next_step_opens_after_the_check(lab: Lab) -> None:
    _board, code = await opened(lab, "passed")
    ada = await joined(lab, code, "Ada")
    await ada.goto(f"{lab.origin}/lessons/{LESSON.id}/{SECOND.id}")
    await expect(ada.get_by_text("opens once the checks of the one before")).to_be_visible()
    await ada.goto(lab.origin + STEP)
    await ada.get_by_role("button", name="Check my work").click()
    await ada.get_by_role("link", name=f"Next: {SECOND.title}").click()
    await expect(ada.get_by_role("heading", name=SECOND.title)).to_be_visible()


async def test_the_instructor_solves_a_step_for_all_and_watches_with_consent(lab: Lab) -> None:
    board, code = await opened(lab)
    ada = await joined(lab, code, "Ada")
    stop = board.locator(".stop-entry", has_text=FIRST.title)
    await stop.get_by_role("button", name="Solve for all").click()
    await expect(board.locator("#board-notice")).to_contain_text("Solved for 1 of 1")
    await expect(stop).to_contain_text("1 of 1 passed")
    await board.get_by_role("link", name="Ada").click()
    await expect(board.get_by_text("has not consented")).to_be_visible()
    await ada.get_by_role("button", name="Let the instructor watch").click()
    await expect(ada.get_by_role("button", name="Take the consent back")).to_be_visible()
    await board.reload()
    await expect(board.locator("#slot-watched")).to_be_attached()


async def test_a_name_that_is_taken_is_refused_kindly_and_a_phone_can_join(lab: Lab) -> None:
    board, code = await opened(lab)
    await joined(lab, code, "Ada")
    context = await lab.browser.new_context(viewport={"width": PHONE[0], "height": PHONE[1]})
    phone = await context.new_page()
    lab.watch(phone)
    await phone.goto(f"{lab.origin}/join?code={code}")
    await phone.get_by_label("Your name").fill("ada")
    await phone.get_by_role("button", name="Join").click()
    await expect(phone.get_by_role("alert")).to_contain_text("ada 2")
    await phone.get_by_label("Your name").fill("Ada from Bern")
    await phone.get_by_role("button", name="Join").click()
    await expect(phone.get_by_role("heading", name="Tuesday group")).to_be_visible()
    assert await phone.evaluate("document.documentElement.scrollWidth <= innerWidth")
    await expect(board.locator("#board-rows tr")).to_have_count(2)
