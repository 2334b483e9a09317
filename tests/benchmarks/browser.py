"""Pages in Chromium: a first visit, the next one, and what they fetch."""

import statistics
from pathlib import Path

import pandas as pd

from tests.benchmarks.chromium import chromium, new_reader, open_page
from tests.benchmarks.serving import site_and_empty_page

TITLE = "Browser: pages in Chromium, against an empty Streamlit page"
NOTE = """From the address to the whole page in headless Chromium at 1366 × 768, figures drawn
by software; medians. *First visit*: nothing in the browser's cache. *Next page*: another tab of
the same browser. kB: what came over HTTP and the websocket, compressed as it came. The empty page
is opened in turn with each; ×: the ratio to it."""

REPEATS = 3
PAGES = {
    "Carte": "/",
    "Territoire": "/territoire?t=region-53",
    "Comparer": "/comparer?t=departement-35&t=departement-22&t=region-53",
    "Pairs": "/pairs?t=departement-53",
    "Mutualisation": "/mutualisation?partie=reseau&zone=region-53",
    "Thèmes": "/themes?texte=inclusion",
    "Données": "/donnees?table=budgets",
    "Contribuer": "/contribuer",
    "Méthode": "/methode",
}


def run(folder: Path) -> pd.DataFrame:
    """Measure each page: ms, ratio and kB of a first visit and of the next page."""
    rows = []
    with site_and_empty_page(folder) as (site, empty), chromium() as browser:
        for name, address in PAGES.items():
            ours, theirs = [], []
            for _ in range(REPEATS):
                for site_served, path, foot, visits in (
                    (site, address, None, ours),
                    (empty, "/", "", theirs),
                ):
                    reader = new_reader(browser)
                    visits.append([open_page(reader, site_served, path, foot) for _ in range(2)])
                    reader.close()
            row: dict[str, object] = {"page": name}
            for number, kind in enumerate(("first visit", "next page")):
                spent, base = (
                    statistics.median(visit[number].milliseconds for visit in visits)
                    for visits in (ours, theirs)
                )
                row[f"{kind}, ms"] = round(spent)
                row[f"{kind}, ×"] = round(spent / base, 1)
                row[f"{kind}, kB"] = round(max(visit[number].kilobytes for visit in ours))
            rows.append(row | {"empty page, kB": round(theirs[0][0].kilobytes)})
    return pd.DataFrame(rows)
