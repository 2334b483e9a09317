"""Maps: bytes sent for each level, and time until painted."""

import asyncio
import gzip
import statistics
from pathlib import Path

import httpx
import pandas as pd
from playwright.sync_api import Browser

from comparisons.schema.territory import LEVELS
from tests.benchmarks.chromium import OpenedPage, chromium, new_reader, open_page
from tests.benchmarks.serving import Session, Site, site_and_empty_page

TITLE = "Maps: payloads and paint, by level"
NOTE = """*Outlines*: the level's GeoJSON, fetched once by a browser and kept for good. *Figure*:
what each view sends, as Plotly's JSON and as the whole view on the wire. *First paint*: from the
address to a painted map in a browser that has nothing in its cache; *next paint*: in another tab;
*repaint*: from the click on another question to the painted map. Headless Chromium at 1366 × 768,
WebGL drawn by software on the processor. ×: the ratio to an empty Streamlit page opened in the
same way."""

REPEATS = 3
_QUESTION = "Qui en fait une priorité ?"


def run(folder: Path) -> pd.DataFrame:
    """Measure each level: kB of outlines and figures, ms of paints."""
    with site_and_empty_page(folder) as (site, empty):
        payloads = {level: asyncio.run(_payload(site, level)) for level in LEVELS}
        with chromium() as browser:
            return pd.DataFrame(
                [
                    {"level": level} | payload | _paints(browser, site, empty, level)
                    for level, payload in payloads.items()
                ]
            )


def _paints(browser: Browser, site: Site, empty: Site, level: str) -> dict[str, float]:
    address = f"/?niveau={level}"
    first, following, repaint, base = [], [], [], []
    for _ in range(REPEATS):
        reader = new_reader(browser)
        first.append(_painted(open_page(reader, site, address)))
        second_tab = open_page(reader, site, address)
        following.append(_painted(second_tab))
        repaint.append(second_tab.click_and_wait(_QUESTION))
        reader.close()
        reader = new_reader(browser)
        base.append(open_page(reader, empty, footer="").milliseconds)
        reader.close()
    first_ms, next_ms, repaint_ms, base_ms = map(
        statistics.median, (first, following, repaint, base)
    )
    return {
        "first paint, ms": round(first_ms),
        "first paint, ×": round(first_ms / base_ms, 1),
        "next paint, ms": round(next_ms),
        "repaint, ms": round(repaint_ms),
    }


def _painted(view: OpenedPage) -> float:
    return view.milliseconds + view.wait_painted()


async def _payload(site: Site, level: str) -> dict[str, float]:
    async with httpx.AsyncClient(base_url=site.url, follow_redirects=True) as client:
        outlines = (await client.get(f"/api/v1/geo/{level}.geojson")).content
    session = await Session.open(site)
    await session.run("", f"niveau={level}")
    run = await session.run("", f"niveau={level}&question=theme")
    await session.close()
    return {
        "outlines, kB": round(len(outlines) / 1000),
        "outlines, gzip, kB": round(len(gzip.compress(outlines, 5)) / 1000),
        "figure, kB": round(run.figure / 1000, 1),
        "view on the wire, kB": round(run.size / 1000, 1),
    }
