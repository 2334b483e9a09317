"""An exported file, read again, has the values and types of the screen, and its citation."""

import pandas as pd
import pytest
from file_contents import csv_rows, open_workbook, sheet_rows

from comparisons import tabular_files
from comparisons.database.connection import dataset_metadata, query
from comparisons.datapackage.validation.validator import validate
from comparisons.exports import table_writers
from comparisons.schema.model import load_format
from comparisons.settings import FORMAT_DIR

pytestmark = pytest.mark.usefixtures("database")

FORMULAS = ["=1+1", "+33", "-5", "@SUM(A1)", "\t=1", '=HYPERLINK("http://x.fr")', "{=1+1}"]
TABLE = pd.DataFrame(
    {
        "nom": ["Élancourt – « cœur »", 'guillemets ", et virgule', None],
        "annee": pd.array([2021, None, 2023], dtype="Int64"),
        "montant": [1200000.5, None, 0.0],
        "approximatif": pd.array([True, False, None], dtype="boolean"),
        "intitules": [["Un", "Deux, à deux"], None, []],
    }
)


def test_csv_holds_what_went_in_and_empty_cells_stay_empty():
    assert csv_rows(tabular_files.to_csv(TABLE)) == [
        {
            "nom": "Élancourt – « cœur »",
            "annee": "2021",
            "montant": "1200000.5",
            "approximatif": "oui",
            "intitules": "Un|Deux, à deux",
        },
        {
            "nom": 'guillemets ", et virgule',
            "annee": "",
            "montant": "",
            "approximatif": "non",
            "intitules": "",
        },
        {"nom": "", "annee": "2023", "montant": "0", "approximatif": "", "intitules": ""},
    ]


def test_workbook_holds_what_went_in_with_its_types():
    assert sheet_rows(table_writers.to_xlsx({"Essai": TABLE}), "Essai") == [
        tuple(TABLE.columns),
        ("Élancourt – « cœur »", 2021, 1200000.5, True, "Un|Deux, à deux"),
        ('guillemets ", et virgule', None, None, False, None),
        (None, 2023, 0, None, None),
    ]


@pytest.mark.parametrize("text", FORMULAS)
def test_text_that_looks_like_a_formula_stays_text(text):
    rows = pd.DataFrame({"nom": [text], "montant": [-5.0]})
    (row,) = csv_rows(tabular_files.to_csv(rows))
    assert row["nom"].startswith(("'", "{")) and row["nom"].endswith(text)
    assert row["montant"] == "-5"  # a number below zero is a number
    book = open_workbook(table_writers.to_xlsx({"Essai": rows}))
    cell = book["Essai"]["A2"]
    assert (cell.data_type, cell.value, cell.hyperlink) == ("s", text, None)


@pytest.mark.parametrize("text", FORMULAS)
def test_a_column_name_that_looks_like_a_formula_stays_text(text):
    rows = pd.DataFrame({text: [1]})
    ((name,),) = map(list, csv_rows(tabular_files.to_csv(rows)))
    assert name.startswith(("'", "{")) and tabular_files.unescape_formula(name) == text
    book = open_workbook(table_writers.to_xlsx({text: rows}))
    cell = book.worksheets[1]["A1"]
    assert (cell.data_type, cell.value, cell.hyperlink) == ("s", text, None)
    assert not book.sheetnames[1].startswith(tuple("=+-@'\t"))


def test_the_alias_of_a_query_is_no_formula(client):
    query = """SELECT 1 AS "=HYPERLINK('http://x.fr')" """
    text = client.get("/api/v1/sql", params={"q": query, "format": "csv"}).text
    assert text == """'=HYPERLINK('http://x.fr')\n1\n"""


@pytest.mark.parametrize(
    ("name", "expected"),
    [("'a'", "a"), ("=1+1", "1+1"), ("a:b/c", "a b c"), ("''", "feuille"), ("x" * 40, "x" * 31)],
)
def test_any_text_makes_a_name_of_a_sheet(name, expected):
    assert tabular_files.sheet_name(name) == expected


