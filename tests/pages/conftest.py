"""The pages as a reader meets them: run in this process (AppTest), or in a real browser."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
from browsing import CHROMIUM_ARGUMENTS, Reader, Server, serve
from playwright.sync_api import Browser
from visits import Visit

# --- pages run in this process -------------------------------------------------------------------


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
    """Open a new session in a narrow window, in the dark."""
    return Visit("narrow", "dark")


# --- pages in a browser --------------------------------------------------------------------------


@pytest.fixture(scope="session")
def server(database: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serve(database, tmp_path_factory.mktemp("site") / "server.log") as running:
        yield running


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict:
    """Start the system's Chromium (replaces the fixture of pytest-playwright)."""
    names = ("chromium", "chromium-browser", "google-chrome")
    chromium = next(filter(None, map(shutil.which, names)), None)
    assert chromium, f"The browser tests need one of {', '.join(names)}."
    return {"executable_path": chromium, "args": CHROMIUM_ARGUMENTS}


@pytest.fixture(scope="session")
def new_reader(browser: Browser) -> Callable[[Server], AbstractContextManager[Reader]]:
    """Open a browser on a server; what is heard until its end must be no fault."""

    @contextmanager
    def start(server: Server) -> Iterator[Reader]:
        started = Reader(browser, server.url)
        try:
            yield started
            assert started.watch.faults == []
            assert server.errors == []
        finally:
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
    """Yield a browser; whatever the test does, no error is heard and nothing leaves the site."""
    yield _reader
    faults = list(_reader.watch.faults)
    _reader.next_test()
    assert faults == []
    assert server.errors == []


@pytest.fixture
def serving() -> Callable[[Path, Path], AbstractContextManager[Server]]:
    """Serve the site from another database."""
    return serve
