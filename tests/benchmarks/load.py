"""Many readers at once on one process: errors, waiting, memory, and where it breaks."""

import asyncio
import io
import random
import statistics
import time
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import httpx
import pandas as pd

from comparisons.settings import FORMAT_DIR
from tests.benchmarks.serving import (
    APP,
    DATABASE,
    Session,
    Site,
    serve_site,
    site_and_empty_page,
    wait_for_first_answers,
)

TITLE = "Load: many readers on one process"
NOTE = """Each session is a websocket as a browser opens it: it fetches the document and the
outlines of its map, follows one of four journeys (official, DGS, researcher, contributor) about a
territory of its own, reads each view for 4 to 12 seconds, downloads a file (the contributor sends
one, which is checked and previewed), leaves, and another one comes. Times are what a reader waits
for a view, on a machine that also plays all the readers. *Errors*: an exception shown, a refused
connection, a view that takes more than 60 s, a failed download. *Empty page*: as many sessions at
the same pace on a page with one button. *New data*: the site started some seconds before on a
database that it has never served: a process computes ahead what pages show of régions and
départements. *Just started*: it is started again, and finds that beside the database. *Warm*: what
others have asked for is kept too. *One after the other*: 500 sessions of five views each, twenty
at once, without reading; growth is fitted over their memory. Streamlit keeps the last 128 sessions
for two minutes, for those who come back: *after they left* is measured when these are over.
*Staying*: as many sessions at once, three views each that others have seen: what each holds by
itself. Typst, which makes PDF files, keeps its work on the last thirty: about 500 MB. The machine
is a share of one, whose speed varies by half: of nearly the same code, 40 minutes to ten hours
apart, p95 was 2.2 to 5.6 s just started and 0.4 to 2.3 s warm."""

READING_SECONDS = (4, 12)
# name, sessions at once, seconds
NEW_DATA = "Mixed journeys, new data", 100, 60
STAGES = (
    ("Mixed journeys, just started", 100, 120),
    ("Mixed journeys, warm", 100, 120),
    ("Mixed journeys", 200, 60),
    ("Mixed journeys", 300, 60),
    ("Mixed journeys", 400, 60),
)
WAVES, WAVE, AT_ONCE = 5, 100, 20
# of each of these sessions
_VIEWS = 5
# Streamlit drops closed sessions after two minutes
DROPPED_AFTER = 135

# pages and addresses, then a file; {d} is a département, another one for each session
JOURNEYS: dict[str, tuple[tuple[tuple[str, str], ...], str]] = {
    "official": (
        (
            ("", ""),
            ("", "question=theme"),
            ("", "question=theme&theme=inclusion_mediation"),
            ("", "question=theme&theme=inclusion_mediation&t=departement-{d}"),
            ("territoire", "t=departement-{d}"),
            ("", "niveau=commune"),
            ("territoire", "t=region-53"),
        ),
        "/api/v1/fiches/departement-{d}.pdf",
    ),
    "DGS": (
        (
            ("pairs", ""),
            ("pairs", "t=departement-{d}"),
            ("pairs", "t=departement-{d}&region=hors"),
            ("comparer", "t=departement-{d}&t=departement-22&t=departement-29"),
            ("comparer", "t=departement-{d}&t=departement-22&montrer=differences"),
            ("mutualisation", "partie=avec_qui&t=departement-{d}"),
            ("mutualisation", "organisme=megalis-bretagne"),
        ),
        "/api/v1/comparaison.xlsx?t=departement-{d},departement-22",
    ),
    "researcher": (
        (
            ("themes", "texte=inclusion"),
            ("themes", "texte=inclusion&niveau=departement"),
            ("themes", "partie=frequence"),
            ("donnees", "table=budgets"),
            ("donnees", "table=budgets&filtre=perimetre:usages"),
            ("donnees", "partie=representativite"),
            ("methode", ""),
        ),
        "/api/v1/tables/budgets.csv?perimetre=usages&_libelles=oui",
    ),
    "contributor": (
        (("territoire", "t=departement-{d}"), ("methode", ""), ("contribuer", "")),
        "/api/v1/tables/strategies.csv?territoire_niveau=departement&territoire_code={d}",
    ),
}
# page after which a valid package is uploaded
_UPLOAD_PAGE = ("contribuer", "")
DEPARTEMENTS = [f"{number:02}" for number in range(1, 96) if number not in (20, 22, 29)]
SHARES = {"official": 5, "DGS": 2, "researcher": 2, "contributor": 1}
EMPTY = {"empty": ((("", "x=0"), ("", "x=1"), ("", "x=2"), ("", "x=3")), "/_stcore/health")}