def test_tables_of_the_format_exported_as_csv_make_the_same_package(tmp_path):
    for name in load_format().tables:
        rows = query(f"SELECT * FROM {name}")
        (tmp_path / f"{name}.csv").write_bytes(tabular_files.to_csv(rows))
    report = validate(tmp_path)
    assert report.errors == ()
    for name, table in report.package.tables.items():
        assert len(table) == query(f"SELECT count(*) AS n FROM {name}")["n"].iloc[0]


@pytest.mark.parametrize(
    ("table", "column", "code", "label"),
    [
        ("strategies", "type", "sdtan", "Schéma d’aménagement numérique"),
        # the same names of columns, other lists of codes
        ("sources", "type", "presse", None),
        ("budgets", "nature", "investissement", None),
        ("indicateurs", "nature", "realise", None),
    ],
)
def test_codes_come_with_the_labels_of_their_own_table(table, column, code, label):
    if label is None:
        vocabulary = load_format().tables[table].field(column).vocabulary
        codes = pd.read_csv(FORMAT_DIR / "vocabulaires" / f"{vocabulary}.csv", index_col="code")
        label = codes.loc[code, "libelle"]
    labelled = table_writers.add_labels(query(f"SELECT * FROM {table} WHERE {column} = ?", [code]))
    position = labelled.columns.get_loc(column)
    assert labelled.columns[position + 1] == f"{column}_libelle"
    assert set(labelled[f"{column}_libelle"]) == {label}


def test_a_column_without_codes_gets_no_label():
    for table in ("territoires", "anciennes_communes"):
        labelled = table_writers.add_labels(query(f"SELECT * FROM {table} LIMIT 5"))
        assert not {"type_libelle", "nature_libelle"} & set(labelled.columns)


def test_lists_of_codes_and_unknown_codes_get_labels_too():
    themes = pd.DataFrame(
        {"theme": ["donnees", None], "themes_secondaires": [["donnees", "autre"], None]}
    )
    labelled = table_writers.add_labels(themes)
    assert labelled["theme_libelle"].iloc[0] != "donnees"
    assert labelled["themes_secondaires_libelle"].iloc[0].count("|") == 1
    assert labelled[["theme_libelle", "themes_secondaires_libelle"]].iloc[1].isna().all()


def test_first_sheet_says_what_it_is_and_how_to_cite_it():
    rows = query("SELECT * FROM budgets LIMIT 3")
    values_by_label = dict(
        row[:2]
        for row in sheet_rows(
            table_writers.to_xlsx({"budgets": rows}, "Trois montants"), "Lisez-moi"
        )
        if row[0]
    )
    assert values_by_label["Contenu"] == "Trois montants"
    assert values_by_label["Licence"] == "Licence Ouverte 2.0 (Etalab)"
    for words in (str(dataset_metadata()["version"]), "Stratoscope", "Licence Ouverte 2.0", "2026"):
        assert words in values_by_label["Source"]
    assert "pas zéro" in values_by_label["Cellule vide"]
    field = load_format().tables["budgets"].field("inclus_dans")
    assert values_by_label["budgets · inclus_dans"] == field.description


def test_a_workbook_is_dated_as_its_data():
    book = open_workbook(table_writers.to_xlsx({"Essai": TABLE}))
    assert str(book.properties.created.date()) == dataset_metadata()["date"]


def test_an_empty_table_is_still_a_table():
    empty = TABLE.head(0)
    assert tabular_files.to_csv(empty).decode() == ",".join(TABLE.columns) + "\n"
    assert sheet_rows(table_writers.to_xlsx({"Vide": empty}), "Vide") == [tuple(TABLE.columns)]


def test_file_names_tell_content_and_version():
    name = table_writers.file_name("Comparaison : departement-35/carte", "xlsx")
    assert (
        name == f"stratoscope_comparaison-departement-35-carte_{dataset_metadata()['version']}.xlsx"
    )
