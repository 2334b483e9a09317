"""What every exported file keeps to, whatever it holds, in each of its formats.

Files are asked for as programs do, at their addresses, and compared with the tables that the
library computes.
"""

import io
import json
import re
import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from functools import cache
from html import unescape

import pandas as pd
import pyarrow.parquet as pq
import pytest
from docx import Document
from file_contents import csv_rows, open_workbook, plain, sheet_rows, zip_members
from httpx import Response
from pdf_contents import compact, open_pdf, pdf_text, tags
from pptx import Presentation

from comparisons.analysis.comparison.comparison import compare
from comparisons.analysis.peers import study
from comparisons.database.connection import cursor, dataset_metadata
from comparisons.database.sandbox.runner import run_query
from comparisons.exports import (
    comparison_files,
    peers_files,
    sql_files,
    table_files,
    table_writers,
)
from comparisons.exports.office import office_files
from comparisons.schema.peer_options import PeerOptions
from comparisons.schema.territory import parse_key
from comparisons.tabular_files import unescape_formula

pytestmark = pytest.mark.usefixtures("database")

Tables = dict[str, pd.DataFrame]
EDITIONS = ["region-27-scoran-2015", "region-27-strategie_numerique-2020"]
SQL = """SELECT nom, population, '=1+1' AS formule, ['a', 'b'] AS liste, outre_mer
FROM territoires ORDER BY ALL LIMIT 3"""


@dataclass(frozen=True)
class Export:
    """An address of files: what it asks for, its formats, the tables that its files hold.

    The first table is that of formats of one table; JSON has it under `json_key`, if any.
    """

    path: str
    query: Mapping[str, object]
    media_types: Mapping[str, str]
    stem: str
    tables: Callable[[], Tables] = dict
    json_key: str = ""
    words: tuple[str, ...] = ()

    def request(self, extension: str) -> dict:
        """The address of one format, as arguments of a client."""
        params = {name: extension if v == "{}" else v for name, v in self.query.items()}
        return {"url": self.path.replace("{}", extension), "params": params}


def compared(*keys: str, doc: tuple[str, ...] = ()) -> Tables:
    return comparison_files.tables(compare([parse_key(key) for key in keys], doc))


def peers(key: str, **choice: object) -> Tables:
    tables = {
        name: table_writers.add_labels(rows)
        for name, rows in study.tables(key, PeerOptions(**choice)).items()
    }
    return {**tables, "dictionnaire": table_writers.data_dictionary(tables)}


def table(name: str, condition: str = "true") -> Tables:
    # as Python values: what is unknown is None, whatever the type
    result = cursor().execute(f"SELECT * FROM {name} WHERE {condition}")
    columns = [column for column, *_ in result.description]
    return {name: pd.DataFrame(result.fetchall(), columns=columns, dtype=object)}


COMPARISON, PEERS = "/api/v1/comparaison.{}", "/api/v1/pairs.{}"
NO_MAP = {extension: table_files.MEDIA_TYPES[extension] for extension in
          ("csv", "json", "xlsx", "parquet")}  # fmt: skip
