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
            read = csv.DictReader(io.StringIO(content.decode("utf-8"), newline=""))
            return [{k: v or None for k, v in row.items()} for row in read]
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


def test_health_tells_the_version(client):
    answer = client.get("/healthz")
    assert answer.status_code == 200
    assert answer.json() == {"statut": "ok", "version": dataset_metadata()["version"]}


def test_health_is_bad_without_a_database(client, tmp_path, monkeypatch):
    monkeypatch.setenv("STRATOSCOPE_DATABASE", str(tmp_path / "absente.duckdb"))
    answer = client.get("/healthz")
    assert answer.status_code == 503
    assert answer.json()["statut"] == "indisponible"
    for address in ("/api/v1/", "/api/v1/tables/strategies.csv"):
        assert client.get(address).status_code == 503
        assert "n’existe pas encore" in client.get(address).json()["erreur"]


@pytest.mark.parametrize("path", ["/api/v1/rien", "/api/", "/api/v2/tables/budgets.csv"])
def test_nothing_at_an_address_is_said_in_json(client, path):
    answer = client.get(path)
    assert answer.status_code == 404
    assert path in answer.json()["erreur"] and "/api/v1/" in answer.json()["erreur"]


def test_index_lists_what_can_be_read(client):
    said = client.get("/api/v1/").json()
    assert said["version"] == dataset_metadata()["version"]
    assert said["formats"] == ["csv", "json", "xlsx", "parquet", "geojson", "gpkg"]
    assert {"strategies", "budgets_comparables", "couverture", "territoires"} <= set(said["tables"])
    for address in (said["tables"]["couvertures"]["dictionnaire"], said["description"]):
        assert client.get(address).status_code == 200
    for address in said["geometries"].values():
        assert client.get(address).status_code == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_addresses_are_only_read(client, method):
    answer = client.request(method, "/api/v1/tables/budgets.csv")
    assert answer.status_code == 405 and "GET" in answer.json()["erreur"]
    asked = client.options("/api/v1/tables/budgets.csv")
    assert (asked.status_code, asked.headers["access-control-allow-origin"]) == (204, "*")


# --- geometry -------------------------------------------------------------------------------------


@pytest.mark.parametrize("level", LEVELS[:3])
def test_geometry_under_its_hashed_name_is_kept_for_ever(client, level):
    address = client.get("/api/v1/").json()["geometries"][level]
    answer = client.get(address)
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.headers["content-type"] == "application/geo+json"
    drawn = {feature["id"] for feature in answer.json()["features"]}
    known = query("SELECT territoire_code FROM territoires WHERE territoire_niveau = ?", [level])
    assert drawn <= set(known["territoire_code"]) and len(drawn) > 17
    plain = client.get(address, headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers and plain.content == answer.content


@pytest.mark.parametrize("held", ["{etag}", "W/{etag}", '"autre", {etag}'])
def test_geometry_already_held_is_not_sent_again(client, held):
    address = client.get("/api/v1/").json()["geometries"]["region"]
    etag = client.get(address).headers["etag"]
    again = client.get(address, headers={"If-None-Match": held.format(etag=etag)})
    assert (again.status_code, again.content) == (304, b"")
    other = client.get(address, headers={"If-None-Match": '"autre"'})
    assert other.status_code == 200


def test_geometry_under_its_plain_name_is_checked_each_time(client):
    answer = client.get("/api/v1/geo/region.geojson")
    assert answer.headers["cache-control"] == "public, max-age=0, must-revalidate"
    assert len(answer.json()["features"]) == 18


@pytest.mark.parametrize("name", ["canton", "cadres", "region-0123456789", "REGION"])
def test_unknown_geometry_is_refused_in_french(client, name):
    answer = client.get(f"/api/v1/geo/{name}.geojson")
    assert answer.status_code == 404
    assert "region" in answer.json()["erreur"]


# --- tables ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("extension", ["csv", "json", "xlsx", "parquet"])
@pytest.mark.parametrize("name", ["budgets", "priorites", "etats_strategies"])
def test_tables_are_those_of_the_database_in_every_format(client, name, extension):
    answer = client.get(f"/api/v1/tables/{name}.{extension}")
    assert answer.status_code == 200
    assert f"stratoscope_{name.replace('_', '-')}_" in answer.headers["content-disposition"]
    held = cursor().execute(f"SELECT * FROM {name}")
    columns = [column[0] for column in held.description]
    expected = [[comparable(value) for value in row] for row in held.fetchall()]
    rows = rows_of(answer.content, extension, name)
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
    answer = client.get(f"/api/v1/tables/{path}")
    assert answer.status_code == 404
    assert "inconnu" in answer.json()["erreur"]


def test_a_table_already_held_is_not_sent_again(client):
    first = client.get("/api/v1/tables/partenaires.xlsx")
    held = {"If-None-Match": f"W/{first.headers['etag']}"}
    assert client.get("/api/v1/tables/partenaires.xlsx", headers=held).status_code == 304
    other = client.get("/api/v1/tables/partenaires.xlsx?forme=gip", headers=held)
    assert other.status_code == 200


def test_tables_may_be_read_from_other_sites(client):
    for path in ("/api/v1/", "/api/v1/tables/sources.csv", "/api/v1/tables/inconnue.csv"):
        assert client.get(path).headers["access-control-allow-origin"] == "*"


def test_a_table_says_in_its_workbook_how_to_cite_it(client):
    content = client.get("/api/v1/tables/partenaires.xlsx?forme=gip").content
    sheet = openpyxl.load_workbook(io.BytesIO(content))["Lisez-moi"]
    said = dict(row[:2] for row in sheet.iter_rows(values_only=True) if row[0])
    assert said["Citation"] == table_writers.citation_sentence()
    assert said["Sélection"] == "Forme juridique : Groupement d’intérêt public"


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
    answer = site.get(path)
    assert '<html lang="fr">' in answer.text and '<html lang="en">' not in answer.text
    assert "<title>Stratoscope</title>" in answer.text
    assert '<meta name="description"' in answer.text and "/outils/carte/" in answer.text
    assert "<body>é</body>" in answer.text
    assert "etag" not in answer.headers and "last-modified" not in answer.headers


@pytest.mark.parametrize(("path", "said"), [("/texte", DOCUMENT), ("/suite", "un deux")])
def test_what_is_not_a_document_is_untouched(site, path, said):
    answer = site.get(path)
    assert answer.text == said
    assert path == "/suite" or answer.headers["etag"] == '"x"'


def test_addresses_that_are_not_pages_are_untouched(site):
    assert site.get("/static/page").text == DOCUMENT
    address = site.get("/api/v1/").json()["geometries"]["region"]
    answer = site.get(address)
    assert answer.headers["content-encoding"] == "gzip"
    assert len(answer.json()["features"]) == 18
