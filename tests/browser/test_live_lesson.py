"""A whole step in a browser: commands, the panel, checks, help, the prompt; also by keys alone."""

from dataclasses import replace

import pytest
from playwright.async_api import Page, expect
from web.samples import SNAPSHOT

from app.checks.result import failed
from browser.lab import Lab, is_live

pytestmark = pytest.mark.browser

STEP = "/lessons/canary/split"
APPLY = "Run kubectl apply -f split.yaml"
LOOK = "Run kubectl get pods -n mesh-demo"


async def opened(lab: Lab) -> Page:
    """Return the step's page once its stream is there."""
    page = await lab.page(STEP)
    await is_live(page)
    return page


async def test_a_command_runs_live_and_ends(lab: Lab) -> None:
    page = await opened(lab)
    await page.get_by_role("button", name=APPLY).click()
    run = page.locator("#run-r1")
    await expect(run.locator(".run-state")).to_have_text("running")
    await lab.services.runs.say("r1", "backend-routing created", "<b>bold</b>")
    await expect(run.locator(".line")).to_have_text(["backend-routing created", "<b>bold</b>"])
    await lab.services.runs.end("r1")
    await expect(run.locator(".run-state")).to_have_text("done")
    await expect(page.locator("#tasks .task")).to_have_count(0)


async def test_the_panel_shows_one_container_become_two(lab: Lab) -> None:
    page = await opened(lab)
    pod = replace(SNAPSHOT.pods[0], ready="1/1")
    await lab.services.live.show(replace(SNAPSHOT, pods=(pod,)))
    ready = page.locator(".pod-ready")
    await expect(ready).to_have_text(["1/1"])
    await lab.services.live.show(replace(SNAPSHOT, pods=(replace(pod, ready="2/2"),)))
    await expect(ready).to_have_text(["2/2"])
    await expect(page.locator(".pod.is-changed")).to_have_count(1)


async def test_a_reload_in_the_middle_loses_no_line_and_doubles_none(lab: Lab) -> None:
    page = await opened(lab)
    await page.get_by_role("button", name=LOOK).click()
    await expect(page.locator("#run-r1")).to_be_visible()
    await lab.services.runs.say("r1", *(f"line {n}" for n in range(50)))
    await expect(page.locator("#lines-r1 .line")).to_have_count(50)
    await page.reload(wait_until="domcontentloaded")
    await lab.services.runs.say("r1", *(f"line {n}" for n in range(50, 100)))
    await expect(page.locator("#lines-r1 .line")).to_have_text([f"line {n}" for n in range(100)])


async def test_a_stream_that_is_cut_goes_on_where_it_was(lab: Lab) -> None:
    page = await opened(lab)
    await page.get_by_role("button", name=LOOK).click()
    await expect(page.locator("#run-r1")).to_be_visible()
    await lab.services.runs.say("r1", "before")
    await expect(page.locator("#lines-r1 .line")).to_have_text(["before"])
    async with page.expect_request("**/live/**"):
        lab.server.cut()
        await lab.services.runs.say("r1", "while away")
    await expect(page.locator("#lines-r1 .line")).to_have_text(["before", "while away"])


async def test_two_tabs_show_the_same_run(lab: Lab) -> None:
    first, second = await opened(lab), await opened(lab)
    await first.get_by_role("button", name=LOOK).click()
    await expect(second.locator("#run-r1")).to_be_visible()
    await lab.services.runs.say("r1", "said once")
    for page in (first, second):
        await expect(page.locator("#lines-r1 .line")).to_have_text(["said once"])


async def test_the_stop_button_ends_a_run(lab: Lab) -> None:
    page = await opened(lab)
    await page.get_by_role("button", name=LOOK).click()
    await page.locator("#run-r1").get_by_role("button", name="Stop").click()
    await expect(page.locator("#run-r1 .run-state")).to_have_text("stopped")


async def test_a_wrong_answer_is_told_why_and_a_right_one_too(lab: Lab) -> None:
    page = await opened(lab)
    for choice, said in (("1/1", "Only if nothing was injected."), ("2/2", "and its sidecar.")):
        await page.get_by_label(choice, exact=True).check()
        await page.get_by_role("button", name="Answer").click()
        await expect(page.locator(".reply")).to_contain_text(said)


async def test_a_failed_check_says_why_and_a_passed_step_leads_on(lab: Lab) -> None:
    page = await opened(lab)
    desk = lab.services.desk
    desk.findings = {"weights": failed("even", "v2 got 48 of 100 answers.", look="kubectl get vs")}
    await page.get_by_role("button", name="Check my work").click()
    weights = page.locator("#check-weights")
    await expect(weights).to_contain_text("v2 got 48 of 100 answers.")
    await expect(page.locator("#announce")).to_have_text("Not yet: see the checks.")
    desk.findings = {}
    await page.get_by_role("button", name="Check my work").click()
    await expect(page.locator("#verdict h3")).to_have_text("Step passed")
    await page.get_by_role("link", name="Next: Roll back").click()
    await expect(page.locator("h1")).to_have_text("Roll back")


