"""Files, addresses and the command line of a comparison carry the page's own cells, no other."""

import csv
import io
import json
import re
import zipfile
from dataclasses import replace

import openpyxl
import pandas as pd
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from comparisons import tabular_files
from comparisons.analysis.comparison.cells import SECTIONS
from comparisons.analysis.comparison.comparison import Comparison, compare
from comparisons.cli.main import main
from comparisons.database.connection import dataset_metadata, query
from comparisons.exports import comparison_files, table_writers
from comparisons.exports.comparison_notes import ExportOptions, notes_lines
from comparisons.exports.comparison_workbook import READING_COLUMN, SHEETS
from comparisons.formatting import MISSING, format_number
from comparisons.schema.registry import TABLES_DIR, described_tables
from comparisons.schema.territory import parse_key
from comparisons.web.api import routes

pytestmark = pytest.mark.usefixtures("database")

GROUPS = {
    "bretagne": ("departement-35", "departement-29", "departement-22", "departement-56"),
    "mixed": ("region-53", "departement-35", "epci-243500139", "commune-35238"),
    "silent": ("commune-01004", "commune-02001"),
    "editions": ("departement-53", "departement-72"),
}


def chosen(name: str) -> list[str]:
    """The documents asked for: for `editions`, all those of the first territory."""
    if name != "editions":
        return []
    sql = (
        "SELECT strategie_id FROM strategies WHERE territoire_niveau || '-' || territoire_code = ?"
    )
    return list(query(sql, [GROUPS[name][0]])["strategie_id"])[:3]


@pytest.fixture(scope="module", params=GROUPS)
def group(request, database) -> tuple[str, Comparison]:
    keys = GROUPS[request.param]
    return request.param, compare([parse_key(key) for key in keys], chosen(request.param))


@pytest.fixture(scope="module")
def book(group) -> openpyxl.Workbook:
    return workbook(comparison_files.comparison_workbook(group[1]))


@pytest.fixture(scope="module")
def bretagne(database) -> Comparison:
    return compare([parse_key(key) for key in GROUPS["bretagne"]])


@pytest.fixture(scope="module")
def client(database) -> TestClient:
    return TestClient(Starlette(routes=routes()))


def address(name: str, extension: str, **more: object) -> tuple[str, dict]:
    query = {"t": ",".join(GROUPS[name]), "doc": chosen(name)} | more
    return f"/api/v1/comparaison.{extension}", {"params": query}


def arguments(name: str, *more: str) -> list[str]:
    docs = [part for doc in chosen(name) for part in ("--doc", doc)]
    return ["compare", *GROUPS[name], *docs, *more]


def csv_rows(content: bytes) -> list[dict]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8"), newline="")))


def workbook(content: bytes) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(content))


def page_cells(comparison: Comparison) -> list[tuple]:
    """What the page holds, in plain values: section, row, column, words, number."""
    parts = [comparison.section(name) for name in SECTIONS]
    return [
        (c.rubrique, c.ligne, c.colonne, c.texte, None if c.valeur is pd.NA else float(c.valeur))
        for part in parts
        for c in part.itertuples()
    ]


# --- the same numbers everywhere ------------------------------------------------------------------


def test_every_cell_of_the_comparison_is_on_the_page(group):
    _, comparison = group
    assert len(page_cells(comparison)) == len(comparison.cells) > 20


def test_csv_has_the_cells_of_the_page(group, client):
    name, comparison = group
    path, more = address(name, "csv")
    content = client.get(path, **more).content
    rows = csv_rows(content)
    cell_rows = [
        (r["rubrique"], r["ligne"], r["colonne"], r["texte"].removeprefix("'"),
         float(r["valeur"]) if r["valeur"] else None)
        for r in rows
    ]  # fmt: skip
    assert cell_rows == page_cells(comparison)
    assert content == tabular_files.to_csv(comparison_files.long_table(comparison))


@pytest.mark.parametrize("extension", ["csv", "json"])
def test_the_command_gives_the_same_file(client, capfdbinary, extension):
    path, more = address("editions", extension)
    content = client.get(path, **more).content
    assert main(arguments("editions", "--format", extension)) == 0
    command_output = capfdbinary.readouterr().out
    if extension == "json":  # but for the address of the page, which only the site knows
        content, command_output = (
            json.loads(file_content) | {"adresse": None}
            for file_content in (content, command_output)
        )
    assert command_output == content


