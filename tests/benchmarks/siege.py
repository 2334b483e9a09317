"""Ten readers while strangers attack: what they wait for, before, meanwhile and after."""

import asyncio
import itertools
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import httpx
import pandas as pd

from tests.benchmarks import load
from tests.benchmarks.serving import Session, Site, site_and_empty_page

TITLE = "Siege: ten readers while strangers attack"
NOTE = """Ten sessions follow the journeys of the load. *Siege*: meanwhile, clients ask all the time
for SQL answers that expand to gigabytes, for answers of twenty megabytes compressed, for endless
queries, for the largest workbook (and leave before it comes), for tables by two hundred filters;
others send half a request, or do not read; two send a file of 19 MB that is no package, again and
again. All come from this machine, which plays the attackers and the readers, too. *×*: what
readers wait for, as a ratio to the quiet minute before. *After*: a minute after the last attack.
*MB*: the most in a stage; *MB left*: at its end. Before all, each view of the journeys is shown
once for each département, so that the caches are full."""

READERS, SECONDS = 10, 60
HALF_REQUESTS, DEAF_READERS = 100, 20
_LONG = "A" * 9000
_EXPANDING = (
    f"WITH t AS (SELECT '{_LONG}'::ENUM('{_LONG}') AS c) "
    f"SELECT {', '.join(f'c AS c{i}' for i in range(120))} FROM t, range(4100)"
)
_LARGE = "SELECT repeat(md5(range::VARCHAR), 60) AS a, {} AS b FROM range(9000)"
_ENDLESS = "SELECT count(*) FROM range(1000000000000) WHERE range % {} = 8"
_NO_PACKAGE = b"strategie_id,titre\n" + b"x,'=1;\xff,,,\n" * 1_700_000
# requests of one kind at the same time
_AT_ONCE = 3


def run(folder: Path) -> pd.DataFrame:
    """Measure a quiet minute, a minute of siege, and a minute afterwards."""
    with site_and_empty_page(folder) as (site, _):
        return pd.DataFrame(asyncio.run(_measure(site)))


async def _measure(site: Site) -> list[dict]:
    await load.fill_caches(site)
    rows = [await _stage(site, "Quiet")]
    async with _siege(site):
        rows.append(await _stage(site, "Siege"))
    await asyncio.sleep(SECONDS)
    rows.append(await _stage(site, "After"))
    for row in rows:
        row["wait p95, ×"] = round(row["wait p95, ms"] / rows[0]["wait p95, ms"], 2)
        row["MB left, ×"] = round(row["MB left"] / rows[0]["MB left"], 2)
    return rows


async def _stage(site: Site, name: str) -> dict:
    row = await load._stage(site, name, load.JOURNEYS, READERS, SECONDS)
    return row | {"MB left": round(site.megabytes)}


@asynccontextmanager
async def _siege(site: Site) -> AsyncIterator[None]:
    """Attack a site until the end of the block."""
    attacks = (_expand, _compress, _endless, _leave, _filter)
    tasks = [
        asyncio.create_task(_repeat(attack, site, number))
        for attack in attacks
        for number in range(_AT_ONCE)
    ]
    tasks += [asyncio.create_task(_repeat(_upload, site, number)) for number in range(2)]
    connections = [_half_request(site) for _ in range(HALF_REQUESTS)]
    connections += [_deaf_reader(site) for _ in range(DEAF_READERS)]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for connection in connections:
            connection.close()


async def _repeat(
    attack: Callable[[Site, httpx.AsyncClient, int], Awaitable[None]], site: Site, number: int
) -> None:
    """Make a kind of request again and again, each time from another address."""
    for count in itertools.count(number, _AT_ONCE):
        headers = {"X-Forwarded-For": f"198.51.100.{count % 250}", "Accept-Encoding": "gzip"}
        async with httpx.AsyncClient(base_url=site.url, timeout=60, headers=headers) as client:
            with suppress(httpx.HTTPError, OSError, TimeoutError):
                await attack(site, client, count)
        await asyncio.sleep(0.05)


async def _ask(client: httpx.AsyncClient, query: str) -> None:
    await client.post("/api/v1/sql", data={"q": query, "format": "json"})


async def _expand(site: Site, client: httpx.AsyncClient, count: int) -> None:
    await _ask(client, _EXPANDING)


async def _compress(site: Site, client: httpx.AsyncClient, count: int) -> None:
    await _ask(client, _LARGE.format(count))


async def _endless(site: Site, client: httpx.AsyncClient, count: int) -> None:
    await _ask(client, _ENDLESS.format(count + 9))


async def _leave(site: Site, client: httpx.AsyncClient, count: int) -> None:
    await client.get(f"/api/v1/tables/voisins.xlsx?_decalage={count}", timeout=3)


async def _filter(site: Site, client: httpx.AsyncClient, count: int) -> None:
    filters = "&".join(f"territoire_code__contains={count}{i}" for i in range(200))
    await client.get(f"/api/v1/tables/couverture.csv?{filters}")


async def _upload(site: Site, client: httpx.AsyncClient, count: int) -> None:
    session = await Session.open(site)
    await session.run("contribuer", "")
    await session.upload(client, "contribuer", "strategies.csv", _NO_PACKAGE)
    await session.close()


def _half_request(site: Site) -> socket.socket:
    connection = _connect(site)
    connection.sendall(b"POST /api/v1/sql HTTP/1.1\r\nHost: a\r\nContent-Le")
    return connection


def _deaf_reader(site: Site) -> socket.socket:
    connection = _connect(site)
    connection.sendall(b"GET /api/v1/tables/couverture.csv HTTP/1.1\r\nHost: a\r\n\r\n")
    return connection


def _connect(site: Site) -> socket.socket:
    host, _, port = site.host.partition(":")
    return socket.create_connection((host, int(port)))
