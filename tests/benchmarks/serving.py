"""Serve the site and an empty Streamlit page during a measure."""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.request import urlopen

import httpx
import psutil
from streamlit.proto.Alert_pb2 import Alert
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Common_pb2 import UploadedFileInfo
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect

from comparisons.web.first_answers import answers_file
from tests.ports import free_port

PROJECT = Path(__file__).parents[2]
APP = PROJECT / "app.py"
DATABASE = "bench.duckdb"
EMPTY_SITE = Path(__file__).parent / "empty_site" / "app.py"


@dataclass(frozen=True)
class Site:
    """A Streamlit site that is being served."""

    host: str
    process: psutil.Process

    @property
    def url(self) -> str:
        """Return the address of its home page, without the final slash."""
        return f"http://{self.host}"

    @property
    def megabytes(self) -> float:
        """Return the memory that its process uses now (resident set)."""
        return self.process.memory_info().rss / 2**20

    @property
    def cpu_seconds(self) -> float:
        """Return the processor time that its process has used since it started."""
        times = self.process.cpu_times()
        return times.user + times.system


def start_site(script: Path, database: Path, port: int) -> subprocess.Popen:
    """Start the process of the site, or of the empty one, that reads a database."""
    return subprocess.Popen(
        [sys.executable, str(script), "--port", str(port)],
        cwd=PROJECT,
        env=os.environ | {"STRATOSCOPE_DATABASE": str(database), "PYTHONPATH": str(PROJECT)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


@contextmanager
def serve_site(script: Path, database: Path) -> Iterator[Site]:
    """Serve the site, or the empty one, from a database until the end of the block."""
    port = free_port()
    with start_site(script, database, port) as process:
        try:
            wait_for(f"http://localhost:{port}/_stcore/health", process)
            yield Site(f"localhost:{port}", psutil.Process(process.pid))
        finally:
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.wait(20)
            process.kill()


@contextmanager
def site_and_empty_page(folder: Path) -> Iterator[tuple[Site, Site]]:
    """Serve the site and the empty page side by side, from a database built in a folder."""
    database = folder / DATABASE
    with (
        serve_site(APP, database) as site,
        serve_site(EMPTY_SITE, database) as empty,
    ):
        yield site, empty


def wait_for_first_answers(database: Path, seconds: float = 300) -> None:
    """Wait until a site has written what it computes ahead; raises `RuntimeError` if it is late."""
    deadline = time.monotonic() + seconds
    while not answers_file(database).exists():
        if time.monotonic() > deadline:
            raise RuntimeError(f"{answers_file(database).name} is not there.")
        time.sleep(0.5)


def wait_for(url: str, process: subprocess.Popen, seconds: float = 120) -> None:
    """Wait until an address answers; raises `RuntimeError` if its server stops or is too slow."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and process.poll() is None:
        with suppress(OSError), urlopen(url, timeout=10) as response:
            if response.status == 200:
                return
        time.sleep(0.1)
    raise RuntimeError(f"{url} does not respond.")


@dataclass(frozen=True)
class Run:
    """Time and size of one run of a page, from the request message to the end message."""

    milliseconds: float
    # bytes received, compressed if the server does so
    size: int
    # number of errors displayed
    exceptions: int
    # size of its largest Plotly figure, before compression
    figure: int


class Session:
    """One reader's connection, as a browser opens it."""

    def __init__(self, connection: ClientConnection, url: str) -> None:
        self.connection, self.url = connection, url
        self._received = 0
        self._identifier = self._uploader = ""
        receive_data = connection.protocol.receive_data

        def count_received(data: bytes) -> None:
            self._received += len(data)
            receive_data(data)

        connection.protocol.receive_data = count_received

    @classmethod
    async def open(cls, site: Site, local_address: str = "", cookies: str = "") -> "Session":
        """Connect to a site, from an address of this machine, with cookies."""
        connection = await connect(
            f"ws://{site.host}/_stcore/stream",
            subprotocols=["streamlit"],
            origin=site.url,
            max_size=None,
            open_timeout=60,
            additional_headers={"Cookie": cookies} if cookies else None,
            local_addr=(local_address, 0) if local_address else None,
        )
        return cls(connection, site.url)

    async def run(
        self,
        page: str,
        query: str = "",
        uploaded: UploadedFileInfo | None = None,
        seconds: float = 60,
    ) -> Run:
        """Request a view by its address, and wait until it is complete.

        `uploaded` is a file for the page's uploader of packages. Raises `TimeoutError` if it takes
        longer.
        """
        request = BackMsg()
        if uploaded is not None:
            state = request.rerun_script.widget_states.widgets.add(id=self._uploader)
            state.file_uploader_state_value.uploaded_file_info.append(uploaded)
        request.rerun_script.query_string = query
        request.rerun_script.page_name = page
        request.rerun_script.context_info.url = f"{self.url}/{page}"
        request.rerun_script.context_info.locale = "fr-FR"
        request.rerun_script.context_info.timezone = "Europe/Paris"
        start, self._received = time.perf_counter(), 0
        exceptions = figure = 0
        await self.connection.send(request.SerializeToString())
        async with asyncio.timeout(seconds):
            while True:
                message = ForwardMsg.FromString(await self.connection.recv())
                if message.HasField("new_session"):
                    self._identifier = message.new_session.initialize.session_id
                element = message.delta.new_element
                if "zip" in "".join(element.file_uploader.type):
                    self._uploader = element.file_uploader.id
                exceptions += element.alert.format == Alert.ERROR
                figure = max(figure, len(element.plotly_chart.spec))
                if message.HasField("script_finished"):
                    spent = (time.perf_counter() - start) * 1000
                    return Run(spent, self._received, exceptions, figure)

    async def upload(self, client: httpx.AsyncClient, page: str, name: str, content: bytes) -> Run:
        """Upload a file on the page that was run last, and wait for its report.

        `client` has the site's address. Raises as httpx does if the site refuses the file.
        """
        start = time.perf_counter()
        run = await self.run(page, uploaded=await self.send_file(client, name, content))
        return replace(run, milliseconds=(time.perf_counter() - start) * 1000)

    async def send_file(
        self, client: httpx.AsyncClient, name: str, content: bytes
    ) -> UploadedFileInfo:
        """Send a file as the browser does; return what names it to the page."""
        request = BackMsg()
        request.file_urls_request.request_id = name
        request.file_urls_request.session_id = self._identifier
        request.file_urls_request.file_names.append(name)
        await self.connection.send(request.SerializeToString())
        while not (message := ForwardMsg.FromString(await self.connection.recv())).HasField(
            "file_urls_response"
        ):
            pass
        urls = message.file_urls_response.file_urls[0]
        await client.get("/_stcore/health")  # gives the token against forged requests
        token = {"X-Xsrftoken": client.cookies.get("_streamlit_xsrf", "")}
        response = await client.put(urls.upload_url, files={"file": (name, content)}, headers=token)
        response.raise_for_status()
        return UploadedFileInfo(name=name, size=len(content), file_id=urls.file_id, file_urls=urls)

    async def close(self) -> None:
        """Close the connection."""
        await self.connection.close()