def test_json_has_the_cells_of_the_page_and_its_summary(group, client):
    name, comparison = group
    path, more = address(name, "json")
    payload = client.get(path, **more).json()
    cells = [
        (c["rubrique"], c["ligne"], c["colonne"], c["texte"], c["valeur"])
        for c in payload["cellules"]
    ]
    assert cells == page_cells(comparison)
    assert [s["texte"] for s in payload["resume"]] == [s.texte for s in comparison.statements]
    assert [c["titre_colonne"] for c in payload["colonnes"]] == list(comparison.names.values())
    assert (
        payload["version"] == dataset_metadata()["version"]
        and payload["citation"] == table_writers.citation_sentence()
    )
    assert json.loads(comparison_files.to_json(comparison)) == payload | {"adresse": None}


def test_workbook_has_the_words_and_numbers_of_the_page(group, book):
    _, comparison = group
    sections = [name for name in SECTIONS if len(comparison.text_matrix(name))]
    assert book.sheetnames[1 : len(sections) + 1] == [SHEETS[name] for name in sections]
    numbers = 0
    for name in sections:
        words = comparison.text_matrix(name)
        cells = comparison.section(name)
        values = {(c.libelle, c.colonne): (c.valeur, c.unite) for c in cells.itertuples()}
        heading, *rows = list(book[SHEETS[name]].iter_rows())
        reading_columns = [] if name == "non_comparables" else [READING_COLUMN]
        assert [c.value for c in heading] == [SHEETS[name], *words.columns, *reading_columns]
        assert [row[0].value for row in rows[: len(words)]] == list(words.index)
        for row, text_row in zip(rows, words.itertuples(), strict=False):
            for index, column in enumerate(comparison.columns["colonne"], start=1):
                cell, text = row[index], text_row[index]
                if cell.data_type == "s":
                    assert cell.value == text
                    continue
                numbers += 1
                value, unit = values[(text_row[0], column)]
                assert cell.value == pytest.approx(float(value), rel=1e-14)
                assert_written(cell, text, unit)
    assert numbers > (5 if len(comparison.columns) > 2 else 0)


def assert_written(cell: object, text: str, unit: str) -> None:
    """Check that the number format of a cell has the words of the page around the number."""
    quoted_parts = [part.strip('"') for part in re.findall(r'"[^"]*"', cell.number_format)]
    assert not cell.is_date
    if unit == "rang":
        before, after = quoted_parts[0], "".join(quoted_parts[1:])
        assert f"{before}{cell.value}{after}" == text
    if "(déduit)" in text:
        assert "(déduit)" in quoted_parts[-1]
    assert ("environ " in quoted_parts) == text.startswith("environ ")
    if unit == "€":
        assert "#,##0" in cell.number_format and "€" in quoted_parts[-1]
        assert text[text.index("(") :] == quoted_parts[-1][quoted_parts[-1].index("(") :]
    if unit in ("€/hab.", "€/hab./an"):
        assert "#,##0.00" in cell.number_format and unit in quoted_parts[-1]
    if cell.comment:  # what an indicator measures
        assert cell.comment.text == text


def test_terminal_shows_the_words_of_the_page(group, monkeypatch, capfdbinary):
    name, comparison = group
    monkeypatch.setenv("COLUMNS", "20000")
    assert main(arguments(name)) == 0
    text = capfdbinary.readouterr().out.decode("utf-8")
    for statement in comparison.statements:
        assert f"- {statement.in_full()}\n" in text
    rows = [
        [plain(part) for part in line.split(" │ ")] for line in text.splitlines() if " │ " in line
    ]
    expected = []
    for section in SECTIONS:
        words = comparison.text_matrix(section)
        if len(words):
            expected += [["", *words.columns], *([t, *row] for t, *row in words.itertuples())]
    assert rows == [[plain(part) for part in row] for row in expected]
    assert table_writers.citation_sentence() in text


