"""Links are checked politely, on a server of every kind of answer; no source is ever removed."""

import threading
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

import pandas as pd
import pytest

from comparisons.cli import links
from comparisons.cli.main import main
from comparisons.queries import sources

PAGES = {
    "/vivante": (200, "<title>Strat\u00e9gie</title>"),
    "/disparue": (410, ""),
    "/absente": (404, ""),
    "/fausse": (200, "<title>Page introuvable</title>"),
    "/panne": (500, ""),
    "/": (200, "<title>Accueil</title>"),
}
MOVES = {"/deplacee": "/vivante", "/vers-accueil": "/", "/boucle": "/boucle"}
EXPECTED = {
    "/vivante": "vivant", "/deplacee": "deplace", "/disparue": "mort", "/absente": "mort",
    "/fausse": "douteux", "/vers-accueil": "douteux", "/boucle": "injoignable",
    "/panne": "injoignable", "/lente": "injoignable", "/prive/a": "interdit",
    "/sans-head": "vivant",
}  # fmt: skip


class Site(BaseHTTPRequestHandler):
    """A site whose pages live, move, die, lie, loop, wait, or are closed to robots."""

    asked: ClassVar[Counter] = Counter()

    def do_HEAD(self):
        if self.path == "/sans-head":
            self._answer(405, "")
        else:
            self.do_GET()

    def do_GET(self):
        self.asked[self.path] += 1
        if self.path == "/robots.txt":
            self._answer(200, "User-agent: *\nDisallow: /prive/")
        elif self.path in MOVES:
            self.send_response(301)
            self.send_header("Location", MOVES[self.path])
            self.end_headers()
        elif self.path == "/lente":
            self.server.released.wait(5)
        else:
            self._answer(*PAGES.get(self.path, (200, "<title>Document</title>")))

    def _answer(self, code: int, page: str):
        self.send_response(code)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(page.encode())

    def log_message(self, *_):
        pass


@pytest.fixture
def site(monkeypatch):
    monkeypatch.setattr(links, "_TIMEOUT", 0.5)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    server.released = threading.Event()
    Site.asked.clear()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.released.set()
    server.shutdown()


def write_sources(folder, urls):
    rows = [{"source_id": f"s{n}", "url": url, "titre": "T"} for n, url in enumerate(urls)]
    pd.DataFrame(rows).to_csv(folder / "sources.csv", index=False)


def test_every_kind_of_answer_has_its_state_and_every_row_stays(site, tmp_path, capsys):
    tls = site.replace("http://", "https://") + "/tls"
    urls = [*(site + path for path in EXPECTED), tls, "http://hote.invalid/x"]
    write_sources(tmp_path, urls)
    journal = tmp_path / "liens.csv"
    command = ["check-links", str(tmp_path), "-o", str(journal), "--pause", "0", "--ecrire"]
    assert main(command) == 1
    rows = pd.read_csv(tmp_path / "sources.csv", dtype=str).set_index("url")
    assert len(rows) == len(urls) and set(rows["titre"]) == {"T"}
    states = {path: rows.loc[site + path, "lien_etat"] for path in EXPECTED}
    assert states == EXPECTED
    assert rows.loc[[tls, "http://hote.invalid/x"], "lien_etat"].tolist() == ["injoignable"] * 2
    assert Site.asked["/prive/a"] == 0 and "2 morts" in capsys.readouterr().out.replace("\xa0", " ")


def test_a_stopped_run_goes_on_where_it_was(site, tmp_path):
    journal = tmp_path / "liens.csv"
    first = [f"{site}/vivante", f"{site}/absente"]
    links.check_links(first, journal, 0, print)
    before = Site.asked["/vivante"]
    states = links.check_links([*first, f"{site}/disparue"], journal, 0, print)
    assert [state.lien_etat for state in states] == ["vivant", "mort", "mort"]
    assert Site.asked["/vivante"] == before


def test_a_folder_without_sources_is_told(tmp_path, capsys):
    assert main(["check-links", str(tmp_path), "-o", str(tmp_path / "liens.csv")]) == 2
    assert "Impossible de vérifier" in capsys.readouterr().err


def test_a_dead_link_leads_to_its_copy_and_says_so(monkeypatch):
    marks = {"relu_le": "", "archive": "https://archive.example/p", "mort_le": "2026-11-25"}
    monkeypatch.setattr(sources, "_marks_by_url", lambda: {"https://e.example/p": marks})
    text = sources.source_link("Page", "https://e.example/p")
    assert text.startswith("[Page](https://archive.example/p)")
    assert "lien mort, vérifié le 25 novembre 2026" in text