async def test_checks_that_take_a_while_show_how_far_they_are(lab: Lab) -> None:
    lab.services.desk.gate.clear()
    page = await opened(lab)
    await page.get_by_role("button", name="Check my work").click()
    bar = page.get_by_role("progressbar", name="Checks done")
    await expect(bar).to_have_attribute("value", "0")
    await expect(page.locator("#check-route")).to_contain_text("asking the cluster")
    await expect(page.locator("#check-route [data-since]")).to_have_text("0s")
    lab.services.desk.gate.set()
    await expect(page.locator("#verdict h3")).to_have_text("Step passed")
    await expect(bar).to_have_count(0)


async def test_a_step_that_came_true_by_itself_says_so(lab: Lab) -> None:
    page = await opened(lab)
    await lab.services.desk.come_true("owner", "canary", "split")
    await expect(page.locator(".passed-note")).to_contain_text("came true by itself")
    await expect(page.locator("#announce")).to_have_text("This step came true by itself.")


async def test_hints_open_one_by_one_and_the_solution_asks_first(lab: Lab) -> None:
    page = await opened(lab)
    await page.get_by_role("button", name="Give me a hint").click()
    await expect(page.locator(".hint")).to_have_text(["First."])
    await page.get_by_role("button", name="One more hint").click()
    await expect(page.locator(".hint")).to_have_text(["First.", "Second."])
    await page.get_by_text("Show the solution").click()
    await page.get_by_role("button", name="Yes, show it").click()
    await expect(page.locator(".solution")).to_contain_text("weight: 90")


async def test_a_manifest_is_proofread_while_it_is_typed(lab: Lab) -> None:
    page = await opened(lab)
    editor = page.get_by_role("textbox", name="split.yaml")
    await editor.focus()
    await page.keyboard.press("Control+End")
    await page.keyboard.type("#")
    remark = page.locator(".remark")
    await expect(remark).to_contain_text("2 blanks are left to fill")
    await page.keyboard.press("Control+A")
    await page.keyboard.type("kind: Secrets")
    await expect(remark).to_contain_text("Line 1, column 7: Objects of kind Secrets")
    await expect(page.locator(".is-wrong-line")).to_have_count(1)
    await page.reload(wait_until="domcontentloaded")
    await expect(page.locator(".CodeMirror-line")).to_have_text(["kind: Secrets"])


async def test_the_prompt_completes_and_remembers(lab: Lab) -> None:
    page = await opened(lab)
    prompt = page.get_by_role("combobox")
    await prompt.press_sequentially("kubectl logs backend-7")
    await expect(page.get_by_role("option")).to_have_text(["backend-7d9c5b6f4-x2x9q"])
    await page.keyboard.press("Tab")
    await expect(prompt).to_have_value("kubectl logs backend-7d9c5b6f4-x2x9q ")
    await page.keyboard.press("Enter")
    await expect(page.locator("#run-r1 .run-line")).to_contain_text("backend-7d9c5b6f4-x2x9q")
    await expect(prompt).to_have_value("")
    await page.reload(wait_until="domcontentloaded")
    await prompt.press("ArrowUp")
    await expect(prompt).to_have_value("kubectl logs backend-7d9c5b6f4-x2x9q")


async def test_the_sheet_opens_and_closes_by_keys_and_gives_the_focus_back(lab: Lab) -> None:
    page = await opened(lab)
    pod = page.locator(".pod").first
    await pod.focus()
    await page.keyboard.press("Enter")
    await expect(page.locator("#sheet .sheet-text")).to_contain_text("Name: backend-7d9c5b6f4")
    await page.get_by_role("link", name="YAML").press("Enter")
    await expect(page.locator("#sheet [aria-current]")).to_have_text("YAML")
    await page.keyboard.press("Escape")
    await expect(page.locator("#sheet")).to_be_hidden()
    await expect(pod).to_be_focused()


async def test_a_step_is_done_by_keys_alone(lab: Lab) -> None:
    page = await opened(lab)
    await tab_to(page, "split.yaml")
    await page.keyboard.press("Control+End")
    await page.keyboard.type("# mine")
    await tab_to(page, APPLY)
    await page.keyboard.press("Enter")
    await expect(page.locator("#run-r1")).to_be_visible()
    assert "# mine" in lab.services.desk.texts["split.yaml"]
    await tab_to(page, "Check my work")
    await page.keyboard.press("Enter")
    await expect(page.locator("#verdict h3")).to_have_text("Step passed")


async def tab_to(page: Page, name: str) -> None:
    """Press Tab until a control of that name has the focus, else fail."""
    label = "document.activeElement.getAttribute('aria-label') ?? document.activeElement.innerText"
    for _ in range(80):
        await page.keyboard.press("Tab")
        if (await page.evaluate(label) or "").strip().startswith(name):
            return
    raise AssertionError(f"no {name} on the way")