def plain(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


def test_a_narrow_terminal_loses_no_word(bretagne, monkeypatch, capfdbinary):
    monkeypatch.setenv("COLUMNS", "60")
    main(arguments("bretagne"))
    text = capfdbinary.readouterr().out.decode("utf-8")
    assert max(map(len, text.splitlines())) <= 60
    visible_text = plain(text)
    for section in SECTIONS:
        for row in bretagne.text_matrix(section).itertuples():
            for title, word in zip(bretagne.names.values(), row[1:], strict=True):
                assert plain(f"{title} : {word}") in visible_text


def test_archive_holds_every_table_and_a_note(group, book):
    _, comparison = group
    archive = zipfile.ZipFile(io.BytesIO(comparison_files.to_zip(comparison)))
    archive_files = {info.filename: archive.read(info) for info in archive.infolist()}
    note = archive_files.pop("README.txt").decode("utf-8")
    for words in (
        table_writers.citation_sentence(),
        "jamais zéro",
        "pas une mesure",
        *comparison.names.values(),
    ):
        assert words in note
    tables = comparison_files.tables(comparison)
    assert set(archive_files) == {f"{name}.csv" for name in tables}
    for name, rows in tables.items():
        rows_read = csv_rows(archive_files[f"{name}.csv"])
        assert len(rows_read) == len(rows)
        assert not rows_read or list(rows_read[0]) == list(rows.columns)
    assert archive_files["cellules.csv"] == tabular_files.to_csv(
        comparison_files.long_table(comparison)
    )
    assert book.sheetnames[-len(tables) :] == list(tables)


def test_sheets_of_tables_hold_the_same_rows_as_the_archive(group, book):
    for name, rows in comparison_files.tables(group[1]).items():
        heading, *rows_read = book[name].iter_rows(values_only=True)
        assert (list(heading), len(rows_read)) == (list(rows.columns), len(rows)), name
        for column in ("montant", "valeur", "annee_debut"):
            if column in rows:
                index = heading.index(column)
                column_values = [row[index] for row in rows_read]
                assert [value is None for value in column_values] == list(rows[column].isna())
                known_values = [value for value in column_values if value is not None]
                assert known_values == pytest.approx(list(rows[column].dropna()), rel=1e-14)


# --- the numbers are those of the database --------------------------------------------------------


def number_of(sql: str, *values: object) -> float | None:
    value = query(sql, list(values)).iloc[0, 0]
    return None if pd.isna(value) else float(value)


def test_amounts_are_those_of_the_database(group):
    _, comparison = group
    rows = csv_rows(tabular_files.to_csv(comparison_files.long_table(comparison)))
    for row in rows:
        if row["rubrique"] != "budgets" or row["etat"] != "renseigne":
            continue
        perimeter, stage, extent, payer, length, *_, measure = row["ligne"].split(".")
        totals = query(
            """SELECT sum(montant) AS montant, any_value(population) AS people,
                 min(annee_debut) AS first, max(annee_fin) AS last
            FROM budgets_comparables a
            WHERE strategie_id = ? AND perimetre = ? AND etape = ? AND etendue = ? AND payeur = ?
              AND duree = ? AND comparable
            GROUP BY territoire_code, nature, recurrence,
              CASE WHEN recurrence IS NOT NULL THEN [annee_debut, annee_fin] END""",
            [row["strategie_id"], perimeter, stage, extent, payer, length],
        )
        years = 1 if length == "par_an" else totals["last"] - totals["first"] + 1
        expected = {
            "montant": totals["montant"],
            "euros_par_habitant": totals["montant"] / totals["people"],
            "euros_par_habitant_par_an": totals["montant"] / totals["people"] / years,
        }
        amount = pytest.approx(float(row["valeur"]), rel=1e-9)
        assert any(value == amount for value in expected[measure].dropna()), row


def test_an_unknown_amount_is_in_no_document_of_the_column(group):
    name, comparison = group
    if chosen(name):
        return
    for row in comparison.section("budgets").itertuples():
        if row.etat == "non_renseigne" and row.ligne.endswith(".montant"):
            perimeter, stage, *annual, _ = row.ligne.split(".")
            document_count = number_of(
                f"""SELECT count(*) FROM budgets_comparables b
                JOIN territoires_couverts t USING (strategie_id)
                WHERE t.territoire_niveau || '-' || t.territoire_code = ? AND perimetre = ?
                  AND etape = ? AND recurrence IS {"NOT NULL" if annual else "NULL"}
                  AND (t.lien NOT IN ('aire', 'partagee')
                       OR t.lien = 'partagee' AND b.territoire_niveau = t.territoire_niveau)""",
                row.cle, perimeter, stage,
            )  # fmt: skip
            assert document_count == 0, row


def test_sizes_and_ranks_are_those_of_the_database(group):
    _, comparison = group
    strategies_read = comparison.columns.set_index("colonne")["strategie_lue"]
    for row in comparison.cells.itertuples():
        if row.rubrique == "identite" and row.etat == "renseigne":
            sql = f"""SELECT {row.ligne} FROM territoires
            WHERE territoire_niveau || '-' || territoire_code = ?"""
            assert row.valeur == number_of(sql, row.cle)
        if row.rubrique == "priorites" and row.etat != "non_renseigne":
            rank = best_rank(row.ligne, strategies_read[row.colonne], named=True)
            assert (row.valeur is pd.NA and pd.isna(rank)) or row.valeur == rank


def best_rank(theme: str, id_: str, named: bool) -> object:
    """The rank, among the axes that a document names, of the first one about a theme."""
    sql = """
        WITH lus AS (
            SELECT *, CASE WHEN certitude = 'explicite' THEN
                count(*) FILTER (certitude = 'explicite') OVER (ORDER BY rang) END AS place
            FROM priorites WHERE strategie_id = $id
        )
        SELECT CASE WHEN bool_or(theme = $theme) THEN min(place) FILTER (theme = $theme)
                    ELSE min(place) END
        FROM lus WHERE (theme = $theme OR list_contains(themes_secondaires, $theme))
          AND (certitude = 'explicite' OR NOT $named)"""
    return query(sql, {"theme": theme, "id": id_, "named": named}).iloc[0, 0]


def test_axes_that_no_document_names_are_shown_when_asked_without_a_rank():
    territories = [parse_key(key) for key in GROUPS["mixed"]]
    every, named = (compare(territories, named_only=only) for only in (False, True))
    strategies_read = every.columns.set_index("colonne")["strategie_lue"]
    rows = every.section("priorites")
    rows = rows[rows["etat"] == "renseigne"]
    for row in rows.itertuples():
        rank = best_rank(row.ligne, strategies_read[row.colonne], named=False)
        assert (row.valeur is pd.NA and pd.isna(rank)) or row.valeur == rank
        assert row.texte.endswith("relevé par nous") == (row.valeur is pd.NA)
    assert rows["valeur"].isna().any()
    assert not named.section("priorites")["texte"].str.contains("par nous").any()


def test_unknown_is_never_zero_nor_blank(group, book):
    _, comparison = group
    rows = csv_rows(tabular_files.to_csv(comparison_files.long_table(comparison)))
    for row in rows:
        assert row["texte"].strip()
        if row["etat"] != "renseigne":
            assert row["valeur"] == "" and row["texte"] in (MISSING, "–", "sans objet")
    for name in SECTIONS:
        words = comparison.text_matrix(name)
        if words.empty:
            continue
        rows = book[SHEETS[name]].iter_rows(min_row=2, max_row=len(words) + 1, min_col=2)
        for cell in (cell for row in rows for cell in row):
            assert cell.value is not None
            assert cell.value != 0 or format_number(0) in words.iat[cell.row - 2, cell.column - 2]
            if cell.value == MISSING:
                assert cell.font.i and cell.font.color.rgb == "FF595959"


# --- what a file says of itself -------------------------------------------------------------------


def test_every_column_is_in_a_dictionary(bretagne):
    described = described_tables("comparison")
    assert list(described["comparaison"].columns) == list(
        comparison_files.long_table(bretagne).columns
    )
    assert set(described["comparaison"].columns) == set(bretagne.cells.columns)
    assert list(described["colonnes"].columns) == list(
        comparison_files.columns_table(bretagne).columns
    )
    for table in described.values():
        for field in table.fields:
            assert field.title and field.description and field.example, field.name
    tables = comparison_files.tables(bretagne)
    described_columns = {(row.table, row.colonne) for row in tables["dictionnaire"].itertuples()}
    del tables["dictionnaire"]
    for name, rows in tables.items():
        for column in rows.columns:
            coded = column.removesuffix("_libelle")
            assert (name, column) in described_columns or (coded != column and coded in rows), (
                name,
                column,
            )


def test_states_and_sections_are_those_of_the_dictionary(group):
    _, comparison = group
    path = TABLES_DIR / "comparison" / "comparaison.json"
    with path.open(encoding="utf-8") as file:
        fields = {field["name"]: field for field in json.load(file)["fields"]}
    assert fields["rubrique"]["constraints"]["enum"] == list(SECTIONS)
    assert set(comparison.cells["rubrique"]) <= set(SECTIONS)
    assert set(comparison.cells["etat"]) <= set(fields["etat"]["constraints"]["enum"])


def test_first_sheet_has_documents_method_and_address(group, book):
    _, comparison = group
    sheet = book["Lisez-moi"]
    lines_read = [tuple(row) for row in sheet.iter_rows(values_only=True) if row[0]]
    assert lines_read == [line for line in notes_lines(comparison, ExportOptions()) if line[0]]
    address = "https://exemple.fr/comparer?t=x"
    lines = dict(notes_lines(comparison, ExportOptions(row_filter="differences", address=address)))
    assert lines["Source"] == table_writers.citation_sentence() and lines["Adresse"] == address
    assert "diffèrent" in lines["Lignes"] and "zéro" in lines["Inconnu"]
    assert ("Niveaux" in lines) == (comparison.columns["territoire_niveau"].nunique() > 1)
    titles = query("SELECT strategie_id, titre FROM strategies").set_index("strategie_id")["titre"]
    for column in comparison.columns.itertuples():
        text = lines[column.titre_colonne]
        if isinstance(column.strategie_id, str):
            assert titles[column.strategie_id].replace("'", "’") in text and "Source : " in text
        else:
            known_documents = query(
                "SELECT count(*) FROM territoires_couverts WHERE lien <> 'aire' AND "
                "territoire_niveau || '-' || territoire_code = ?",
                [column.cle],
            ).iloc[0, 0]
            expected_text = "Aucun document de cette sorte" if known_documents else "tratégie"
            assert expected_text in text and "Source : " not in text


def test_all_sources_cited_are_in_the_sources(group):
    _, comparison = group
    tables = comparison_files.tables(comparison)
    cited = {source for ids in tables["cellules"]["source_ids"] for source in ids}
    for rows in tables.values():
        cited |= set(rows["source_id"].dropna()) if "source_id" in rows else set()
    assert cited == set(tables["sources"]["source_id"])


def test_one_edition_gives_one_file(bretagne):
    again = compare([parse_key(key) for key in GROUPS["bretagne"]])
    for extension in ("json", "xlsx", "zip"):
        assert comparison_files.encode(bretagne, extension) == comparison_files.encode(
            again, extension
        ), extension


HOSTILE = ['=HYPERLINK("http://x.fr")', "+33", "@SUM(A1)", "-1+1", '"0"[Red];@', "\x01<b>&"]


def test_hostile_text_stays_text(bretagne):
    cells = bretagne.cells.copy()
    hostile = [HOSTILE[index % len(HOSTILE)] for index in range(len(cells))]
    numeric = cells["valeur"].notna()
    cells["texte"] = [
        f"{text} {word}" if is_numeric else text
        for text, word, is_numeric in zip(hostile, cells["texte"], numeric, strict=True)
    ]
    cells["libelle"] = [f"{HOSTILE[0]} {line}" for line in cells["ligne"]]
    links = bretagne.facts["mutualisations"].assign(solution=HOSTILE[0], source_url=HOSTILE[1])
    facts = dict(bretagne.facts) | {"mutualisations": links}
    hostile_comparison = replace(bretagne, cells=cells, facts=facts)
    book = workbook(comparison_files.comparison_workbook(hostile_comparison))
    for sheet in book.worksheets:
        for cell in (cell for row in sheet.iter_rows() for cell in row):
            assert cell.data_type != "f" and cell.hyperlink is None, (sheet.title, cell.value)
    archive = zipfile.ZipFile(io.BytesIO(comparison_files.to_zip(hostile_comparison)))
    for name in archive.namelist():
        if name.endswith(".csv"):
            for row in csv_rows(archive.read(name)):
                for value in row.values():
                    starts = re.match(r"[=+\-@\t\r]", value)
                    assert not starts or re.fullmatch(r"-?[\d.]+", value), (name, value)


# --- selections -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("which", "extension"), [("differences", "csv"), ("commun", "json"), ("differences", "zip")]
)
def test_rows_shown_and_sections_are_those_asked_for(client, bretagne, which, extension):
    sections = ("services", "identite")
    path, more = address("bretagne", extension, montrer=which, rubrique=list(sections))
    content = client.get(path, **more).content
    if extension == "json":
        lines = [(c["rubrique"], c["ligne"]) for c in json.loads(content)["cellules"]]
    else:
        if extension == "zip":
            content = zipfile.ZipFile(io.BytesIO(content)).read("cellules.csv")
        lines = [(c["rubrique"], c["ligne"]) for c in csv_rows(content)]
    expected = [
        (name, line)
        for name in ("identite", "services")
        for line in bretagne.section(name, which)["ligne"]
    ]
    assert lines == expected and len(expected) > 0
    assert len(expected) < len(bretagne.cells[bretagne.cells["rubrique"].isin(sections)])


