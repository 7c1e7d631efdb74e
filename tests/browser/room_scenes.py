"""A room worth looking at: seven learners, one of whom asks for help, with steps behind them."""

from playwright.async_api import Page, expect
from web.fakes import LEARNER

from app.progress.model import SavedResult
from app.workshop.model import Plan
from browser.lab import LONG, Lab


async def meeting(lab: Lab) -> None:
    """A room of seven, one of whom asks for help, with steps behind them."""
    workshop, progress = lab.services.workshop, lab.services.progress
    room = await workshop.rooms.create(Plan("Service mesh, Tuesday group", gating="opened"))
    steps = [
        (lesson.id, step.id) for lesson in lab.services.course.lessons for step in lesson.steps
    ]
    await workshop.acts.open_steps(room.id, steps[:20], actor=LEARNER)
    await workshop.acts.broadcast(room.id, "Coffee at eleven, in the yard.", actor=LEARNER)
    for number, name in enumerate(("Ada", "Blaise", "Chen", "Dimitra", "Emil", "Fatou", LONG[:40])):
        member = (await workshop.roster.join(room.code, name, address="127.0.0.1")).member
        for lesson, step in steps[: 3 * number]:
            await progress.open(member.id, lesson, step)
            saved = SavedResult("one", "It is so", True, "", "As it should be.", "", (), 0.1)
            await progress.record(member.id, lesson, step, [saved], by_itself=False)
        await progress.open(member.id, *steps[3 * number])
        said = "Two VirtualServices name the host backend; the older one is in force."
        wrong = SavedResult("one", "It is so", False, "two-rules", said, "", (), 0.1)
        if number % 2:
            await progress.record(member.id, *steps[3 * number], [wrong], by_itself=False)
    await workshop.helps.ask(member.id, steps[18], "It says 503 and I do not see why")


async def enter_the_room(page: Page) -> None:
    await page.get_by_role("link", name="Service mesh, Tuesday group").click()
    await expect(page.locator("#board-rows tr")).to_have_count(7)


async def project(page: Page) -> None:
    await enter_the_room(page)
    await page.get_by_role("link", name="Code to project").click()
    await expect(page.locator(".door-qr")).to_be_visible()


async def look_at_one(page: Page) -> None:
    await enter_the_room(page)
    await page.get_by_role("link", name="Dimitra").click()
    await expect(page.get_by_role("heading", name="Dimitra")).to_be_visible()
