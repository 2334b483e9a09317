"""Cost of each page: first load and rerun, compared with an empty Streamlit page."""

import asyncio
import itertools
import statistics
from pathlib import Path

import pandas as pd

from tests.benchmarks.serving import Run, Session, Site, site_and_empty_page

TITLE = "Pages: first load and rerun, against an empty Streamlit page"
NOTE = """Time on the server between the message that asks for a view and the one that says that it
is whole, and bytes on the wire, compressed; medians. *First load*: the first run of a new session.
*Rerun*: one choice more, back and forth between two views. The caches of the dataset are warm in
both, as they are for all but the first reader. The empty page is asked in turn with each; ×: the
ratio to its median over the whole run."""

FIRST_LOADS, RERUNS = 7, 12
_COMPARED = "&".join(f"t=departement-{code}" for code in ("22", "29", "35", "44", "53", "56"))
# page, and two queries that alternate
VIEWS = {
    "Carte: question": ("", "", "question=theme"),
    "Carte: theme": ("", "question=theme&theme=donnees", "question=theme"),
    "Carte: year": ("", "annee=2014", "annee=2018"),
    "Carte: level": ("", "niveau=epci", "niveau=region"),
    "Carte: money": ("", "question=budget", "question=budget&methode=naturelles"),
    "Carte: two maps": ("", "deux=oui&annee=2014", "deux=oui&annee=2018"),
    "Carte: communes": ("", "niveau=commune", "niveau=commune&question=theme"),
    "Carte: communes, two maps": (
        "",
        "niveau=commune&deux=oui",
        "niveau=commune&deux=oui&larges=oui",
    ),
    "Territoire": ("territoire", "t=region-53", "t=departement-53"),
    "Comparer: six": ("comparer", _COMPARED, f"{_COMPARED}&montrer=differences"),
    "Pairs": ("pairs", "t=departement-53", "t=departement-53&nombre=5"),
    "Mutualisation: directory": ("mutualisation", "", "texte=megalis"),
    "Mutualisation: an organisation": (
        "mutualisation",
        "organisme=megalis-bretagne",
        "organisme=gip-atgeri",
    ),
    "Mutualisation: network": (
        "mutualisation",
        "partie=reseau&zone=region-53",
        "partie=reseau&zone=region-52",
    ),
    "Mutualisation: whom with": (
        "mutualisation",
        "partie=avec_qui&t=departement-53",
        "partie=avec_qui&t=departement-35",
    ),
    "Thèmes: search": ("themes", "texte=inclusion", "texte=archivage"),
    "Thèmes: one theme": (
        "themes",
        "partie=fiche&fiche=donnees",
        "partie=fiche&fiche=services_usagers",
    ),
    "Thèmes: frequency": ("themes", "partie=frequence", "partie=frequence&echelon=region"),
    "Données: table, filter": ("donnees", "table=budgets", "table=budgets&filtre=perimetre:usages"),
    "Données: coverage of the corpus": (
        "donnees",
        "partie=representativite",
        "partie=representativite&niveau=region",
    ),
    "Contribuer": ("contribuer", "", "x=1"),
    "Méthode": ("methode", "", "x=1"),
}


def run(folder: Path) -> pd.DataFrame:
    """Measure every view: ms, ratio and kB of a first load and of a rerun."""
    with site_and_empty_page(folder) as (site, empty):
        return asyncio.run(_measure(site, empty))


async def _measure(site: Site, empty: Site) -> pd.DataFrame:
    rows = []
    # the two alternate, so that other load on the machine affects both
    empty_loads: list[Run] = []
    empty_reruns: list[Run] = []
    for name, (page, *queries) in VIEWS.items():
        session, empty_session = await Session.open(site), await Session.open(empty)
        for query in queries:  # the caches get warm
            await session.run(page, query)
        reruns, loads = [], []
        for query in itertools.islice(itertools.cycle(queries), RERUNS):
            reruns.append(await session.run(page, query))
            empty_reruns.append(await empty_session.run("", query))
        await session.close()
        await empty_session.close()
        for query in itertools.islice(itertools.cycle(queries), FIRST_LOADS):
            loads.append(await _first_load(site, page, query))
            empty_loads.append(await _first_load(empty, "", query))
        rows.append((name, *_summary(loads), *_summary(reruns)))
    rows.append(("Empty page", *_summary(empty_loads), *_summary(empty_reruns)))
    step_names = ("first load", "rerun")
    columns = [f"{kind}, {unit}" for kind in step_names for unit in ("ms", "kB")]
    table = pd.DataFrame(rows, columns=["view", *columns])
    for kind in step_names:
        spent = table[f"{kind}, ms"]
        table.insert(table.columns.get_loc(spent.name) + 1, f"{kind}, ×", spent / spent.iloc[-1])
    return table.round(1)


async def _first_load(site: Site, page: str, query: str) -> Run:
    session = await Session.open(site)
    run = await session.run(page, query)
    await session.close()
    return run


def _summary(runs: list[Run]) -> tuple[float, float]:
    """Return the median time and the largest size."""
    if any(run.exceptions for run in runs):
        raise RuntimeError("A page shows an error.")
    return statistics.median(r.milliseconds for r in runs), max(r.size for r in runs) / 1000