# --- addresses ------------------------------------------------------------------------------------


@pytest.mark.parametrize("extension", list(comparison_files.MEDIA_TYPES))
def test_an_address_gives_a_file_once(client, extension):
    path, more = address("silent", extension)
    response = client.get(path, **more)
    assert response.status_code == 200
    assert response.headers["content-type"] == comparison_files.MEDIA_TYPES[extension]
    assert response.headers["access-control-allow-origin"] == "*"
    name = f"stratoscope_comparaison-{'-'.join(GROUPS['silent'])}_"
    assert name in response.headers["content-disposition"]
    headers = {"If-None-Match": response.headers["etag"]}
    assert client.get(path, **more, headers=headers).status_code == 304


def test_another_comparison_is_another_file(client):
    path, more = address("silent", "csv")
    headers = {"If-None-Match": client.get(path, **more).headers["etag"]}
    other_query = {"t": "commune-01004,commune-01005"}
    assert client.get(path, params=other_query, headers=headers).status_code == 200


def test_territories_are_repeated_or_separated_by_commas(client):
    several = "/api/v1/comparaison.csv?t=region-53&t=region-52"
    assert client.get(several).content == client.get(
        "/api/v1/comparaison.csv?t=region-53, region-52"
    ).content  # fmt: skip


def test_the_address_of_the_page_is_in_the_file(client):
    payload = client.get("/api/v1/comparaison.json?t=region-53,region-52&montrer=commun").json()
    page = "http://testserver/comparer?t=region-53&t=region-52&montrer=commun"
    assert payload["adresse"] == page


