"""The pages as a reader meets them: run in this process (AppTest), or in a real browser."""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pandas as pd
import pytest
from google.protobuf.message import Message
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Response,
    expect,
)
from streamlit.testing.v1 import AppTest

from comparisons.format import PROJECT_DIR

# --- pages run in this process -------------------------------------------------------------------

# What Python, pandas and JavaScript write for an unknown value; « 2023.0 » is a year gone wrong.
LEAKS = re.compile(r"\b(?:nan|NaN|None|NaT|null|undefined|(?:19|20)\d\d\.0)\b|<NA>|Timestamp\(")
_NOT_WORDS = {"id", "form_id", "url", "file_name", "mime", "query", "icon", "options"}


class Visit:
    """A reader's session: pages opened one after the other, and all that is shown."""

    def __init__(self, window: str = "wide") -> None:
        self.app = AppTest.from_file(PROJECT_DIR / "pages" / "navigation.py", default_timeout=30)
        self.app.context = {"url": "http://localhost:8501/", "theme": "light", "locale": "fr-FR"}
        self.app.session_state["fenetre_connue"] = window

    def open(self, page: str, **query: str | list[str]) -> "Visit":
        """Go to an address; the first page of a session is always the map (a limit of AppTest)."""
        if "page_ouverte" not in self.app.session_state:
            self.run()
        self.app.switch_page(f"{page}.py")
        self.app.query_params = query
        return self.run()

    def run(self) -> "Visit":
        self.app.run()
        assert not self.app.exception, [e.message for e in self.app.exception]
        return self

    def unfold(self, expander: str) -> "Visit":
        """Open what waits to be opened before it is made."""
        self.app.session_state[expander] = True
        return self.run()

    def find(self, key: str) -> "Visit":
        """Choose a territory in the search field (its component cannot be run in AppTest)."""
        self.app.session_state["recherche:trouve"] = key
        return self.run()

    @property
    def address(self) -> dict[str, str | list[str]]:
        return self.app.query_params

    @property
    def words(self) -> list[str]:
        """Every text sent to the browser, but for the choices a menu offers."""
        found = []
        for element in self.app.main:
            if element.type == "bidi_component":
                continue
            if element.proto is not None:
                found += _strings(element.proto)
            if element.type == "table":
                found += _table_strings(element.value)
        return found

    @property
    def text(self) -> str:
        """Every text as it is read: one string, without Markdown's escapes, with plain spaces."""
        return _read("\n".join(self.words))

    @property
    def leaks(self) -> list[str]:
        """Texts that show a program's word for nothing."""
        return [text for text in self.words if LEAKS.search(text)]

    @property
    def raw_markup(self) -> list[str]:
        """Texts in which Markdown, or Plotly's own markup, would be obeyed."""
        found = []
        for element in self.app.main:
            if element.type == "plotly_chart":
                found += [text for text in _figure_strings(element.proto.spec) if "<img" in text]
            elif element.type == "table":
                found += filter(_RAW.search, _table_strings(element.value))
            elif element.type in _MARKDOWN_TYPES:
                found += filter(_RAW.search, _strings(element.proto))
        return found

    @property
    def title(self) -> str:
        """The heading of the map."""
        return _read(self.app.subheader[0].value)

    @property
    def warnings(self) -> list[str]:
        return [_read(warning.value) for warning in self.app.warning]

    @property
    def links(self) -> list[tuple[str, str]]:
        """Pages that the page leads to, each with its parameters."""
        protos = [e.proto for e in self.app.main if e.type == "page_link"]
        return [(proto.page, proto.query_string) for proto in protos]

    @property
    def charts(self) -> list[Message]:
        return [e.proto for e in self.app.main if e.type == "plotly_chart"]

    @property
    def figures(self) -> list[list[str]]:
        """The names of the traces of each figure."""
        return [
            [_read(trace.get("name", "")) for trace in json.loads(chart.spec)["data"]]
            for chart in self.charts
        ]

    def table_with(self, column: str) -> pd.DataFrame:
        return next(table for table in self._tables() if column in table.columns)

    def table_with_row(self, row: str) -> pd.DataFrame:
        return next(table for table in self._tables() if row in table.index)

    def _tables(self) -> Iterator[pd.DataFrame]:
        for table in self.app.table:
            read = table.value.map(_read)
            yield read.rename(columns=_read, index=lambda label: _read(str(label)))

    @property
    def tables_text(self) -> set[str]:
        """Every cell of every table, as it is read."""
        return {str(cell) for table in self._tables() for cell in table.to_numpy().flat}


