"""Feeds tell what changed with its source; calendars, when strategies end; readers open both."""

import re
from xml.etree import ElementTree

import pytest
from icalendar import Calendar
from starlette.applications import Starlette
from starlette.testclient import TestClient

from comparisons.analysis.change_sentences import contained_keys, territory_news
from comparisons.analysis.peers.search import find_peers
from comparisons.database.connection import query
from comparisons.web.api import routes

pytestmark = pytest.mark.usefixtures("database")

ATOM = {"a": "http://www.w3.org/2005/Atom"}


@pytest.fixture(scope="module")
def client() -> TestClient:
    return TestClient(Starlette(routes=routes()))


def entries(client: TestClient, query_string: str) -> list[ElementTree.Element]:
    answer = client.get(f"/api/v1/nouveautes.atom?{query_string}")
    assert answer.headers["content-type"].startswith("application/atom+xml")
    root = ElementTree.fromstring(answer.content)
    for name in ("id", "title", "updated", "author/a:name"):
        assert root.find(f"a:{name}", ATOM).text
    return root.findall("a:entry", ATOM)


def keys_of(found: list[ElementTree.Element]) -> list[str]:
    return [each.find("a:link", ATOM).get("href").partition("?t=")[2] for each in found]


def test_a_feed_of_a_territory_tells_its_changes_with_their_sources(client):
    (entry,) = entries(client, "t=departement-35")
    assert entry.find("a:title", ATOM).text.startswith("Ille-et-Vilaine")
    content = entry.find("a:content", ATOM).text
    assert "Source : <a href=" in content and content.startswith("<ul><li>")
    urls = set(re.findall('href="([^"]+)"', content))
    known = set(query("SELECT url FROM sources")["url"])
    assert {url.replace("&amp;", "&") for url in urls} <= known


def test_every_change_is_told_once(client):
    (entry,) = entries(client, "t=departement-35")
    (news,) = territory_news(["departement-35"])
    texts = [sentence.text for sentence in news.sentences]
    changed = query(
        "SELECT DISTINCT cle FROM changements JOIN strategies ON cle = strategie_id "
        "WHERE table_nom = 'strategies' AND territoire_niveau = 'departement' "
        "AND territoire_code = '35'"
    )
    assert sum(text.startswith("Document ") for text in texts) == len(changed)
    assert entry.find("a:content", ATOM).text.count("<li>") == len(texts)


def test_a_feed_holds_what_a_departement_contains_and_nothing_else(client):
    inside = set(keys_of(entries(client, "t=departement-35&avec=contenus")))
    assert "departement-35" in inside and any(key.startswith("commune-35") for key in inside)
    assert inside <= set(contained_keys("departement-35"))
    peers = set(keys_of(entries(client, "t=departement-35&avec=pairs")))
    assert peers <= {"departement-35", *find_peers("departement-35").table["cle"]}


def test_a_feed_of_a_theme_tells_its_axes_only():
    news = territory_news(theme="donnees")
    assert news
    assert all(each.text.startswith("Axe ") for day in news for each in day.sentences)


def test_a_feed_of_a_question_tells_its_proofs_only(client):
    rows = query("SELECT DISTINCT cle(territoire_niveau, territoire_code) AS cle, question "
                 "FROM preuves")  # fmt: skip
    all_keys = {news.key for news in territory_news(limit=1000)}
    for question in ("pilotage_structure_commune", "budget_par_axe"):
        proved = set(rows.loc[rows["question"] == question, "cle"])
        told = set(keys_of(entries(client, f"question={question}")))
        assert told and told <= proved and told < all_keys
    assert client.get("/api/v1/nouveautes.ics?question=service_porte").status_code == 400


def test_a_removed_row_is_told_as_such():
    texts = [each.text for day in territory_news(limit=1000) for each in day.sentences]
    assert any(" retiré : " in text for text in texts)
    assert not any("None" in text or "nan" in text.split() for text in texts)


def test_identifiers_stay_the_same(client):
    ids = [[each.find("a:id", ATOM).text for each in entries(client, "t=region-53")]
           for _ in range(2)]  # fmt: skip
    assert ids[0] == ids[1] and all(each.startswith("urn:uuid:") for each in ids[0])


@pytest.mark.parametrize(
    ("query_string", "reason"),
    [("t=region-99", "region-99"), ("avec=pairs", "territoire"), ("theme=rien", "rien")],
)
def test_a_feed_of_nothing_is_refused(client, query_string, reason):
    answer = client.get(f"/api/v1/nouveautes.atom?{query_string}")
    assert answer.status_code == 400 and reason in answer.json()["erreur"]


def test_a_calendar_has_the_end_of_each_strategy(client):
    answer = client.get("/api/v1/nouveautes.ics?t=region-53")
    events = Calendar.from_ical(answer.content).walk("VEVENT")
    ends = query(
        "SELECT annee_fin FROM strategies WHERE territoire_niveau = 'region' "
        "AND territoire_code = '53' AND annee_fin IS NOT NULL"
    )["annee_fin"]
    assert sorted(event["DTSTART"].dt.year for event in events) == sorted(ends)
    assert all((event["DTSTART"].dt.month, event["DTSTART"].dt.day) == (12, 31) for event in events)
    assert all("sans jour" in event["DESCRIPTION"] for event in events)
    assert len({event["UID"] for event in events}) == len(events)