@dataclass
class StageResults:
    """Waits, downloads, checks and errors of the sessions of one stage."""

    waits: list[float] = field(default_factory=list)
    downloads: list[float] = field(default_factory=list)
    checks: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    sessions: int = 0


def run(folder: Path) -> pd.DataFrame:
    """Measure each stage, then 500 sessions one after the other."""
    with serve_site(APP, folder / DATABASE) as site:
        rows = asyncio.run(_stages(site, NEW_DATA))
        wait_for_first_answers(folder / DATABASE)
    with site_and_empty_page(folder) as (site, empty):
        return asyncio.run(_measure(site, empty, rows))


async def _stages(site: Site, *stages: tuple[str, int, int]) -> list[dict]:
    await _one_after_the_other(site, 10)  # imports what pages need
    return [
        await _stage(site, name, JOURNEYS, sessions, seconds) for name, sessions, seconds in stages
    ]


async def _measure(site: Site, empty: Site, rows: list[dict]) -> pd.DataFrame:
    rows += await _stages(site, *STAGES)
    rows += await _waves(site)
    readers, seconds = STAGES[0][1:]
    rows.append(await _staying(site, readers))
    baseline = await _stage(empty, "Empty page", EMPTY, readers, seconds)
    for row in rows:
        if row["stage"].startswith("Mixed") and row["at once"] == readers:
            row["wait p95, ×"] = round(row["wait p95, ms"] / baseline["wait p95, ms"], 1)
    return pd.DataFrame([baseline, *rows])


async def _stage(site: Site, name: str, journeys: dict, sessions: int, seconds: float) -> dict:
    results, cpu = StageResults(), site.cpu_seconds
    end = time.monotonic() + seconds
    peak = site.megabytes

    async def reader(number: int) -> None:
        chance = random.Random(number)
        await asyncio.sleep(
            chance.uniform(0, READING_SECONDS[1])
        )  # sessions do not all start at once
        while time.monotonic() < end:
            chosen = chance.choices(list(journeys), [SHARES.get(j, 1) for j in journeys])[0]
            await _journey(site, *journeys[chosen], results, end, chance)

    async def watch() -> None:
        nonlocal peak
        while time.monotonic() < end:
            peak = max(peak, site.megabytes)
            await asyncio.sleep(1)

    await asyncio.gather(watch(), *(reader(number) for number in range(sessions)))
    return {
        "stage": name, "at once": sessions, "seconds": seconds, "sessions": results.sessions,
        "views/s": round(len(results.waits) / seconds, 1), "errors": len(results.errors),
        "wait median, ms": round(statistics.median(results.waits)),
        "wait p95, ms": round(statistics.quantiles(results.waits, n=20)[-1]),
        "download p95, ms": round(statistics.quantiles(results.downloads, n=20)[-1]),
        "check p95, ms": round(statistics.quantiles(results.checks, n=20)[-1])
        if len(results.checks) > 1 else None,
        "processor, %": round(100 * (site.cpu_seconds - cpu) / seconds), "MB": round(peak),
    } | ({"first error": results.errors[0]} if results.errors else {})  # fmt: skip


