"""Replicas behind nginx, one killed and one added while hundreds of readers read."""

import asyncio
import random
import signal
import statistics
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pandas as pd
import psutil
from websockets.exceptions import WebSocketException

from tests.benchmarks.load import DEPARTEMENTS, JOURNEYS, READING_SECONDS, SHARES
from tests.benchmarks.serving import (
    APP,
    DATABASE,
    Session,
    Site,
    start_site,
    wait_for,
    wait_for_first_answers,
)
from tests.nginx import serve_nginx
from tests.ports import free_port

TITLE = "Replicas: 400 readers behind nginx, one replica dies"
NOTE = """As many readers as in the last stage of the load, each from an address of its own, behind
nginx as docs/deploiement configures it, on one machine, which also plays the readers. Each replica
begins with what one has computed ahead. After a third of the time one replica is killed (kill -9),
after two thirds another one starts on its port. A browser that loses its connection opens another
and asks for the same view: so do these readers. *Back*: the longest that one of them waited until a
replica answered again. *Errors*: an exception shown, a file that did not come, a view that no
replica gave within 60 s."""

READERS, SECONDS = 400, 150
REPLICAS = (2, 4)
_VIEW_SECONDS, _PAUSE = 60, 0.5


@dataclass
class _Results:
    """What the readers met."""

    waits: list[float] = field(default_factory=list)
    waits_for_another: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    files: int = 0


def run(folder: Path) -> pd.DataFrame:
    """Measure 400 readers on two and on four replicas."""
    rows = []
    for count in REPLICAS:
        (folder / str(count)).mkdir()
        rows.append(_measure(folder / str(count), folder / DATABASE, count))
    return pd.DataFrame(rows)


def _measure(folder: Path, database: Path, count: int) -> dict:
    ports = [free_port() for _ in range(count)]
    processes = [start_site(APP, database, ports[0])]
    # the first one builds the database, if it is not there
    wait_for(f"http://localhost:{ports[0]}/_stcore/health", processes[0])
    try:
        wait_for_first_answers(database)  # the others read them
        processes += [start_site(APP, database, port) for port in ports[1:]]
        for port, process in zip(ports, processes, strict=True):
            wait_for(f"http://localhost:{port}/_stcore/health", process)
        with serve_nginx(ports, folder) as port:
            results = asyncio.run(_read(f"localhost:{port}", ports, processes, database))
    finally:
        _stop(processes)
    quantiles = statistics.quantiles(results.waits, n=20)
    return {
        "replicas": count, "readers": READERS, "seconds": SECONDS, "views": len(results.waits),
        "files": results.files, "errors": len(results.errors),
        "wait median, ms": round(statistics.median(results.waits)),
        "wait p95, ms": round(quantiles[-1]),
        "connections lost": len(results.waits_for_another),
        "back, s": round(max(results.waits_for_another, default=0), 1),
    } | ({"first error": results.errors[0]} if results.errors else {})  # fmt: skip


def _stop(processes: list[subprocess.Popen]) -> None:
    for process in processes:
        process.terminate()
    for process in processes:
        with suppress(subprocess.TimeoutExpired):
            process.wait(20)
        process.kill()


async def _read(
    host: str, ports: list[int], processes: list[subprocess.Popen], database: Path
) -> _Results:
    results, end = _Results(), time.monotonic() + SECONDS
    site = Site(host, psutil.Process())

    async def kill_and_add() -> None:
        await asyncio.sleep(SECONDS / 3)
        processes[-1].send_signal(signal.SIGKILL)
        processes[-1].wait()
        await asyncio.sleep(SECONDS / 3)
        processes.append(start_site(APP, database, ports[-1]))

    readers = (_reader(site, number, results, end) for number in range(READERS))
    await asyncio.gather(kill_and_add(), *readers)
    return results


async def _reader(site: Site, number: int, results: _Results, end: float) -> None:
    """Follow journeys until the end, from an address of its own."""
    chance = random.Random(number)
    address = f"127.0.{number // 250 + 1}.{number % 250 + 1}"
    transport = httpx.AsyncHTTPTransport(local_address=address)
    await asyncio.sleep(chance.uniform(0, READING_SECONDS[1]))
    async with httpx.AsyncClient(base_url=site.url, timeout=60, transport=transport) as client:
        while time.monotonic() < end:
            name = chance.choices(list(JOURNEYS), [SHARES[name] for name in JOURNEYS])[0]
            try:
                await _journey(site, client, address, name, chance, results, end)
            except Exception as error:  # any error is one that a reader would meet
                results.errors.append(f"{type(error).__name__}: {error}"[:120])


async def _journey(
    site: Site,
    client: httpx.AsyncClient,
    address: str,
    name: str,
    chance: random.Random,
    results: _Results,
    end: float,
) -> None:
    steps, file = JOURNEYS[name]
    code = chance.choice(DEPARTEMENTS)
    reader = _Connection(site, client, address, results)
    for page, query in steps:
        await reader.view(page, query.format(d=code))
        await asyncio.sleep(chance.uniform(*READING_SECONDS))
        if time.monotonic() > end:
            break
    response = await client.get(file.format(d=code))
    results.files += 1
    if response.status_code != 200:
        results.errors.append(f"{response.status_code} at {file}")
    await reader.close()


class _Connection:
    """The connection of one reader, opened again when it is lost."""

    def __init__(
        self, site: Site, client: httpx.AsyncClient, address: str, results: _Results
    ) -> None:
        self._site, self._client, self._address, self._results = site, client, address, results
        self._session: Session | None = None

    async def view(self, page: str, query: str) -> None:
        """Ask for a view until a replica gives it; raises `TimeoutError` after a minute."""
        started, lost = time.monotonic(), False
        async with asyncio.timeout(_VIEW_SECONDS):
            while True:
                try:
                    if self._session is None:
                        await self._client.get("/")  # the cookie says which replica
                        cookies = "; ".join(f"{k}={v}" for k, v in self._client.cookies.items())
                        self._session = await Session.open(self._site, self._address, cookies)
                    run = await self._session.run(page, query)
                    break
                except (OSError, WebSocketException, httpx.TransportError):
                    self._session, lost = None, True
                    await asyncio.sleep(_PAUSE)
        waited = time.monotonic() - started
        (self._results.waits_for_another if lost else self._results.waits).append(
            waited if lost else run.milliseconds
        )
        if run.exceptions:
            self._results.errors.append(f"exception shown at /{page}?{query}")

    async def close(self) -> None:
        """Close the connection, if it is open."""
        if self._session is not None:
            await self._session.close()
