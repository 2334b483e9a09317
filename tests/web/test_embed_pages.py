"""Pages for the frames of other sites: whole, light, framed by anybody, and nothing more."""

import re
from html.parser import HTMLParser

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from comparisons.analysis.profile import load_profile, verdict
from comparisons.exports.images.catalogue import IMAGES
from comparisons.web.api import routes
from comparisons.web.middleware.security_headers import SecurityHeadersMiddleware

pytestmark = pytest.mark.usefixtures("database")

ADDRESSES = (
    "carte?question=theme&t=departement-33",
    "carte?niveau=commune",
    "frise?t=region-53",
    "frise-comparaison?t=region-53,region-52",
    "montants-action?t=region-53",
    "themes-niveaux",
    "reseau?zone=region-53",
    "couts?t=departement-35,departement-29&fixe=9000&seul=8000",
    "faits",
    "fiche?t=departement-35",
    "comparaison?t=region-53,region-52",
)


@pytest.fixture(scope="module")
def client() -> TestClient:
    return TestClient(SecurityHeadersMiddleware(Starlette(routes=routes())))


class Tags(HTMLParser):
    """The tags of a page, those left open, and its attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.seen: set[str] = set()
        self.left_open: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.seen.add(tag)
        self.attributes += attrs
        if tag not in ("meta", "br"):
            self.left_open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.seen.add(tag)
        self.attributes += attrs

    def handle_endtag(self, tag):
        assert self.left_open.pop() == tag


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_page_is_whole_with_title_source_date_and_link(client, address):
    answer = client.get(f"/integrer/{address}")
    assert answer.status_code == 200, answer.text
    tags = Tags(answer.text)
    assert tags.left_open == ["html"] or not tags.left_open
    assert not tags.seen & {"script", "img", "link", "iframe", "form", "object"}
    assert not any(name.startswith("on") or name == "style" for name, _ in tags.attributes)
    assert re.search("<h1>[^<]+</h1>", answer.text)
    assert "Licence Ouverte" in answer.text and "données du" in answer.text
    (link,) = re.findall('<a href="([^"]+)" target="_blank"', answer.text)
    assert link.startswith("/")


@pytest.mark.parametrize("address", ADDRESSES[2:7])
def test_a_chart_is_drawn_for_both_widths(client, address):
    text = client.get(f"/integrer/{address}").text
    widths = re.findall(r'aria-label="[^"]*"[^>]*viewBox="0 0 (\d+)', text)
    assert widths == ["960", "400"]
    patterns = re.findall(' id="([^"]+)"', text)
    assert len(patterns) == len(set(patterns))


def test_others_may_frame_these_pages_and_no_other(client):
    policy = client.get("/integrer/faits").headers["content-security-policy"]
    assert "frame-ancestors *" in policy and "script-src" not in policy
    assert "default-src 'none'" in policy and "unsafe" not in policy
    for address in ("/api/v1/images/ages.svg", "/api/v1/", "/integrer/rien", "/robots.txt"):
        assert "frame-ancestors 'none'" in client.get(address).headers["content-security-policy"]


def test_a_page_is_light(client):
    for address in ("carte", "frise?t=region-53", "fiche?t=departement-35"):
        assert len(client.get(f"/integrer/{address}").content) < 300_000


def test_a_card_says_what_the_page_of_the_territory_says(client):
    text = client.get("/integrer/fiche?t=departement-35").text
    assert verdict(load_profile("departement-35")) in text


def test_what_an_address_holds_is_never_markup(client):
    answer = client.get("/integrer/couts", params={"t": "departement-35", "fixe": "<script>"})
    assert answer.status_code == 400
    answer = client.get("/integrer/reseau", params={"organisme": "<script>alert(1)</script>"})
    assert "<script" not in answer.text


def test_every_image_has_its_page(client):
    for name in IMAGES:
        answer = client.get(f"/integrer/{name}")
        assert answer.status_code in (200, 400, 404) and "Aucune image" not in answer.text