# elements whose texts are Markdown
_MARKDOWN_TYPES = {
    *("markdown", "caption", "title", "header", "subheader", "expander", "expandable"),
    *("page_link", "metric", "warning", "info", "alert", "popover", "button", "button_group"),
}
_RAW = re.compile(r"(?<!\\)(?:<img|\*\*gras|\[lien\]|:red\[|\$x)")


def _read(text: str) -> str:
    """Read a text as it is displayed: no escapes, no grey, no kinds of spaces."""
    text = re.sub(r":gray\[(.*?)\]", r"\1", text)
    return re.sub(r"\\([^\w\s])", r"\1", text).replace("\xa0", " ").replace("\u202f", " ")


def _table_strings(table: pd.DataFrame) -> list[str]:
    return [str(value) for value in (*table.columns, *table.index, *table.to_numpy().flat)]


def _strings(message: Message) -> list[str]:
    """Every text in a message, however deep; the figures of Plotly by their own words."""
    found = []
    for described, value in message.ListFields():
        if described.name in _NOT_WORDS:
            continue
        for item in value if described.is_repeated else [value]:
            if isinstance(item, Message):
                found += _strings(item)
            elif isinstance(item, str):
                found += _figure_strings(item) if described.name == "spec" else [item]
    return found


def _figure_strings(spec: str) -> list[str]:
    figure = json.loads(spec)
    shown = []
    for trace in figure["data"]:
        shown.append(trace.get("name", ""))
        for texts in (trace.get("hovertext", ""), trace.get("text", "")):
            shown += _flat(texts)
    return [*shown, *figure["layout"].get("yaxis", {}).get("ticktext", ())]


def _flat(texts: str | list) -> list[str]:
    """Give the texts of a trace: one, a list, or a list for each row of a grid."""
    return [texts] if isinstance(texts, str) else [t for each in texts for t in _flat(each)]


@pytest.fixture
def visit(database: Path) -> Visit:
    """Open a new session."""
    return Visit()


@pytest.fixture
def new_visit(database: Path) -> type[Visit]:
    """Open as many sessions as one likes."""
    return Visit


@pytest.fixture
def phone(database: Path) -> Visit:
    """Open a new session in a narrow window."""
    return Visit("narrow")


# --- pages in a browser --------------------------------------------------------------------------

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
    # nothing but the site can be reached (to block by Playwright's routes would disable the cache)
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost",
]


@dataclass
class Server:
    """The site, served as `make run` does, on a port of its own."""

    url: str
    log: Path

    @property
    def errors(self) -> list[str]:
        """Lines of the server's output that tell of a failure."""
        lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
        return [line for line in lines if re.search(r"Traceback|Error\b|Exception", line)]


@contextmanager
def _serving(database: Path, log: Path) -> Iterator[Server]:
    """Serve the site until the end of the block; raises if it does not start."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port)]
    environment = os.environ | {"STRATOSCOPE_DATABASE": str(database), "NO_COLOR": "1"}
    with (
        log.open("wb") as output,
        subprocess.Popen(
            command, cwd=PROJECT_DIR, env=environment, stdout=output, stderr=subprocess.STDOUT
        ) as process,
    ):
        try:
            server = Server(f"http://localhost:{port}", log)
            _wait_until_healthy(server, process)
            yield server
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()


def _wait_until_healthy(server: Server, process: subprocess.Popen) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        with suppress(httpx.TransportError):
            if httpx.get(f"{server.url}/healthz", timeout=5).status_code == 200:
                return
        time.sleep(0.1)
    raise RuntimeError(f"The site did not start:\n{server.log.read_text(encoding='utf-8')}")


@pytest.fixture(scope="session")
def server(database: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with _serving(database, tmp_path_factory.mktemp("site") / "server.log") as running:
        yield running


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict:
    """Start the system's Chromium (replaces the fixture of pytest-playwright)."""
    names = ("chromium", "chromium-browser", "google-chrome")
    found = next(filter(None, map(shutil.which, names)), None)
    assert found, f"The browser tests need one of {', '.join(names)}."
    return {"executable_path": found, "args": CHROMIUM_ARGUMENTS}


