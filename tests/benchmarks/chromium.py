"""Time and size of pages in headless Chromium: complete page, painted maps, fetched bytes."""

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from playwright.sync_api import Browser, BrowserContext, CDPSession, Page, sync_playwright

from tests.benchmarks.serving import Site

WINDOW = {"width": 1366, "height": 768}
PATIENCE_MS = 120_000
_ARGUMENTS = (
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # maps need WebGL; this is WebGL without a graphics card
    "--use-gl=angle",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost",
)
# The script has ended and no element is pending; the footer is the last element of a page.
_WHOLE = """footer => {
    const app = document.querySelector("[data-testid=stApp]");
    return app?.dataset.testScriptState === "notRunning"
        && !document.querySelector("[data-testid=stSkeleton]")
        && (!footer || app.textContent.includes(footer));
}"""
FOOTER = "veut dire inconnu"
# Every map has loaded its outlines and colours.
_PAINTED = """() => {
    const figures = [...document.querySelectorAll(".js-plotly-plot")];
    const maps = figures.map(f => f._fullLayout?.map?._subplot?.map);
    return maps.length > 0 && maps.every(map => map?.loaded() && map.areTilesLoaded()
        && Object.keys(map.getStyle().sources).length > 0);
}"""

_LEGEND = """() => [...document.querySelectorAll(".legendtext")].map(e => e.textContent).join()"""


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start the system's Chromium."""
    names = ("chromium", "chromium-browser", "google-chrome")
    executable = next(filter(None, map(shutil.which, names)), None)
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=executable, args=_ARGUMENTS)


def new_reader(browser: Browser) -> BrowserContext:
    """Open a browser context with an empty cache."""
    context = browser.new_context(viewport=WINDOW, locale="fr-FR")
    context.set_default_timeout(PATIENCE_MS)
    return context


@dataclass
class OpenedPage:
    """A page, the milliseconds until it was complete, and the bytes received so far."""

    page: Page
    milliseconds: float
    _client: CDPSession
    _sizes: list[int]

    @property
    def kilobytes(self) -> float:
        """Return the kilobytes received over HTTP and the websocket, compressed."""
        return sum(self._sizes) / 1000

    def wait_painted(self) -> float:
        """Wait until the maps are painted; return the milliseconds."""
        started = time.perf_counter()
        self.page.wait_for_function(_PAINTED, polling=20)
        return (time.perf_counter() - started) * 1000

    def click_and_wait(self, choice: str) -> float:
        """Click on a choice that changes the legend; return the milliseconds until painted."""
        legend = self.page.evaluate(_LEGEND)
        started = time.perf_counter()
        self.page.get_by_role("radio", name=choice).click()
        self.page.wait_for_function(f"before => ({_LEGEND})() !== before", arg=legend, polling=20)
        self.wait_painted()
        return (time.perf_counter() - started) * 1000


def open_page(
    context: BrowserContext, site: Site, address: str = "/", footer: str = FOOTER
) -> OpenedPage:
    """Open an address in a new tab, and wait until the page is complete."""
    page = context.new_page()
    client = context.new_cdp_session(page)
    client.send("Network.enable")
    sizes: list[int] = []
    client.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    client.on(
        "Network.webSocketFrameReceived",
        lambda event: sizes.append(len(event["response"]["payloadData"]) * 3 // 4),
    )
    started = time.perf_counter()
    page.goto(f"{site.url}{address}", wait_until="commit")
    page.wait_for_function(_WHOLE, arg=footer, polling=20)
    return OpenedPage(page, (time.perf_counter() - started) * 1000, client, sizes)