NO_PDF = table_writers.MEDIA_TYPES
EXPORTS = {
    "two editions": Export(
        COMPARISON,
        {"t": "region-27", "doc": EDITIONS},
        comparison_files.MEDIA_TYPES,
        "comparaison-region-27",
        lambda: compared("region-27", doc=tuple(EDITIONS)),
        "cellules",
        ("/comparer?t=region-27&doc=region-27-scoran-2015&doc=",),
    ),
    "nothing known": Export(
        COMPARISON,
        {"t": "commune-01004,commune-02001"},
        NO_PDF,
        "comparaison-commune-01004-commune-02001",
        lambda: compared("commune-01004", "commune-02001"),
        "cellules",
    ),
    "peers": Export(
        PEERS,
        {"t": "region-53", "nombre": "4", "poids": "densite:2,population:0,superficie_km2:1"},
        peers_files.MEDIA_TYPES,
        "pairs-region-53",
        lambda: peers("region-53", nombre=4, poids=(("densite", 2.0), ("population", 0.0))),
        "pairs",
        ("/pairs?t=region-53&nombre=4&poids=densite%3A2&poids=population%3A0",),
    ),
    "neighbours": Export(
        PEERS,
        {"t": "commune-35238", "maniere": "voisins", "nombre": "6"},
        peers_files.MEDIA_TYPES,
        "pairs-commune-35238-voisins",
        lambda: peers("commune-35238", maniere="voisins", nombre=6),
        "pairs",
    ),
    "no peer": Export(
        PEERS,
        {"t": "departement-75"},
        peers_files.MEDIA_TYPES,
        "pairs-departement-75",
        lambda: peers("departement-75"),
        "pairs",
    ),
    "strategies of régions": Export(
        "/api/v1/tables/strategies.{}",
        {"territoire_niveau": "region", "type": "scoran"},
        table_files.MEDIA_TYPES,
        "strategies-",
        lambda: table("strategies", "territoire_niveau = 'region' AND type = 'scoran'"),
        words=("Stratégie régionale", "/api/v1/tables/strategies."),
    ),
    "amounts": Export(
        "/api/v1/tables/budgets.{}", {}, NO_MAP, "budgets_", lambda: table("budgets")
    ),
    "axes": Export(
        "/api/v1/tables/priorites.{}", {}, NO_MAP, "priorites_", lambda: table("priorites")
    ),
    "states": Export(
        "/api/v1/tables/etats_strategies.{}",
        {"_tri": "strategie_id"},
        NO_MAP,
        "etats-strategies-",
        lambda: table("etats_strategies", "true ORDER BY strategie_id"),
    ),
    "SQL": Export(
        "/api/v1/sql",
        {"q": SQL, "format": "{}"},
        sql_files.MEDIA_TYPES,
        "requete_",
        lambda: {"resultat": run_query(SQL).rows},
        "lignes",
        (plain(SQL),),
    ),
    "paper of a territory": Export(
        "/api/v1/fiches/departement-53.{}",
        {},
        office_files.MEDIA_TYPES,
        "fiche-departement-53",
        words=("Mayenne", "/territoire?t=departement-53"),
    ),
}
FILES = [(name, extension) for name, export in EXPORTS.items() for extension in export.media_types]
every_file = pytest.mark.parametrize(("name", "extension"), FILES)


@pytest.fixture(scope="module")
def answer(client, database) -> Callable[[str, str], Response]:
    """Return the answer at the address of a file, asked for once."""
    return cache(lambda name, extension: client.get(**EXPORTS[name].request(extension)))


@pytest.fixture(scope="module")
def content(answer) -> Callable[[str, str], bytes]:
    return lambda name, extension: answer(name, extension).content


@cache
def tables(name: str) -> Tables:
    return EXPORTS[name].tables()


# --- addresses ------------------------------------------------------------------------------------


@every_file
def test_an_address_gives_a_named_file(answer, name, extension):
    export, response = EXPORTS[name], answer(name, extension)
    assert response.status_code == 200
    assert response.headers["content-type"] == export.media_types[extension]
    assert response.headers["access-control-allow-origin"] == "*"
    file_name = re.search('filename="(.*)"', response.headers["content-disposition"])[1]
    assert file_name.startswith(f"stratoscope_{export.stem}")
    assert file_name.endswith(f"_{dataset_metadata()['version']}.{extension}")


@pytest.mark.parametrize("name", EXPORTS)
def test_a_file_already_held_is_not_sent_again(client, answer, name):
    extension = next(iter(EXPORTS[name].media_types))
    held = {"If-None-Match": f"W/{answer(name, extension).headers['etag']}"}
    again = client.get(**EXPORTS[name].request(extension), headers=held)
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize(
    ("path", "other_path"),
    [
        (
            "comparaison.csv?t=commune-01004,commune-01005",
            "comparaison.csv?t=commune-01004,commune-01006",
        ),
        ("tables/partenaires.csv", "tables/partenaires.csv?forme=gip"),
        ("sql?q=SELECT 1", "sql?q=SELECT 2"),
    ],
)
def test_who_holds_another_file_is_sent_the_one_asked_for(client, path, other_path):
    held = {"If-None-Match": client.get(f"/api/v1/{path}").headers["etag"]}
    assert client.get(f"/api/v1/{other_path}", headers=held).status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "comparaison.exe?t=region-53,region-52",
        "pairs.exe?t=region-53",
        "tables/strategies.exe",
        "tables/inconnue.csv",
        "tables/jeu_de_donnees%22--.csv",
        "tables/information_schema.csv",
    ],
)
def test_an_unknown_format_or_table_is_not_there(client, path):
    response = client.get(f"/api/v1/{path}")
    assert response.status_code == 404 and "inconnu" in response.json()["erreur"]
    assert response.headers["access-control-allow-origin"] == "*"