def test_index_describes_comparisons(client):
    entry = client.get("/api/v1/").json()["comparaison"]
    assert client.get(entry["adresse"]).status_code == 200
    assert entry["formats"] == list(comparison_files.MEDIA_TYPES)


WRONG = [
    ("", "Aucun territoire"),
    ("t=region-53", "Une seule colonne"),
    ("t=region-53,region-53", "Une seule colonne"),
    ("t=", "« t » est vide"),
    ("t=,", "Aucun territoire"),
    ("t=region-53&t=bretagne", "region-53 (Bretagne)"),
    ("t=region-53,departement-999", "departement-999"),
    ("t=region-53,commune-01003", "C’est aujourd’hui"),
    ("t=" + ",".join(f"departement-{n}" for n in range(21, 28)), "7\xa0territoires : c’est trop"),
    ("t=region-53,region-52&doc=rien", "« rien » n’est pas un document"),
    ("t=region-53,region-52&montrer=tout&montrer=commun", "une valeur"),
    ("t=region-53,region-52&rubrique=argent", "valeurs possibles : identite"),
    ("t=region-53,region-52&theme=donnees", "Paramètre inconnu : « theme »"),
    ("t=region-53,' OR 1=1 --", "n’est pas un territoire"),
]


@pytest.mark.parametrize(("query_string", "message"), WRONG)
def test_what_cannot_be_compared_is_refused_in_french(client, query_string, message):
    response = client.get(f"/api/v1/comparaison.xlsx?{query_string}")
    assert response.status_code == 400
    assert message in response.json()["erreur"]
    assert response.headers["access-control-allow-origin"] == "*"


