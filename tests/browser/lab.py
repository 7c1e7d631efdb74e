"""A site over fakes on a port of this machine, and browsers that are signed in to it."""

import asyncio
import os
import shutil
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import uvicorn
from playwright.async_api import Browser, BrowserContext, Page, expect
from structlog.testing import capture_logs
from web.fakes import LEARNER, make_services
from web.samples import SNAPSHOT

from app.content.model import Course
from app.web.panel import Snapshot
from app.web.services import Services
from app.web.site import create_site

NAMES: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
FLAGS: Final = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
)
Make = Callable[[Path, Course, Snapshot, int], Services]
LONG: Final = "a-name-that-somebody-has-made-as-long-as-a-label-may-be-" + "x" * 60
WIDE: Final = (1440, 900)
PHONE: Final = (390, 844)
ANSWERS: Final = (  # a refusal is no error of the page, nor is a stream that is cut
    "Failed to load resource",
    "Response Status Error Code",
    "[object Event]",
)
PATIENCE_MS: Final = 10_000  # on a busy machine; nothing waits that long that goes well


def find_chromium() -> str:
    """Return the browser that CHROMIUM names, else one of this machine; empty without any."""
    if named := os.environ.get("CHROMIUM", ""):
        return named
    return next((path for name in NAMES if (path := shutil.which(name))), "")


class Server(uvicorn.Server):
    """A server that leaves the signals of the test run alone."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.is_ready = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.is_ready.set()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    def cut(self) -> None:
        """Close every connection, as a proxy or a sleeping laptop does."""
        for connection in list(self.server_state.connections):
            connection.transport.close()  # type: ignore[union-attr]


@dataclass
class Lab:
    """A site that is served, with the fakes behind it, and the browsers that visit it."""

    services: Any  # the fakes have more verbs than the protocols that they keep
    origin: str
    server: Server
    browser: Browser
    troubles: list[str] = field(default_factory=list)

    async def context(self, **options: Any) -> BrowserContext:
        """Return a browser with the owner's cookie."""
        width, height = options.pop("size", WIDE)
        context = await self.browser.new_context(
            viewport={"width": width, "height": height}, reduced_motion="reduce", **options
        )
        context.set_default_timeout(PATIENCE_MS)
        access = self.services.access
        cookie = access.exchange(access.issue(LEARNER))
        name = f"mesh-dojo-{self.services.settings.port}"
        await context.add_cookies([{"name": name, "value": cookie, "url": self.origin}])
        return context

    async def page(self, path: str = "", **options: Any) -> Page:
        """Open a page in a browser of its own; what goes wrong on it is noted."""
        page = await (await self.context(**options)).new_page()
        self.watch(page)
        if path:
            await page.goto(self.origin + path, wait_until="domcontentloaded")
        return page

    def watch(self, page: Page) -> None:
        """Note errors of scripts, breaches of the policy and requests to other hosts."""
        page.on("pageerror", lambda error: self.troubles.append(f"{page.url}: {error}"))
        page.on("console", lambda said: self._heard(page, said.type, said.text))
        page.on("request", lambda request: self._asked(request.url))

    def _heard(self, page: Page, kind: str, text: str) -> None:
        is_answer = text.startswith(ANSWERS)
        if kind in ("error", "warning") and not is_answer:
            self.troubles.append(f"{page.url}: {text}")

    def _asked(self, url: str) -> None:
        if not url.startswith(self.origin):
            self.troubles.append(f"a request to {url}")


@asynccontextmanager
async def lab_of(
    browser: Browser, folder: Path, course: Course, make: Make = make_services
) -> AsyncIterator[Lab]:
    """Serve a course, over fakes unless told otherwise, until the caller is done."""
    with socket.socket() as listening, capture_logs():
        listening.bind(("127.0.0.1", 0))
        port = listening.getsockname()[1]
        services = make(folder, course, SNAPSHOT, port)
        config = uvicorn.Config(create_site(services), log_config=None, timeout_graceful_shutdown=2)
        server = Server(config)
        serving = asyncio.create_task(server.serve([listening]))
        try:
            await server.is_ready.wait()
            yield Lab(services, f"http://127.0.0.1:{port}", server, browser)
        finally:
            for context in browser.contexts:
                await context.close()
            server.should_exit = True
            await serving


async def is_live(page: Page) -> None:
    """Wait until the stream has brought the panel."""
    await expect(page.locator("#live-summary")).not_to_have_text("connecting")
