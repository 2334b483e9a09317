"""Check the addresses of the sources of a package: a polite visit to each, then its state."""

import csv
import re
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import astuple, dataclass, fields
from pathlib import Path
from urllib.parse import urlsplit
from urllib.robotparser import RobotFileParser

import httpx
import pandas as pd

from comparisons.datapackage.package_date import this_day
from comparisons.schema.model import load_format

SOURCES_FILE = "sources.csv"
AGENT = "Stratoscope-check-links"
_MAX_HOSTS, _MAX_REDIRECTS, _TIMEOUT = 4, 5, 20.0
_MAX_READ_BYTES = 64 * 1024
_GONE = frozenset({404, 410})
# Answers to HEAD that say nothing of the page: it is asked for with GET.
_NO_HEAD = frozenset({400, 403, 404, 405, 406, 501, 503})
_TITLE = re.compile(rb"<title[^>]*>(.*?)</title>", re.IGNORECASE | re.DOTALL)
_NOT_FOUND = re.compile(
    r"\b404\b|introuvable|n.existe (pas|plus)|not found|non trouv", re.IGNORECASE
)


@dataclass(frozen=True)
class LinkState:
    """The state of an address: code of `etats_lien`, day, HTTP code (or why none), where it led."""

    url: str
    lien_etat: str
    lien_verifie_le: str
    reponse: str
    adresse_finale: str


def check_links(
    urls: Iterable[str], journal: Path, pause: float, progress: Callable[[str], object]
) -> list[LinkState]:
    """Check addresses and return the states of the journal, those of earlier runs too.

    Each state is appended to the journal (CSV) at once: a run that was stopped goes on where it
    was. A host gets one request at a time, `pause` seconds apart, and its robots.txt is obeyed.
    """
    known = read_journal(journal)
    by_host: dict[str, list[str]] = {}
    for url in dict.fromkeys(urls):
        if url not in known:
            by_host.setdefault(urlsplit(url).netloc, []).append(url)
    lock = threading.Lock()

    def keep(state: LinkState) -> None:
        with lock:
            is_new = not journal.exists()
            with journal.open("a", encoding="utf-8", newline="") as file:
                writer = csv.writer(file)
                if is_new:
                    writer.writerow([field.name for field in fields(LinkState)])
                writer.writerow(astuple(state))
            known[state.url] = state
            progress(f"{state.lien_etat} : {state.url}")

    with ThreadPoolExecutor(_MAX_HOSTS) as executor:
        tasks = [executor.submit(_check_host, host, pause, keep) for host in by_host.values()]
    for task in tasks:
        task.result()
    return list(known.values())


def read_journal(journal: Path) -> dict[str, LinkState]:
    """Return the states of a journal by address, none if there is no file yet."""
    if not journal.exists():
        return {}
    rows = pd.read_csv(journal, dtype=str, keep_default_na=False)
    states = [LinkState(*row) for row in rows.itertuples(index=False)]
    return {state.url: state for state in states}


def source_urls(folder: Path) -> list[str]:
    """Return the addresses of the sources of a package."""
    return [url for url in _read_sources(folder)["url"] if url.startswith(("http://", "https://"))]


def write_states(folder: Path, states: Iterable[LinkState]) -> int:
    """Write the states into the sources of a package; return how many rows have one.

    No row is removed, whatever its page has become.
    """
    rows = _read_sources(folder)
    by_url = {state.url: state for state in states}
    for column in ("lien_etat", "lien_verifie_le"):
        before = rows[column] if column in rows else ""
        checked = rows["url"].map({url: getattr(state, column) for url, state in by_url.items()})
        rows[column] = checked.fillna(before)
    order = [name for name in load_format().tables["sources"].columns if name in rows]
    others = [name for name in rows if name not in order]
    path = folder / SOURCES_FILE
    new = path.with_suffix(".new")
    rows[order + others].to_csv(new, index=False, lineterminator="\n")
    new.replace(path)
    return int(rows["url"].isin(by_url).sum())


def _read_sources(folder: Path) -> pd.DataFrame:
    return pd.read_csv(folder / SOURCES_FILE, dtype=str, keep_default_na=False)


def _check_host(urls: list[str], pause: float, keep: Callable[[LinkState], None]) -> None:
    """Check the addresses of one host, one after the other."""
    with httpx.Client(
        headers={"User-Agent": AGENT},
        follow_redirects=True,
        max_redirects=_MAX_REDIRECTS,
        timeout=_TIMEOUT,
    ) as client:
        robots = _read_robots(client, urls[0])
        for number, url in enumerate(urls):
            if number:
                time.sleep(pause)
            state, answer, final = _check(client, robots, url)
            keep(LinkState(url, state, this_day().isoformat(), answer, final))


def _read_robots(client: httpx.Client, url: str) -> RobotFileParser:
    parser = RobotFileParser()
    parts = urlsplit(url)
    try:
        response = client.get(f"{parts.scheme}://{parts.netloc}/robots.txt")
        parser.parse(response.text.splitlines() if response.is_success else [])
    except httpx.HTTPError:
        parser.parse([])
    return parser


def _check(client: httpx.Client, robots: RobotFileParser, url: str) -> tuple[str, str, str]:
    """Return the state of an address, what answered, and the address to which it led."""
    if not robots.can_fetch(AGENT, url):
        return "interdit", "robots.txt", ""
    try:
        response = client.head(url)
        if response.status_code in _NO_HEAD or "html" in response.headers.get("content-type", ""):
            response, beginning = _get_beginning(client, url)
        else:
            beginning = b""
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return "injoignable", type(error).__name__, ""
    return _judge(url, response, beginning), str(response.status_code), str(response.url)


def _get_beginning(client: httpx.Client, url: str) -> tuple[httpx.Response, bytes]:
    with client.stream("GET", url) as response:
        beginning = b""
        for chunk in response.iter_bytes():
            beginning += chunk
            if len(beginning) >= _MAX_READ_BYTES:
                break
    return response, beginning


def _judge(url: str, response: httpx.Response, beginning: bytes) -> str:
    if response.status_code in _GONE:
        return "mort"
    if not response.is_success:
        return "injoignable"
    title = _TITLE.search(beginning)
    if title and _NOT_FOUND.search(title[1].decode(response.encoding or "utf-8", "replace")):
        return "douteux"
    asked, final = urlsplit(url), urlsplit(str(response.url))
    if asked.path.strip("/") and not final.path.strip("/"):
        return "douteux"
    is_same = (asked.netloc, asked.path.rstrip("/")) == (final.netloc, final.path.rstrip("/"))
    return "vivant" if is_same else "deplace"
