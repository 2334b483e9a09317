"""The site in a real browser: served, opened, watched; what a reader does on any page."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from urllib.parse import parse_qs, urlsplit

import httpx
from axe_playwright_python.sync_playwright import Axe
from effort import THOROUGH
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Locator,
    Page,
    Request,
    Response,
    WebError,
    expect,
)

from comparisons.settings import PROJECT_DIR
from tests.ports import free_port

DESKTOP, PHONE = (1366, 768), (390, 844)
PATIENCE = 30_000  # milliseconds, for a busy machine
expect.set_options(timeout=PATIENCE)
CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    # maps need WebGL; this is WebGL without a graphics card
    "--use-gl=angle",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    # all but maps is drawn without it, which takes a fifth of the time
    "--disable-gpu-compositing",
    # a page does not live long enough for its code to be worth optimising
    "--js-flags=--no-opt",
    # nothing but the site can be reached (to block by Playwright's routes would disable the cache)
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost",
]


# --- the site ------------------------------------------------------------------------------------


@dataclass
class Server:
    """The site, served as `make run` does, on a port of its own."""

    url: str
    log: Path
    pid: int

    @property
    def port(self) -> int:
        """Return its port."""
        return urlsplit(self.url).port

    @property
    def errors(self) -> list[str]:
        """Return the lines of the server's output that report a failure."""
        lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
        return [line for line in lines if re.search(r"Traceback|Error\b|Exception", line)]


@contextmanager
def serve(database: Path, log: Path) -> Iterator[Server]:
    """Serve the site until the end of the block; raises if it does not start."""
    port = free_port()
    command = [sys.executable, "app.py", "--port", str(port)]
    environment = os.environ | {"STRATOSCOPE_DATABASE": str(database), "NO_COLOR": "1"}
    with (
        log.open("wb") as output,
        subprocess.Popen(
            command, cwd=PROJECT_DIR, env=environment, stdout=output, stderr=subprocess.STDOUT
        ) as process,
    ):
        try:
            server = Server(f"http://localhost:{port}", log, process.pid)
            _wait_until_healthy(server, process)
            yield server
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()


def _wait_until_healthy(server: Server, process: subprocess.Popen) -> None:
    deadline = time.monotonic() + 180  # a busy machine
    while time.monotonic() < deadline and process.poll() is None:
        with suppress(httpx.TransportError):
            if httpx.get(f"{server.url}/healthz", timeout=5).status_code == 200:
                return
        time.sleep(0.1)
    raise RuntimeError(f"The site did not start:\n{server.log.read_text(encoding='utf-8')}")


# --- a reader ------------------------------------------------------------------------------------


@dataclass
class Watch:
    """Faults of a browser: errors, broken policies, requests to other hosts."""

    site: str
    faults: list[str] = field(default_factory=list)

    def over(self, context: BrowserContext) -> None:
        """Watch every tab of a browser, from its start."""
        context.expose_binding(
            "policyBroken", lambda _, violation: self.faults.append(f"policy: {violation}")
        )
        context.add_init_script(
            "addEventListener('securitypolicyviolation',"
            " e => policyBroken([e.effectiveDirective, e.blockedURI, e.sourceFile].join(' ')))"
        )
        context.on("weberror", self._failed)
        context.on("console", self._record_console)
        context.on("request", lambda request: self._record_request(request.url))
        context.on("requestfailed", self._unanswered)
        context.on("response", self._record_response)
        context.on("page", lambda page: page.on("websocket", self._connected))

    def is_ours(self, url: str) -> bool:
        return url.startswith((f"{self.site}/", "data:", "blob:"))

    def _failed(self, error: WebError) -> None:
        self.faults.append(f"page error: {error.error}")

    def _record_console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.faults.append(f"console: {message.text}")

    def _record_request(self, url: str) -> None:
        if not self.is_ours(url):
            self.faults.append(f"asked of another host: {url}")

    def _connected(self, socket: object) -> None:
        self._record_request(socket.url.replace("ws", "http", 1))

    def _unanswered(self, request: Request) -> None:
        # a tab that is closed, or a file that is saved, aborts what was asked
        if request.failure != "net::ERR_ABORTED":
            self.faults.append(f"{request.failure}: {request.url}")

    def _record_response(self, response: Response) -> None:
        if response.status >= 400:
            self.faults.append(f"{response.status}: {response.url}")


