"""Addresses for programs: health, geometry, tables; and the French document around the pages."""

import csv
import io
import json

import openpyxl
import pandas as pd
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import HTMLResponse, PlainTextResponse, StreamingResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from comparisons.database.connection import cursor, dataset_metadata, query
from comparisons.exports import table_writers
from comparisons.schema.registry import tables
from comparisons.schema.territory import LEVELS
from comparisons.web.api import routes
from comparisons.web.middleware.html_document import HtmlDocumentMiddleware

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def client() -> TestClient:
    return TestClient(Starlette(routes=routes()))


def rows_of(content: bytes, extension: str, name: str) -> list[dict]:
    """Read an answer back, with None for what is empty."""
    match extension:
        case "csv":
            csv_reader = csv.DictReader(io.StringIO(content.decode("utf-8"), newline=""))
            return [{k: v or None for k, v in row.items()} for row in csv_reader]
        case "json":
            return json.loads(content)
        case "parquet":
            frame = pd.read_parquet(io.BytesIO(content)).astype(object)
            return frame.where(frame.notna(), None).to_dict("records")
        case _:
            heading, *rows = openpyxl.load_workbook(io.BytesIO(content))[name].iter_rows(
                values_only=True
            )
            return [dict(zip(heading, row, strict=True)) for row in rows]


def comparable(value: object) -> str:
    """Write a value alike, whatever format it comes from."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "oui" if value else "non"
    if hasattr(value, "__len__") and not isinstance(value, str):
        return "|".join(value)
    try:
        return f"{float(value):.6f}"
    except ValueError:
        return str(value).removeprefix("'")


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
    for address in ("/api/v1/", "/api/v1/tables/strategies.csv"):
        assert client.get(address).status_code == 503
        assert "n’existe pas encore" in client.get(address).json()["erreur"]


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


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_addresses_are_only_read(client, method):
    response = client.request(method, "/api/v1/tables/budgets.csv")
    assert response.status_code == 405 and "GET" in response.json()["erreur"]
    options_response = client.options("/api/v1/tables/budgets.csv")
    assert (
        options_response.status_code,
        options_response.headers["access-control-allow-origin"],
    ) == (204, "*")


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


@pytest.mark.parametrize("extension", ["csv", "json", "xlsx", "parquet"])
@pytest.mark.parametrize("name", ["budgets", "priorites", "etats_strategies"])
def test_tables_are_those_of_the_database_in_every_format(client, name, extension):
    response = client.get(f"/api/v1/tables/{name}.{extension}")
    assert response.status_code == 200
    assert f"stratoscope_{name.replace('_', '-')}_" in response.headers["content-disposition"]
    result = cursor().execute(f"SELECT * FROM {name}")
    columns = [column[0] for column in result.description]
    expected = [[comparable(value) for value in row] for row in result.fetchall()]
    rows = rows_of(response.content, extension, name)
    assert len(expected) > 100
    assert [[comparable(row[column]) for column in columns] for row in rows] == expected


def test_every_table_can_be_read(client):
    for name in tables():
        rows = client.get(f"/api/v1/tables/{name}.json?_limite=1&_decalage=999999")
        assert (rows.status_code, rows.json()) == (200, []), name


@pytest.mark.parametrize(
    "path", ["inconnue.csv", "strategies.exe", "jeu_de_donnees%22--.csv", "information_schema.csv"]
)
def test_unknown_tables_and_formats_are_refused_in_french(client, path):
    response = client.get(f"/api/v1/tables/{path}")
    assert response.status_code == 404
    assert "inconnu" in response.json()["erreur"]


def test_a_table_already_held_is_not_sent_again(client):
    first = client.get("/api/v1/tables/partenaires.xlsx")
    headers = {"If-None-Match": f"W/{first.headers['etag']}"}
    assert client.get("/api/v1/tables/partenaires.xlsx", headers=headers).status_code == 304
    other_response = client.get("/api/v1/tables/partenaires.xlsx?forme=gip", headers=headers)
    assert other_response.status_code == 200


def test_tables_may_be_read_from_other_sites(client):
    for path in ("/api/v1/", "/api/v1/tables/sources.csv", "/api/v1/tables/inconnue.csv"):
        assert client.get(path).headers["access-control-allow-origin"] == "*"


def test_a_table_says_in_its_workbook_how_to_cite_it(client):
    content = client.get("/api/v1/tables/partenaires.xlsx?forme=gip").content
    sheet = openpyxl.load_workbook(io.BytesIO(content))["Lisez-moi"]
    values_by_label = dict(row[:2] for row in sheet.iter_rows(values_only=True) if row[0])
    assert values_by_label["Citation"] == table_writers.citation_sentence()
    assert values_by_label["Sélection"] == "Forme juridique : Groupement d’intérêt public"


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
    assert "<title>Stratoscope</title>" in response.text
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