@dataclass
class Watch:
    """What a browser should not have done."""

    site: str
    faults: list[str] = field(default_factory=list)

    def over(self, page: Page) -> None:
        page.on("pageerror", lambda error: self.faults.append(f"page error: {error}"))
        page.on("console", self._heard)
        page.on("request", lambda request: self._asked(request.url))
        page.on("websocket", lambda socket: self._asked(socket.url.replace("ws", "http", 1)))
        page.on("response", self._answered)

    def is_ours(self, url: str) -> bool:
        return url.startswith((f"{self.site}/", "data:", "blob:"))

    def _asked(self, url: str) -> None:
        if not self.is_ours(url):
            self.faults.append(f"asked of another host: {url}")

    def _answered(self, response: Response) -> None:
        if response.status >= 400:
            self.faults.append(f"{response.status}: {response.url}")

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.faults.append(f"console: {message.text}")


class Reader:
    """A reader with a browser: opens pages of the site and waits until they are whole."""

    def __init__(self, browser: Browser, site: str) -> None:
        self.browser, self.site = browser, site
        self.watch = Watch(site)
        self.contexts: dict[tuple, BrowserContext] = {}
        self.pages: list[Page] = []

    def open(self, path: str = "/", size: tuple[int, int] = DESKTOP, dark: bool = False) -> Page:
        """Open an address in a new tab, which is a new session."""
        return self.open_in(self.context(size, dark), path)

    def context(self, size: tuple[int, int] = DESKTOP, dark: bool = False) -> BrowserContext:
        """Give the browser of all the tests, which keeps what it has fetched."""
        if (size, dark) not in self.contexts:
            self.contexts[size, dark] = self.new_context(size, dark)
        return self.contexts[size, dark]

    def new_context(self, size: tuple[int, int] = DESKTOP, dark: bool = False) -> BrowserContext:
        """Start a browser that has seen nothing before."""
        context = self.browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            color_scheme="dark" if dark else "light",
            locale="fr-FR",
            base_url=self.site,
        )
        context.set_default_timeout(PATIENCE)
        return context

    def open_in(self, context: BrowserContext, path: str) -> Page:
        """Open an address in a new tab of a browser."""
        page = context.new_page()
        self.pages.append(page)
        self.watch.over(page)
        page.goto(path)
        _settle(page)
        return page

    def next_test(self) -> None:
        """Close the tabs and forget what was heard; what was fetched is kept."""
        while self.pages:
            self.pages.pop().close()
        self.watch.faults.clear()

    def close(self) -> None:
        for context in self.contexts.values():
            context.close()


# The script has run, no element is to come, there is the foot of the page; and on a phone, the
# window has been measured and the page shown again for it: no table, no figure for a wide window.
_SETTLED = """() => {
    const app = document.querySelector("[data-testid=stApp]");
    const one = selector => document.querySelector(selector);
    const figures = [...document.querySelectorAll(".js-plotly-plot")];
    return app?.dataset.testScriptState === "notRunning"
        && !one("[data-testid=stSkeleton]")
        && app.textContent.includes("veut dire inconnu")
        && (innerWidth >= 700 || !one("[data-testid=stTable]")
            && !figures.some(f => /-(wide|medium)$/.test(f.layout?.uirevision)));
}"""


def _settle(page: Page) -> None:
    """Wait until the server has nothing more to say."""
    page.wait_for_function(_SETTLED, polling=50)


@pytest.fixture(scope="session")
def new_reader(browser: Browser) -> Callable[[Server], AbstractContextManager[Reader]]:
    """Open a browser on a server."""

    @contextmanager
    def start(server: Server) -> Iterator[Reader]:
        started = Reader(browser, server.url)
        yield started
        started.close()

    return start


@pytest.fixture(scope="session")
def _reader(
    new_reader: Callable[[Server], AbstractContextManager[Reader]], server: Server
) -> Iterator[Reader]:
    with new_reader(server) as started:
        yield started


@pytest.fixture
def reader(_reader: Reader, server: Server) -> Iterator[Reader]:
    """Give a browser; whatever the test does, no error is heard and nothing leaves the site."""
    _reader.next_test()
    yield _reader
    faults = list(_reader.watch.faults)
    _reader.next_test()
    assert faults == []
    assert server.errors == []


@pytest.fixture
def settle() -> Callable[[Page], None]:
    return _settle


@pytest.fixture
def serving() -> Callable[[Path, Path], AbstractContextManager[Server]]:
    """Serve the site from another database."""
    return _serving
