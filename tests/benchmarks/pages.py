"""What each page costs: its first load, and one choice more, against an empty Streamlit page."""

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
both, as they are for all but the first reader. ×: the ratio to the empty page, asked in turn."""

FIRST_LOADS, RERUNS = 7, 12
_COMPARED = "&".join(f"t=departement-{code}" for code in ("22", "29", "35", "44", "53", "56"))
# page, and two addresses between which one goes back and forth
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
    "Mutualisation: a body": (
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
    for name, (page, *queries) in VIEWS.items():
        session, other = await Session.open(site), await Session.open(empty)
        for query in queries:  # the caches get warm
            await session.run(page, query)
        reruns = [
            (await session.run(page, query), await other.run("", query))
            for query in itertools.islice(itertools.cycle(queries), RERUNS)
        ]
        await session.close()
        await other.close()
        loads = [
            (await _first_load(site, page, query), await _first_load(empty, "", query))
            for query in itertools.islice(itertools.cycle(queries), FIRST_LOADS)
        ]
        rows.append((name, *_summary(loads), *_summary(reruns)))
    kinds = [f"{kind}, {unit}" for kind in ("first load", "rerun") for unit in ("ms", "×", "kB")]
    return pd.DataFrame(rows, columns=["view", *kinds]).round(1)


async def _first_load(site: Site, page: str, query: str) -> Run:
    session = await Session.open(site)
    run = await session.run(page, query)
    await session.close()
    return run


def _summary(pairs: list[tuple[Run, Run]]) -> tuple[float, float, float]:
    """Give the median time, its ratio to that of the empty page, the largest size.

    The two take turns, so that what else the machine does weighs on both.
    """
    if any(run.exceptions for run, _ in pairs):
        raise RuntimeError("A page shows an error.")
    ours, empty = (
        statistics.median(r.milliseconds for r in runs) for runs in zip(*pairs, strict=True)
    )
    return ours, ours / empty, max(run.size for run, _ in pairs) / 1000
