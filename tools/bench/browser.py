"""From a line that a program writes to the same line in a page of a real Chromium."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from playwright.async_api import Page, async_playwright

from tests.visitor import Visitor
from tools.bench.figure import Figure
from tools.bench.site import LESSON, LINE, MANY, STEP, stand_in
from tools.bench.streams import Door, door_of, open_streams

LINES = 200
LINE_MS = 50.0
PATIENCE_S = 120.0
FLAGS = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
)
# Pauses of no fixed length: with a fixed one every line would meet the site in the same phase.
WRITES_THE_TIME = (
    "import random\n"
    "time.sleep(1)\n"
    f"for n in range({LINES}):\n"
    "    time.sleep(random.uniform(0.02, 0.15))\n"
    "    print(f'written {time.time():.6f}')\n"
)
# Both clocks are the machine's: time.time() there, the page's time origin plus its own clock here.
WATCH = """() => {
  window.arrived = [];
  new MutationObserver((changes) => {
    const now = performance.timeOrigin + performance.now();
    for (const change of changes) for (const node of change.addedNodes) {
      const found = /^written ([0-9.]+)/.exec(node.textContent || "");
      if (found && node.matches?.(".line")) window.arrived.push(now - Number(found[1]) * 1000);
    }
  }).observe(document.body, {childList: true, subtree: true});
}"""


async def lines_to_page(executable: str) -> list[Figure]:
    """Return how long lines take, to the only page and to one of many."""
    found = []
    async with stand_in() as bench, bench.served() as served:
        bench.program("kubectl", WRITES_THE_TIME)
        async with Visitor.at(served.address) as visitor:
            door = await door_of(visitor, served.address, LESSON, STEP)
            async with _page(executable, door) as page:
                name = "line written by the process to line in the browser"
                found.append(Figure(name, "ms", await _measured(visitor, page), LINE_MS))
            async with AsyncExitStack() as stack:
                await stack.enter_async_context(open_streams(door, LESSON, STEP, MANY))
                page = await stack.enter_async_context(_page(executable, door))
                name = f"the same, with {MANY} more streams that get every line"
                found.append(Figure(name, "ms", await _measured(visitor, page)))
    return found


@asynccontextmanager
async def _page(executable: str, door: Door) -> AsyncIterator[Page]:
    name, _, value = door.cookie.partition("=")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=executable, chromium_sandbox=False, args=list(FLAGS)
        )
        context = await browser.new_context()
        await context.add_cookies([{"name": name, "value": value, "url": door.origin}])
        page = await context.new_page()
        await page.goto(f"{door.origin}/lessons/{LESSON}/{STEP}")
        await page.wait_for_selector("#panel[data-summary]")  # the stream has begun
        await page.evaluate(WATCH)
        try:
            yield page
        finally:
            await browser.close()


async def _measured(visitor: Visitor, page: Page) -> list[float]:
    await visitor.run(LESSON, STEP, line=LINE, wait=False)
    await page.wait_for_function(
        f"() => window.arrived.length >= {LINES}", timeout=PATIENCE_S * 1000
    )
    await page.wait_for_selector(".run-head.is-finished")
    samples: list[float] = await page.evaluate("() => window.arrived")
    return samples