@pytest.mark.parametrize(
    "path",
    ["", "comparaison.csv?t=region-53,region-52", "pairs.csv?t=region-53", "tables/budgets.csv"],
)
def test_without_a_database_there_is_no_file(client, tmp_path, monkeypatch, path):
    monkeypatch.setenv("STRATOSCOPE_DATABASE", str(tmp_path / "absente.duckdb"))
    response = client.get(f"/api/v1/{path}")
    assert response.status_code == 503 and "n’existe pas encore" in response.json()["erreur"]


@pytest.mark.parametrize(
    ("entry", "formats"),
    [("comparaison", comparison_files.MEDIA_TYPES), ("pairs", peers_files.MEDIA_TYPES)],
)
def test_the_index_describes_each_kind_of_file(client, entry, formats):
    described = client.get("/api/v1/").json()[entry]
    assert client.get(described["adresse"]).status_code == 200
    assert described["formats"] == list(formats)


# --- rows -----------------------------------------------------------------------------------------


def written(value: object) -> str:
    """Write a value alike, whatever format it comes from; nothing for what is unknown."""
    if hasattr(value, "__len__") and not isinstance(value, str):
        return "|".join(value)
    if pd.isna(value):
        return ""
    if pd.api.types.is_bool(value):
        return "oui" if value else "non"
    return f"{float(value):.12g}" if is_number(value) else str(value)


def is_number(value: object) -> bool:
    number = pd.api.types.is_number(value) and not pd.api.types.is_bool(value)
    return number and not pd.isna(value)


def read_rows(content: bytes, extension: str, export: Export, table_name: str) -> list[dict]:
    """Read the rows of one table of a file."""
    match extension:
        case "csv":
            return csv_rows(content)
        case "zip":
            return csv_rows(zip_members(content)[f"{table_name}.csv"])
        case "json":
            payload = json.loads(content)
            return payload[export.json_key] if export.json_key else payload
        case "parquet":
            return pq.read_table(io.BytesIO(content)).to_pylist()
        case "geojson":
            return [feature["properties"] for feature in json.loads(content)["features"]]
        case "gpkg":
            return sqlite_rows(content, f"SELECT * FROM {table_name}")
        case "xlsx":
            heading, *rows = sheet_rows(content, table_name)
            return [dict(zip(heading, row, strict=True)) for row in rows]
    raise AssertionError(f"no table in a {extension}")


def sqlite_rows(content: bytes, sql: str) -> list[dict]:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.deserialize(content)
        connection.row_factory = sqlite3.Row
        return list(map(dict, connection.execute(sql)))


@pytest.mark.parametrize(
    ("name", "extension"), [file for file in FILES if file[1] not in office_files.MEDIA_TYPES]
)
def test_every_format_holds_the_rows_of_the_tables(content, name, extension):
    export, expected_tables = EXPORTS[name], tables(name)
    if extension not in ("xlsx", "zip"):  # of one table
        expected_tables = dict([next(iter(expected_tables.items()))])
    for table_name, expected in expected_tables.items():
        rows = read_rows(content(name, extension), extension, export, table_name)
        assert len(rows) == len(expected), table_name
        if extension == "zip" and rows:
            assert list(rows[0]) == list(expected.columns)
        for row, values in zip(rows, expected.astype(object).to_dict("records"), strict=True):
            for column, value in values.items():
                actual = row[column]
                if extension in ("csv", "zip"):
                    actual = unescape_formula(actual)
                    actual = float(actual) if is_number(value) else actual
                assert is_number(actual) == is_number(value), (table_name, column)
                assert written(actual) == written(value), (table_name, column)


@pytest.mark.parametrize("name", EXPORTS)
def test_a_workbook_and_an_archive_hold_all_tables_after_a_note(content, name):
    formats = EXPORTS[name].media_types
    if "xlsx" in formats:
        first, *sheets = open_workbook(content(name, "xlsx")).sheetnames
        assert first == "Lisez-moi" and sheets[-len(tables(name)) :] == list(tables(name))
    if "zip" in formats:
        members = {"README.txt", *(f"{table_name}.csv" for table_name in tables(name))}
        assert set(zip_members(content(name, "zip"))) == members


@pytest.mark.parametrize("name", EXPORTS)
def test_every_column_has_its_line_in_the_dictionary(name):
    described = tables(name).get("dictionnaire")
    if described is None:
        return
    lines = {(row.table, row.colonne) for row in described.itertuples()}
    assert described[["titre", "description"]].map(bool).all(axis=None)
    for table_name, rows in tables(name).items():
        for column in rows.columns if table_name != "dictionnaire" else ():
            coded = column.removesuffix("_libelle")
            assert (table_name, column) in lines or (coded != column and coded in rows), (
                table_name,
                column,
            )


