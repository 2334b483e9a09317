"""Papers to print, against Chromium that prints the same pages."""

import itertools
import statistics
import time
from pathlib import Path

import httpx
import pandas as pd

from tests.benchmarks.chromium import chromium, new_reader, opened
from tests.benchmarks.serving import PROJECT, served

TITLE = "Papers: PDF, against Chromium that prints the same page"
NOTE = """Whole downloads over HTTP, medians over several territories asked once each, so that
nothing is kept from before. *Chromium*: a warm headless browser opens the page of the same
territories and prints it, in turn. ×: the ratio to it."""

_CODES = ("22", "29", "35", "53", "56", "14")
_FOUR = "&".join(f"t=departement-{code}" for code in _CODES[:4])
# the paper, the page, what is asked of both
PAPERS = {
    "Territory": ("fiches/{}.pdf", "/territoire?t={}", [f"departement-{c}" for c in _CODES]),
    "Comparison of two": (
        "comparaison.pdf?{}",
        "/comparer?{}",
        [f"t=departement-{a}&t=departement-{b}" for a, b in itertools.pairwise(_CODES)],
    ),
    "Comparison of five": (
        "comparaison.pdf?{}",
        "/comparer?{}",
        [f"{_FOUR}&t=departement-{code}" for code in ("14", "50", "61", "44", "49")],
    ),
}


def run(folder: Path) -> pd.DataFrame:
    """Measure each kind of paper: ms, ratio, kB."""
    rows = []
    with (
        served(PROJECT / "app.py", folder / "bench.duckdb") as site,
        httpx.Client(base_url=f"{site.url}/api/v1/", timeout=60) as client,
        chromium() as browser,
    ):
        reader = new_reader(browser)
        opened(reader, site).page.close()
        client.get("fiches/departement-59.pdf").raise_for_status()  # fonts are read once
        for name, (paper, page, asked) in PAPERS.items():
            ours, theirs, sizes = [], [], []
            for query in asked:
                started = time.perf_counter()
                content = client.get(paper.format(query)).raise_for_status().content
                ours.append((time.perf_counter() - started) * 1000)
                sizes.append(len(content) / 1000)
                started = time.perf_counter()
                tab = opened(reader, site, page.format(query)).page
                tab.pdf()
                theirs.append((time.perf_counter() - started) * 1000)
                tab.close()
            spent, printed = statistics.median(ours), statistics.median(theirs)
            rows.append((name, len(asked), spent, printed, spent / printed, max(sizes)))
    columns = ["paper", "papers", "ms", "Chromium, ms", "×", "kB"]
    return pd.DataFrame(rows, columns=columns).round({"ms": 0, "Chromium, ms": 0, "×": 2, "kB": 0})