async def _journey(
    site: Site,
    steps: Sequence[tuple[str, str]],
    file: str,
    results: StageResults,
    end: float,
    chance: random.Random,
) -> None:
    """Run one session; an error is recorded, and ends it."""
    results.sessions += 1
    code = chance.choice(DEPARTEMENTS)
    try:
        async with httpx.AsyncClient(base_url=site.url, timeout=60) as client:
            await _fetch(client, "/", results)
            if steps[0] == ("", ""):
                await _fetch(client, "/api/v1/geo/departement.geojson", results)
            session = await Session.open(site)
            for page, query in steps:
                run = await session.run(page, query.format(d=code))
                results.waits.append(run.milliseconds)
                if run.exceptions:
                    results.errors.append(f"exception shown at /{page}?{query}")
                await asyncio.sleep(chance.uniform(*READING_SECONDS))
                if time.monotonic() > end:
                    break
            if steps[-1] == _UPLOAD_PAGE and time.monotonic() < end:
                run = await session.upload(client, "contribuer", "strategie.zip", example_package())
                results.checks.append(run.milliseconds)
                if run.exceptions:
                    results.errors.append("exception shown about a package")
            await _fetch(client, file.format(d=code), results)
            await session.close()
    except Exception as error:  # any error is one that a reader would meet
        results.errors.append(f"{type(error).__name__}: {error}"[:120])


@cache
def example_package() -> bytes:
    """Return the valid example of the format as a zip."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for file in sorted((FORMAT_DIR / "exemples" / "valide").glob("*.*")):
            archive.write(file, file.name)
    return content.getvalue()


async def _fetch(client: httpx.AsyncClient, address: str, results: StageResults) -> None:
    started = time.perf_counter()
    response = await client.get(address, follow_redirects=True)
    results.downloads.append((time.perf_counter() - started) * 1000)
    if response.status_code != 200:
        results.errors.append(f"{response.status_code} at {address}")


async def _waves(site: Site) -> list[dict]:
    """Open sessions one after the other, and measure the memory of the process."""
    await _one_after_the_other(site, 2 * WAVE)  # what Streamlit keeps for those who come back
    megabytes, errors = [site.megabytes], 0
    for _ in range(WAVES):
        errors += await _one_after_the_other(site, WAVE)
        megabytes.append(site.megabytes)
    settled = megabytes[1:]
    growth = statistics.linear_regression(range(len(settled)), settled).slope / WAVE
    rows = [{
        "stage": "One after the other", "at once": AT_ONCE, "sessions": WAVES * WAVE,
        "errors": errors, "MB": round(megabytes[-1]), "MB per session": round(growth, 3),
    }]  # fmt: skip
    await asyncio.sleep(DROPPED_AFTER)
    await _one_after_the_other(site, 1)  # Streamlit clears up when somebody comes
    return [*rows, {"stage": "After they left", "MB": round(site.megabytes)}]


async def _staying(site: Site, sessions: int) -> dict:
    """Measure the memory of each session that stays open, on views that are cached."""
    before, open_sessions = site.megabytes, []
    for _ in range(sessions):
        session = await Session.open(site)
        for page, query in (("", ""), ("territoire", "t=region-53"), ("themes", "texte=inclusion")):
            await session.run(page, query)
        open_sessions.append(session)
    megabytes_each = (site.megabytes - before) / sessions
    for session in open_sessions:
        await session.close()
    return {"stage": "Staying", "at once": sessions, "MB per session": round(megabytes_each, 3)}


async def fill_caches(site: Site) -> None:
    """Have each view of each journey shown for each département."""
    views = len(DEPARTEMENTS) * sum(len(steps) for steps, _ in JOURNEYS.values())
    await _one_after_the_other(site, views // _VIEWS + 1, DEPARTEMENTS)


async def _one_after_the_other(
    site: Site, sessions: int, departements: Sequence[str] = DEPARTEMENTS[::9]
) -> int:
    """Open sessions, a few at once, five views each; return the number of errors."""
    views = [
        (page, query.format(d=code))
        for code in departements
        for steps, _ in JOURNEYS.values()
        for page, query in steps
    ]
    slots = asyncio.Semaphore(AT_ONCE)
    errors = 0

    async def run_session(number: int) -> None:
        nonlocal errors
        async with slots:
            try:
                session = await Session.open(site)
                for step in range(_VIEWS):
                    run = await session.run(*views[(number * _VIEWS + step) % len(views)])
                    errors += run.exceptions > 0
                await session.close()
            except (OSError, TimeoutError):
                errors += 1

    await asyncio.gather(*(run_session(number) for number in range(sessions)))
    return errors
