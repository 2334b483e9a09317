"""What messages, search engines and portals read of the site before a page is opened."""

import json
import re
from html import unescape
from xml.etree import ElementTree

import pytest
from file_contents import plain
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import HTMLResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from comparisons.queries.territories import load_territories
from comparisons.web.api import routes
from comparisons.web.middleware.html_document import HtmlDocumentMiddleware

pytestmark = pytest.mark.usefixtures("database")

DOCUMENT = '<html lang="en"><head><title>Streamlit</title></head><body></body></html>'
ADDRESS = "https://stratoscope.example/"


@pytest.fixture
def client(monkeypatch) -> TestClient:
    monkeypatch.setenv("STRATOSCOPE_ADDRESS", ADDRESS)
    pages = Route("/{page:path}", lambda request: HTMLResponse(DOCUMENT))
    middleware = [Middleware(HtmlDocumentMiddleware)]
    return TestClient(Starlette(routes=[*routes(), pages], middleware=middleware))


def properties(html: str) -> dict[str, str]:
    found = re.findall(r'<meta (?:property|name)="([^"]+)" content="([^"]*)">', html)
    title = re.search("<title>(.*?)</title>", html)[1]
    return {name: unescape(value) for name, value in [*found, ("title", title)]}


@pytest.mark.parametrize(
    ("address", "title", "sentence", "image"),
    [
        ("", "Qui a une stratégie numérique ?", "départements sur 101", "carte.png"),
        ("territoire?t=departement-35", "Ille-et-Vilaine", "documents connus",
         "carte.png?niveau=departement&t=departement-35"),
        ("comparer?t=region-53&t=region-52", "Comparer Bretagne et Pays de la Loire",
         "côte à côte", "t=region-53"),
        ("pairs?t=departement-35", "Pairs d’Ille-et-Vilaine", "ressemblent", "t=departement-35"),
        ("themes?partie=fiche&fiche=donnees", "Données dans les stratégies", "départements",
         "question=theme&theme=donnees"),
        ("methode", "Stratoscope", "Comparer les stratégies", "carte.png"),
        ("territoire?t=rien", "Stratoscope", "Comparer les stratégies", "carte.png"),
    ],
)  # fmt: skip
def test_a_link_tells_its_page(client, address, title, sentence, image):
    said = properties(client.get(f"/{address}").text)
    assert title in plain(said["og:title"])
    assert said["title"].removesuffix(" · Stratoscope") == said["og:title"]
    assert sentence in plain(said["og:description"])
    assert said["og:url"].startswith(ADDRESS)
    assert said["og:image"].startswith(f"{ADDRESS}api/v1/images/carte.png")
    parts = image.replace("niveau=departement&", "").partition("?")
    assert all(part in said["og:image"] for part in parts)


def test_the_picture_of_a_link_is_served(client):
    image = properties(client.get("/territoire?t=epci-243500139").text)["og:image"]
    answer = client.get(image.removeprefix(ADDRESS.rstrip("/")))
    assert answer.headers["content-type"] == "image/png"


def test_an_address_is_never_markup(client):
    html = client.get('/carte?zone="><script>alert(1)</script>').text
    assert "<script>alert" not in html
    assert properties(html)["og:title"].startswith("Qui a")


def test_the_data_are_described_for_search_engines(client):
    text = re.search('ld.json">(.*?)</script>', client.get("/donnees").text)[1]
    described = json.loads(text)
    assert described["@type"] == "Dataset" and described["license"]
    assert {"contentUrl", "encodingFormat"} <= set(described["distribution"][0])
    assert "Dataset" not in client.get("/methode").text


def test_the_map_of_the_site_names_pages_that_exist(client):
    tree = ElementTree.fromstring(client.get("/sitemap.xml").content)
    addresses = [each.text for each in tree.iter() if each.tag.endswith("loc")]
    assert len(addresses) == len(set(addresses)) > 300
    assert all(each.startswith(ADDRESS) for each in addresses)
    keys = [each.partition("?t=")[2] for each in addresses if "?t=" in each]
    assert len(load_territories(keys)) == len(keys)
    assert f"Sitemap: {ADDRESS}sitemap.xml" in client.get("/robots.txt").text


def test_a_site_without_an_address_has_no_map(client, monkeypatch):
    monkeypatch.delenv("STRATOSCOPE_ADDRESS")
    answer = client.get("/sitemap.xml")
    assert answer.status_code == 404 and "STRATOSCOPE_ADDRESS" in answer.json()["erreur"]
    assert "Sitemap" not in client.get("/robots.txt").text


@pytest.mark.parametrize(
    ("address", "feed"),
    [
        ("territoire?t=departement-35", "nouveautes.atom?t=departement-35"),
        ("pairs?t=departement-35", "nouveautes.atom?t=departement-35&avec=pairs"),
        ("themes?partie=fiche&fiche=donnees", "nouveautes.atom?theme=donnees"),
        ("", "nouveautes.atom"),
    ],
)
def test_a_page_leads_to_the_feed_that_follows_it(client, address, feed):
    links = re.findall('type="application/atom.xml" title="[^"]+" href="([^"]+)"',
                       client.get(f"/{address}").text)  # fmt: skip
    assert list(map(unescape, links)) == [f"{ADDRESS}api/v1/{feed}"]