@pytest.mark.parametrize("name", EXPORTS)
def test_no_text_of_a_file_is_a_formula_or_a_link(content, name):
    formats = EXPORTS[name].media_types
    if "xlsx" in formats:
        for sheet in open_workbook(content(name, "xlsx")).worksheets:
            for cell in (cell for row in sheet.iter_rows() for cell in row):
                assert cell.data_type != "f" and cell.hyperlink is None, (sheet.title, cell.value)
    csv_files = [content(name, "csv")] if "csv" in formats else []
    if "zip" in formats:
        members = zip_members(content(name, "zip"))
        csv_files += [text for member, text in members.items() if member.endswith(".csv")]
    for text in csv_files:
        for value in (value for row in csv_rows(text) for value in row.values()):
            assert not re.match(r"[=+@\t\r]|-(?![\d.e-]+$)", value), value


# --- what a file says of itself -------------------------------------------------------------------


def said(content: bytes, extension: str) -> str:
    """What a file says of itself, without its rows, on one line."""
    match extension:
        case "zip":
            return plain(zip_members(content)["README.txt"].decode())
        case "json":
            return plain(json.dumps(json.loads(content), ensure_ascii=False).replace("\\n", " "))
        case "xlsx":
            cells = (cell for row in sheet_rows(content, "Lisez-moi") for cell in row if cell)
            return plain(" ".join(cells))
        case "parquet":
            schema = pq.read_schema(io.BytesIO(content))
            return plain(" ".join(value.decode() for value in schema.metadata.values()))
        case "geojson":
            return json.dumps(json.loads(content)["metadonnees"], ensure_ascii=False)
        case "gpkg":
            rows = sqlite_rows(content, "SELECT metadata FROM gpkg_metadata")
            return unescape(" ".join(row["metadata"] for row in rows))
        case "pdf":
            return compact(pdf_text(content))
        case "docx":
            return plain(" ".join(each.text for each in Document(io.BytesIO(content)).paragraphs))
        case "pptx":
            slides = Presentation(io.BytesIO(content)).slides
            shapes = (shape for slide in slides for shape in slide.shapes if shape.has_text_frame)
            return plain(" ".join(shape.text_frame.text for shape in shapes))
    raise AssertionError(f"a {extension} says nothing of itself")


@pytest.mark.parametrize(
    ("name", "extension"),
    [
        (name, extension)
        for name, extension in FILES
        if extension != "csv" and (extension != "json" or EXPORTS[name].json_key)
    ],
)
def test_a_file_says_how_to_cite_it_and_what_was_asked(content, name, extension):
    text = said(content(name, extension), extension)
    data = dataset_metadata()
    for words in (
        table_writers.citation_sentence(),
        "Licence Ouverte 2.0",
        str(data["version"]),
        *EXPORTS[name].words,
    ):
        assert (compact(words) if extension == "pdf" else words) in text
    if extension in ("xlsx", "zip", "parquet"):
        assert re.search("jamais zéro|pas zéro", text)


def test_same_data_give_the_same_bytes(client, content, forget_answers):
    one_of_each = ("two editions", "neighbours", "strategies of régions", "SQL",
                   "paper of a territory")  # fmt: skip
    before = {file: content(*file) for file in FILES if file[0] in one_of_each}
    forget_answers()
    for (name, extension), expected in before.items():
        again = client.get(**EXPORTS[name].request(extension))
        assert again.content == expected, (name, extension)


@pytest.mark.parametrize("name", [name for name, extension in FILES if extension == "pdf"])
def test_a_paper_is_tagged_dated_and_has_its_fonts_inside(content, name):
    paper = open_pdf(content(name, "pdf"))
    about, root = paper.metadata, paper.trailer["/Root"]
    assert about.title and about.author == "Stratoscope"
    assert about.creation_date.date() == date.fromisoformat(dataset_metadata()["date"])
    assert root["/Lang"].startswith("fr") and root["/MarkInfo"]["/Marked"]
    assert b"pdfuaid" in root["/Metadata"].get_data()
    assert {tag.get("/S") for tag in tags(root["/StructTreeRoot"])} >= {"/H1", "/H2", "/Table"}
    for page in paper.pages:
        for font in page["/Resources"]["/Font"].values():
            assert "Libertinus" in font.get_object()["/BaseFont"]
    assert not re.search(r"(?<!\w)(nan|None|NaT|<NA>|null)(?!\w)", pdf_text(content(name, "pdf")))
