"""Pages in headless Chromium: when they are whole, when maps are painted, what was fetched."""

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
# The script has run and no element is to come; the foot of the page is the last of the site's.
_WHOLE = """foot => {
    const app = document.querySelector("[data-testid=stApp]");
    return app?.dataset.testScriptState === "notRunning"
        && !document.querySelector("[data-testid=stSkeleton]")
        && (!foot || app.textContent.includes(foot));
}"""
FOOT = "veut dire inconnu"
# Every map has its outlines and its colours, and nothing left to draw.
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
    found = next(filter(None, map(shutil.which, names)), None)
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=found, args=_ARGUMENTS)


def new_reader(browser: Browser) -> BrowserContext:
    """Start with an empty cache."""
    context = browser.new_context(viewport=WINDOW, locale="fr-FR")
    context.set_default_timeout(PATIENCE_MS)
    return context


@dataclass
class Opened:
    """A page, the milliseconds until it was whole, and what has come over the network so far."""

    page: Page
    milliseconds: float
    _client: CDPSession
    _sizes: list[int]

    @property
    def kilobytes(self) -> float:
        """What has come over HTTP and the websocket, compressed as it came."""
        return sum(self._sizes) / 1000

    def painted(self) -> float:
        """Wait until the maps are painted; give the milliseconds it took."""
        started = time.perf_counter()
        self.page.wait_for_function(_PAINTED, polling=20)
        return (time.perf_counter() - started) * 1000

    def repainted(self, choice: str) -> float:
        """Click on a choice that changes the legend; give the milliseconds until it is painted."""
        legend = self.page.evaluate(_LEGEND)
        started = time.perf_counter()
        self.page.get_by_role("radio", name=choice).click()
        self.page.wait_for_function(f"before => ({_LEGEND})() !== before", arg=legend, polling=20)
        self.painted()
        return (time.perf_counter() - started) * 1000


def opened(context: BrowserContext, site: Site, address: str = "/", foot: str = FOOT) -> Opened:
    """Open an address in a new tab, and wait until the page is whole."""
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
    page.wait_for_function(_WHOLE, arg=foot, polling=20)
    return Opened(page, (time.perf_counter() - started) * 1000, client, sizes)