def test_too_many_columns_are_refused_rather_than_cut(client):
    many = query(
        """SELECT territoire_niveau || '-' || territoire_code AS cle, list(strategie_id) AS ids
        FROM strategies GROUP BY ALL HAVING count(*) >= 2 ORDER BY cle LIMIT 5"""
    )
    docs = [doc for ids in many["ids"] for doc in list(ids)[:2]]
    response = client.get("/api/v1/comparaison.json", params={"t": list(many["cle"]), "doc": docs})
    assert response.status_code == 400 and "10\xa0colonnes" in response.json()["erreur"]
    one_territory = {"t": many["cle"].iloc[0], "doc": docs[:2]}
    assert len(client.get("/api/v1/comparaison.json", params=one_territory).json()["colonnes"]) == 2


def test_unknown_formats_and_a_missing_database(client, tmp_path, monkeypatch):
    assert client.get("/api/v1/comparaison.exe?t=region-53,region-52").status_code == 404
    monkeypatch.setenv("STRATOSCOPE_DATABASE", str(tmp_path / "absente.duckdb"))
    response = client.get("/api/v1/comparaison.csv?t=region-53,region-52")
    assert response.status_code == 503 and "n’existe pas encore" in response.json()["erreur"]


# --- command line ---------------------------------------------------------------------------------