class Reader:
    """A reader with a browser: opens pages of the site and waits until they are whole.

    What one test opens first in a window is opened where the test before was, which takes half the
    time of a new tab; each page is a new session all the same.
    """

    def __init__(self, browser: Browser, site: str) -> None:
        self.browser, self.site = browser, site
        self.watch = Watch(site)
        self.kept: dict[tuple, BrowserContext] = {}
        self.others: list[BrowserContext] = []
        self.taken: set[Page] = set()

    def open(self, path: str = "/", size: tuple[int, int] = DESKTOP, dark: bool = False) -> Page:
        """Open an address in a tab of its own."""
        return self.open_in(self.context(size, dark), path)

    def open_in(self, context: BrowserContext, path: str) -> Page:
        """Open an address in a tab of a browser."""
        page = self.start_in(context, path)
        settle(page)
        return page

    def start(self, path: str, size: tuple[int, int] = DESKTOP, dark: bool = False) -> Page:
        """Open an address without waiting: something else can be done before it settles."""
        return self.start_in(self.context(size, dark), path)

    def start_in(self, context: BrowserContext, path: str) -> Page:
        """Open an address in a browser without waiting."""
        free = [page for page in context.pages if page not in self.taken]
        page = free[0] if free else context.new_page()
        self.taken.add(page)
        page.goto(path, wait_until="commit")
        return page

    def context(self, size: tuple[int, int] = DESKTOP, dark: bool = False) -> BrowserContext:
        """Return the browser of all the tests, which keeps what it has fetched."""
        if (size, dark) not in self.kept:
            self.kept[size, dark] = self._launch(size, dark)
        return self.kept[size, dark]

    def new_context(self, size: tuple[int, int] = DESKTOP) -> BrowserContext:
        """Start a browser that has seen nothing before; it is closed when the test ends."""
        self.others.append(self._launch(size, False))
        return self.others[-1]

    def _launch(self, size: tuple[int, int], dark: bool) -> BrowserContext:
        context = self.browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            color_scheme=_scheme(dark),
            locale="fr-FR",
            reduced_motion="reduce",  # animations take time, and say nothing
            base_url=self.site,
        )
        context.set_default_timeout(PATIENCE)
        self.watch.over(context)
        return context

    def next_test(self) -> None:
        """Close all but a tab of each window, and forget what was heard.

        That tab has the colours of its window again. It leaves a page with pictures: one that it
        still asks for may be gone, which would be heard in the next test. Others stay, whose code
        is then at hand: to leave each takes a second.
        """
        for (_, dark), context in self.kept.items():
            for page in context.pages[1:]:
                page.close()
            for page in context.pages:
                if page.query_selector("img[src*='/media/']"):
                    page.goto("about:blank")
                page.emulate_media(color_scheme=_scheme(dark))
        while self.others:
            self.others.pop().close()
        self.taken.clear()
        self.watch.faults.clear()

    def close(self) -> None:
        self.next_test()
        for context in self.kept.values():
            context.close()


def _scheme(dark: bool) -> Literal["dark", "light"]:
    return "dark" if dark else "light"


# The script has run, no element is to come, there is the foot of the page; and on a phone, the
# window has been measured and the page shown again for it: no table, no figure for a wide window.
_SETTLED = """() => {
    const app = document.querySelector("[data-testid=stApp]");
    const one = selector => document.querySelector(selector);
    const figures = [...document.querySelectorAll(".js-plotly-plot")];
    const isWhole = app?.dataset.testScriptState === "notRunning"
        && !one("[data-testid=stSkeleton]")
        && app.textContent.includes("veut dire inconnu")
        && (innerWidth >= 700 || !one("[data-testid=stTable]")
            && !figures.some(f => /-(wide|medium)$/.test(f.layout?.uirevision)));
    // a window of another size than the usual one is measured, and the page shown again for it
    const isUsual = innerWidth >= 1100 && innerWidth < 1600;
    if (!isWhole || isUsual) {
        window.wholeSince = undefined;
        return isWhole;
    }
    window.wholeSince ??= performance.now();
    return performance.now() - window.wholeSince > 300;
}"""


def settle(page: Page) -> None:
    """Wait until the server has sent everything."""
    page.wait_for_function(_SETTLED, polling=50, timeout=90_000)


# --- what a reader does --------------------------------------------------------------------------


def box_of(element: Locator) -> dict[str, float]:
    """Return where an element stands in the window, once it is there (x, y, width, height).

    An element can be drawn anew between the two questions: then it is waited for again.
    """
    while True:
        expect(element).to_be_visible()
        if box := element.bounding_box():
            return box


