"""PDF files, compared with Chromium printing the same pages."""

import itertools
import statistics
import time
from pathlib import Path

import httpx
import pandas as pd

from tests.benchmarks.chromium import chromium, new_reader, open_page
from tests.benchmarks.serving import APP, DATABASE, serve_site

TITLE = "PDF: files, against Chromium that prints the same page"
NOTE = """Whole downloads over HTTP, medians over several territories asked once each, so that
nothing is kept from before. *Chromium*: a warm headless browser opens the page of the same
territories and prints it, in turn. ×: the ratio to it."""

_CODES = ("22", "29", "35", "53", "56", "14")
_FOUR = "&".join(f"t=departement-{code}" for code in _CODES[:4])
# address of the file, address of the page, values that complete both
FILES = {
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
    """Measure each kind of file: ms, ratio, kB."""
    rows = []
    with (
        serve_site(APP, folder / DATABASE) as site,
        httpx.Client(base_url=f"{site.url}/api/v1/", timeout=60) as client,
        chromium() as browser,
    ):
        reader = new_reader(browser)
        open_page(reader, site).page.close()
        client.get("fiches/departement-59.pdf").raise_for_status()  # fonts are read once
        for name, (file, page, queries) in FILES.items():
            file_times, print_times, sizes = [], [], []
            for query in queries:
                started = time.perf_counter()
                content = client.get(file.format(query)).raise_for_status().content
                file_times.append((time.perf_counter() - started) * 1000)
                sizes.append(len(content) / 1000)
                started = time.perf_counter()
                tab = open_page(reader, site, page.format(query)).page
                tab.pdf()
                print_times.append((time.perf_counter() - started) * 1000)
                tab.close()
            spent, printed = statistics.median(file_times), statistics.median(print_times)
            rows.append((name, len(queries), spent, printed, spent / printed, max(sizes)))
    columns = ["file", "files", "ms", "Chromium, ms", "×", "kB"]
    return pd.DataFrame(rows, columns=columns).round({"ms": 0, "Chromium, ms": 0, "×": 2, "kB": 0})