@pytest.mark.parametrize("extension", ["text", *comparison_files.MEDIA_TYPES])
def test_the_command_writes_a_file(tmp_path, extension):
    path = tmp_path / f"comparaison.{extension}"
    assert main(arguments("silent", "--format", extension, "-o", str(path))) == 0
    if extension != "text":
        silent = compare([parse_key(key) for key in GROUPS["silent"]])
        assert path.read_bytes() == comparison_files.encode(silent, extension)
    else:
        assert "Population" in path.read_text("utf-8")


@pytest.mark.parametrize(
    ("words", "key"),
    [
        ("ille et vilaine", "departement-35"),
        ("Finistère", "departement-29"),
        ("35", "departement-35"),
        ("rennes", "commune-35238"),
        ("rennes metropole", "epci-243500139"),
        ("departement mayenne", "departement-53"),
        ("grand lyon", "epci-200046977"),
    ],
)
def test_territories_are_understood_from_words(capfdbinary, words, key):
    assert main(["compare", words, "commune-01004", "--format", "json"]) == 0
    out, notes = (part.decode("utf-8") for part in capfdbinary.readouterr())
    assert json.loads(out)["colonnes"][0]["cle"] == key
    assert f"« {words} »" in notes and f"[{key}]" in notes


@pytest.mark.parametrize(
    ("more", "code", "message"),
    [
        (["paris", "region-28"], 1, "peut désigner Paris, département 75 [departement-75] ou"),
        (["zzzzqqq", "region-28"], 1, "Rien pour « zzzzqqq »"),
        (["commune-01003", "region-28"], 1, "C’est aujourd’hui"),
        (["region-28"], 1, "Une seule colonne"),
        (["region-28", "region-53", "--doc", "rien"], 1, "n’est pas un document"),
        (["region-28", "region-53", "--rubrique", "rien"], 1, "valeur de « rubrique »"),
        (["region-28", "region-53", "--format", "xlsx"], 2, "-o FICHIER"),
        (["region-28", "region-53", "-o", "/absent/x.txt"], 2, "Impossible d’écrire"),
    ],
)
def test_the_command_says_in_french_what_is_wrong(capfdbinary, more, code, message):
    assert main(["compare", *more]) == code
    out, errors = (part.decode("utf-8") for part in capfdbinary.readouterr())
    assert message in errors and out == ""


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ([], "il manque"),
        (["region-28", "region-53", "--format", "pdf2"], "valeur inconnue"),
        (["region-28", "region-53", "--montrer"], "il faut une valeur"),
        (["region-28", "region-53", "--rien"], "arguments inconnus"),
    ],
)
def test_a_command_badly_written_is_told_in_french(capfd, more, message):
    with pytest.raises(SystemExit) as left:
        main(["compare", *more])
    assert left.value.code == 2 and message in capfd.readouterr().err


def test_the_command_without_a_database(capfd, tmp_path, monkeypatch):
    monkeypatch.setenv("STRATOSCOPE_DATABASE", str(tmp_path / "absente.duckdb"))
    assert main(["compare", "region-28", "region-53"]) == 2
    assert "python -m comparisons build" in capfd.readouterr().err
