"""Addresses for programs: health, geometry, tables; and the French document around the pages."""

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import HTMLResponse, PlainTextResponse, StreamingResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from comparisons.database.connection import dataset_metadata, query
from comparisons.schema.registry import tables
from comparisons.schema.territory import LEVELS
from comparisons.web.api import routes
from comparisons.web.middleware.html_document import HtmlDocumentMiddleware

pytestmark = pytest.mark.usefixtures("database")


# --- health and index -----------------------------------------------------------------------------


def test_health_gives_the_version(client):
    response = client.get("/healthz")
    assert response.status_code == 200
    assert response.json() == {"statut": "ok", "version": dataset_metadata()["version"]}


def test_health_is_bad_without_a_database(client, tmp_path, monkeypatch):
    monkeypatch.setenv("STRATOSCOPE_DATABASE", str(tmp_path / "absente.duckdb"))
    response = client.get("/healthz")
    assert response.status_code == 503
    assert response.json()["statut"] == "indisponible"


@pytest.mark.parametrize("path", ["/api/v1/rien", "/api/", "/api/v2/tables/budgets.csv"])
def test_nothing_at_an_address_is_said_in_json(client, path):
    response = client.get(path)
    assert response.status_code == 404
    assert path in response.json()["erreur"] and "/api/v1/" in response.json()["erreur"]


def test_index_lists_what_can_be_read(client):
    index = client.get("/api/v1/").json()
    assert index["version"] == dataset_metadata()["version"]
    assert index["formats"] == ["csv", "json", "xlsx", "parquet", "geojson", "gpkg"]
    assert {"strategies", "budgets_comparables", "couverture", "territoires"} <= set(
        index["tables"]
    )
    for address in (index["tables"]["couvertures"]["dictionnaire"], index["description"]):
        assert client.get(address).status_code == 200
    for address in index["geometries"].values():
        assert client.get(address).status_code == 200


def test_pages_of_other_sites_may_read(client):
    response = client.options("/api/v1/tables/budgets.csv")
    assert response.status_code == 204 and response.headers["access-control-allow-origin"] == "*"


# --- geometry -------------------------------------------------------------------------------------


@pytest.mark.parametrize("level", LEVELS[:3])
def test_geometry_under_its_hashed_name_is_kept_for_ever(client, level):
    address = client.get("/api/v1/").json()["geometries"][level]
    response = client.get(address)
    assert response.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert response.headers["content-encoding"] == "gzip"
    assert response.headers["content-type"] == "application/geo+json"
    codes_drawn = {feature["id"] for feature in response.json()["features"]}
    codes = query("SELECT territoire_code FROM territoires WHERE territoire_niveau = ?", [level])
    assert codes_drawn <= set(codes["territoire_code"]) and len(codes_drawn) > 17
    plain = client.get(address, headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers and plain.content == response.content


@pytest.mark.parametrize("etag_format", ["{etag}", "W/{etag}", '"autre", {etag}'])
def test_geometry_already_held_is_not_sent_again(client, etag_format):
    address = client.get("/api/v1/").json()["geometries"]["region"]
    etag = client.get(address).headers["etag"]
    again = client.get(address, headers={"If-None-Match": etag_format.format(etag=etag)})
    assert (again.status_code, again.content) == (304, b"")
    other_response = client.get(address, headers={"If-None-Match": '"autre"'})
    assert other_response.status_code == 200


def test_geometry_under_its_plain_name_is_checked_each_time(client):
    response = client.get("/api/v1/geo/region.geojson")
    assert response.headers["cache-control"] == "public, max-age=0, must-revalidate"
    assert len(response.json()["features"]) == 18


@pytest.mark.parametrize("name", ["canton", "cadres", "region-0123456789", "REGION"])
def test_unknown_geometry_is_refused_in_french(client, name):
    response = client.get(f"/api/v1/geo/{name}.geojson")
    assert response.status_code == 404
    assert "region" in response.json()["erreur"]


# --- tables ---------------------------------------------------------------------------------------


def test_every_table_can_be_read(client):
    for name in tables():
        rows = client.get(f"/api/v1/tables/{name}.json?_limite=1&_decalage=999999")
        assert (rows.status_code, rows.json()) == (200, []), name


# --- the document around the pages ----------------------------------------------------------------

DOCUMENT = (
    '<!doctype html><html lang="en"><head><title>Streamlit</title></head><body>é</body></html>'
)


async def page(request) -> HTMLResponse:
    return HTMLResponse(DOCUMENT, headers={"etag": '"x"', "last-modified": "hier"})


async def in_pieces(request) -> StreamingResponse:
    return StreamingResponse(iter([DOCUMENT[:20], DOCUMENT[20:]]), media_type="text/html")


async def text(request) -> PlainTextResponse:
    return PlainTextResponse(DOCUMENT, headers={"etag": '"x"'})


async def streamed(request) -> StreamingResponse:
    return StreamingResponse(iter(["un ", "deux"]), media_type="text/plain")


@pytest.fixture
def site() -> TestClient:
    return TestClient(
        Starlette(
            routes=[
                Route("/", page),
                Route("/territoire", in_pieces),
                Route("/texte", text),
                Route("/suite", streamed),
                Route("/static/page", page),
                *routes(),
            ],
            middleware=[Middleware(HtmlDocumentMiddleware, base_path="outils/carte")],
        )
    )


@pytest.mark.parametrize("path", ["/", "/territoire"])
def test_the_document_is_french_and_titled(site, path):
    response = site.get(path)
    assert '<html lang="fr">' in response.text and '<html lang="en">' not in response.text
    assert "Stratoscope</title>" in response.text
    assert '<meta name="description"' in response.text and "/outils/carte/" in response.text
    assert "<body>é</body>" in response.text
    assert "etag" not in response.headers and "last-modified" not in response.headers


@pytest.mark.parametrize(("path", "expected_text"), [("/texte", DOCUMENT), ("/suite", "un deux")])
def test_what_is_not_a_document_is_untouched(site, path, expected_text):
    response = site.get(path)
    assert response.text == expected_text
    assert path == "/suite" or response.headers["etag"] == '"x"'


def test_addresses_that_are_not_pages_are_untouched(site):
    assert site.get("/static/page").text == DOCUMENT
    address = site.get("/api/v1/").json()["geometries"]["region"]
    response = site.get(address)
    assert response.headers["content-encoding"] == "gzip"
    assert len(response.json()["features"]) == 18
