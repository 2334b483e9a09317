"""A site of its own to attack, and a watch over what that does to it and to others."""

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import psutil
import pytest

sys.path.append(str(Path(__file__).parents[1] / "pages"))

from browsing import Server, serve


class Watch:
    """Memory of a site and the time that its health takes, asked all along an attack."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.process = psutil.Process(server.pid)
        self.delays: list[float] = []
        self.peak = self.megabytes

    @property
    def megabytes(self) -> float:
        """Memory of the site, without the processes that it starts."""
        return self.process.memory_info().rss / 1e6

    @property
    def worst_delay(self) -> float:
        return max(self.delays, default=0.0)

    @contextmanager
    def over(self) -> Iterator[None]:
        """Watch during a block."""
        self.delays.clear()
        self.peak = self.megabytes
        is_over = threading.Event()

        def look() -> None:
            while not is_over.is_set():
                start = time.monotonic()
                httpx.get(f"{self.server.url}/healthz", timeout=60)
                self.delays.append(time.monotonic() - start)
                self.peak = max(self.peak, self.megabytes)
                is_over.wait(0.1)

        watcher = threading.Thread(target=look)
        watcher.start()
        try:
            yield
        finally:
            is_over.set()
            watcher.join()

    def forks(self) -> list[psutil.Process]:
        """The processes that compute for requests, forks of those that the site keeps."""
        with suppress(psutil.Error):
            return [
                fork
                for server in self.process.children()
                for fork in server.children(recursive=True)
            ]
        return []

    def wait_until_idle(self, seconds: float) -> bool:
        """Wait until no process computes; return whether that came in time."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if not self.forks():
                return True
            time.sleep(0.1)
        return False


@pytest.fixture(scope="module")
def server(database: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serve(database, tmp_path_factory.mktemp("site") / "server.log") as running:
        for path in ("/", "/api/v1/", "/api/v1/sql?q=SELECT 1", "/api/v1/textes?q=fibre"):
            assert httpx.get(f"{running.url}{path}", timeout=60).status_code == 200
        yield running


@pytest.fixture
def watch(server: Server) -> Watch:
    return Watch(server)


@pytest.fixture
def quiet_delay(watch: Watch) -> float:
    """Return the longest time that the health of the quiet site takes."""
    with watch.over():
        time.sleep(2)
    return watch.worst_delay