def parameters(page: Page) -> dict[str, list[str]]:
    """Read the choices in the address."""
    return parse_qs(urlsplit(page.url).query)


def reach(page: Page, address: str | re.Pattern[str] | Callable[[str], bool]) -> None:
    """Wait until an address is reached, and its page whole."""
    page.wait_for_url(address)
    settle(page)


def choose(page: Page, label: str) -> None:
    """Make a choice by its label, after which there may be a count."""
    name = re.compile(rf"^{re.escape(label)}( \([\d\s]+\))?$")
    page.get_by_role("radio", name=name).click()


def search(page: Page, text: str) -> Locator:
    """Type in the search field of every page."""
    field_ = page.get_by_role("combobox", name="Chercher un territoire")
    field_.fill(text)
    return field_


def fetched(page: Page, name: str, role: str = "button") -> Path:
    """Download the file of a button or a link, under its name."""
    with page.expect_download() as waiting:
        page.get_by_role(role, name=name, exact=True).click()
    downloaded = waiting.value
    assert downloaded.failure() is None
    target = downloaded.path().with_name(downloaded.suggested_filename)
    downloaded.save_as(target)
    return target


def download(page: Page, name: str) -> Path:
    """Download a file of the dataset: its name has the dataset version."""
    path = fetched(page, name)
    assert re.fullmatch(r"stratoscope_[a-z0-9-]+_[0-9a-f]{12}\.(csv|xlsx|pdf|zip|svg)", path.name)
    return path


# --- the map -------------------------------------------------------------------------------------


def legend(page: Page) -> dict[str, int]:
    """Read the legend of the map: classes and their counts."""
    counts = {}
    for line in page.locator(".legendtext").all_text_contents():
        text, count = re.fullmatch(r"(.*) \(([\d\s]+)\)", line).groups()
        counts[text] = int(re.sub(r"\s", "", count))
    return counts


# --- pages for everyone ------------------------------------------------------------------------


ALL_RULES: dict = {}
# four fifths of the time of axe are for colours, which do not depend on the window
BUT_CONTRAST = {"rules": {"color-contrast": {"enabled": False}}}
COLOURS = {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}
# MapLibre names every map « Map »: the figure around each has a name of its own
_NOT_OURS = ("landmark-unique",)
# rows of a table are made alike: a thorough run looks at those after the first ones
_LIKE_OTHERS = None if THOROUGH else {"exclude": [["tbody tr:nth-child(n+6)"]]}
# nothing is fetched again for a rule, and no address of an element is worked out
_AXE_OPTIONS = {"resultTypes": ["violations"], "preload": False, "selectors": False}


def violations(page: Page, rules: dict = ALL_RULES) -> list[str]:
    """List what axe finds moderate, serious or critical.

    It cannot judge the colours of what one must scroll to: for these, the window is as high as the
    page.
    """
    size = page.viewport_size
    if rules is not BUT_CONTRAST:
        height = page.get_by_test_id("stMain").evaluate("main => main.scrollHeight")
        page.set_viewport_size({**size, "height": max(height, size["height"])})
    results = Axe().run(page, _LIKE_OTHERS, _AXE_OPTIONS | rules)
    if rules is not BUT_CONTRAST:
        page.set_viewport_size(size)
    return [
        f"{violation['id']}: {node['html'][:200]} {node['failureSummary']}"
        for violation in results.response["violations"]
        if violation["impact"] != "minor" and violation["id"] not in _NOT_OURS
        for node in violation["nodes"]
    ]


def sticking_out(page: Page) -> list[int]:
    """Return by how many pixels the page is wider than its window."""
    return page.evaluate(
        """[...document.querySelectorAll("html, [data-testid=stMain]")]
           .map(e => e.scrollWidth - e.clientWidth).filter(more => more > 0)"""
    )


def unfold(page: Page) -> None:
    """Open all that is folded, and wait for what is only made then."""
    page.evaluate(
        """document.querySelectorAll("details:not([open]) > summary").forEach(s => s.click())"""
    )
    page.wait_for_function(
        """() => [...document.querySelectorAll("[data-testid=stExpanderDetails]")]
           .every(e => e.textContent.trim() || e.querySelector("canvas"))"""
    )
    settle(page)


def check_unfolded(page: Page) -> None:
    """Open all that is folded: nothing there is a violation, or sticks out."""
    unfold(page)
    assert violations(page) == []
    assert sticking_out(page) == []
