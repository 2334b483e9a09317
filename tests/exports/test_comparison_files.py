"""Files of a comparison carry the page's own cells, words and sources, no other."""

import io
import json
import re
import zipfile
from dataclasses import replace
from urllib.parse import parse_qs

import openpyxl
import pandas as pd
import pytest
from file_contents import csv_rows, open_workbook, plain
from recounted import STRATEGIES, TERRITORIES, axes_read, borne, lead, named_ranks

from comparisons import tabular_files
from comparisons.analysis.comparison.cells import SECTIONS
from comparisons.analysis.comparison.comparison import Comparison, compare
from comparisons.analysis.comparison.request import parse_request
from comparisons.cli.main import main
from comparisons.database.connection import query
from comparisons.errors import BadRequestError
from comparisons.exports import comparison_files, table_writers
from comparisons.exports.comparison_notes import ExportOptions, notes_lines
from comparisons.exports.comparison_workbook import READING_COLUMN, SHEETS
from comparisons.formatting import MISSING, format_number
from comparisons.schema.territory import parse_key

pytestmark = pytest.mark.usefixtures("database")

GROUPS = {
    "bretagne": ("departement-35", "departement-29", "departement-22", "departement-56"),
    "mixed": ("region-53", "departement-35", "epci-243500139", "commune-35238"),
    "silent": ("commune-01004", "commune-02001"),
    "editions": ("departement-53", "departement-72"),
}


def chosen(name: str) -> list[str]:
    """The documents asked for: for `editions`, some of those of the first territory."""
    if name != "editions":
        return []
    key = tuple(GROUPS[name][0].split("-"))
    return [id_ for id_, row in STRATEGIES.items() if lead(row) == key][:3]


@pytest.fixture(scope="module", params=GROUPS)
def group(request, database) -> tuple[str, Comparison]:
    keys = GROUPS[request.param]
    return request.param, compare([parse_key(key) for key in keys], chosen(request.param))


@pytest.fixture(scope="module")
def book(group) -> openpyxl.Workbook:
    return open_workbook(comparison_files.comparison_workbook(group[1]))


@pytest.fixture(scope="module")
def bretagne(database) -> Comparison:
    return compare([parse_key(key) for key in GROUPS["bretagne"]])


def arguments(name: str, *more: str) -> list[str]:
    docs = [part for doc in chosen(name) for part in ("--doc", doc)]
    return ["compare", *GROUPS[name], *docs, *more]


def page_cells(comparison: Comparison) -> list[tuple]:
    """What the page holds, in plain values: section, row, column, words, number."""
    parts = [comparison.section(name) for name in SECTIONS]
    return [
        (c.rubrique, c.ligne, c.colonne, c.texte, None if c.valeur is pd.NA else float(c.valeur))
        for part in parts
        for c in part.itertuples()
    ]


# --- the same numbers everywhere ------------------------------------------------------------------


def test_files_have_the_cells_of_the_page_its_columns_and_its_summary(group):
    _, comparison = group
    assert len(page_cells(comparison)) == len(comparison.cells) > 20
    payload = json.loads(comparison_files.to_json(comparison))
    cells = [
        (c["rubrique"], c["ligne"], c["colonne"], c["texte"], c["valeur"])
        for c in payload["cellules"]
    ]
    assert cells == page_cells(comparison)
    assert [s["texte"] for s in payload["resume"]] == [s.texte for s in comparison.statements]
    assert [c["titre_colonne"] for c in payload["colonnes"]] == list(comparison.names.values())


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


# --- the numbers are those of the database --------------------------------------------------------


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
            document_count = query(
                f"""SELECT count(*) FROM budgets_comparables b
                JOIN territoires_couverts t USING (strategie_id)
                WHERE t.territoire_niveau || '-' || t.territoire_code = ? AND perimetre = ?
                  AND etape = ? AND recurrence IS {"NOT NULL" if annual else "NULL"}
                  AND (t.lien NOT IN ('aire', 'partagee')
                       OR t.lien = 'partagee' AND b.territoire_niveau = t.territoire_niveau)""",
                [row.cle, perimeter, stage],
            ).iloc[0, 0]
            assert document_count == 0, row


def test_sizes_and_ranks_are_those_of_the_packages(group):
    _, comparison = group
    strategies_read = comparison.columns.set_index("colonne")["strategie_lue"]
    for row in comparison.cells.itertuples():
        if row.rubrique == "identite" and row.etat == "renseigne":
            assert row.valeur == float(TERRITORIES[tuple(row.cle.split("-"))][row.ligne])
        if row.rubrique == "priorites" and row.etat != "non_renseigne":
            rank = best_rank(row.ligne, strategies_read[row.colonne], named=True)
            assert row.valeur is pd.NA if rank is None else row.valeur == rank


def best_rank(theme: str, id_: str, named: bool) -> int | None:
    """The rank, among the axes that a document names, of the first one about a theme."""
    axes = [axis for axis in axes_read(id_, named) if theme in borne(axis)]
    main = [axis for axis in axes if axis["theme"] == theme]
    ranks = (named_ranks().get((id_, axis["rang"])) for axis in main or axes)
    return min(filter(None, ranks), default=None)


def test_axes_that_no_document_names_are_shown_when_asked_without_a_rank():
    territories = [parse_key(key) for key in GROUPS["mixed"]]
    every, named = (compare(territories, named_only=only) for only in (False, True))
    strategies_read = every.columns.set_index("colonne")["strategie_lue"]
    rows = every.section("priorites")
    rows = rows[rows["etat"] == "renseigne"]
    for row in rows.itertuples():
        rank = best_rank(row.ligne, strategies_read[row.colonne], named=False)
        assert row.valeur is pd.NA if rank is None else row.valeur == rank
        assert row.texte.endswith("relevé par nous") == (row.valeur is pd.NA)
    assert rows["valeur"].isna().any()
    assert not named.section("priorites")["texte"].str.contains("par nous").any()


def test_unknown_is_never_zero_nor_blank(group, book):
    _, comparison = group
    rows = csv_rows(tabular_files.to_csv(comparison_files.long_table(comparison)))
    for row in rows:
        assert row["texte"].strip()
        if row["etat"] != "renseigne":
            assert row["valeur"] == ""
            assert row["texte"] in (MISSING, "–", "sans objet") or (
                row["etat"] == "sans_objet" and row["texte"].startswith("du ressort d")
            )
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
    book = open_workbook(comparison_files.comparison_workbook(hostile_comparison))
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


# --- selections and requests ----------------------------------------------------------------------


@pytest.mark.parametrize("which", ["differences", "commun"])
def test_rows_shown_and_sections_are_those_asked_for(client, bretagne, which):
    sections = ("services", "identite")
    asked = {"t": ",".join(GROUPS["bretagne"]), "montrer": which, "rubrique": list(sections)}
    payload = client.get("/api/v1/comparaison.json", params=asked).json()
    expected = [
        (name, line)
        for name in ("identite", "services")
        for line in bretagne.section(name, which)["ligne"]
    ]
    assert [(c["rubrique"], c["ligne"]) for c in payload["cellules"]] == expected != []
    assert {statement["rubrique"] for statement in payload["resume"]} <= set(sections)
    assert len(expected) < len(bretagne.cells[bretagne.cells["rubrique"].isin(sections)])
    # of all the sections, those of the page
    assert payload["adresse"].endswith(f"t=departement-56&montrer={which}")
    archive = client.get("/api/v1/comparaison.zip", params=asked).content
    cells = csv_rows(zipfile.ZipFile(io.BytesIO(archive)).read("cellules.csv"))
    assert [(c["rubrique"], c["ligne"]) for c in cells] == expected


@pytest.mark.parametrize(
    ("query_string", "message"),
    [
        ("", "Aucun territoire"),
        ("t=region-53", "Une seule colonne"),
        ("t=region-53,region-53", "Une seule colonne"),
        ("t=,", "Aucun territoire"),
        ("t=region-53&t=bretagne", "region-53 (Bretagne)"),
        ("t=region-53,departement-999", "departement-999"),
        ("t=region-53,commune-01003", "C’est aujourd’hui"),
        ("t=" + ",".join(f"departement-{n}" for n in range(21, 28)), "7\xa0territoires"),
        ("t=region-53,region-52&doc=rien", "« rien » n’est pas un document"),
        ("t=region-53,region-52&rubrique=argent", "valeurs possibles : identite"),
        ("t=region-53,' OR 1=1 --", "n’est pas un territoire"),
    ],
)
def test_what_cannot_be_compared_is_refused_in_french(query_string, message):
    with pytest.raises(BadRequestError) as refused:
        parse_request(parse_qs(query_string))
    assert message in str(refused.value)


def test_too_many_columns_are_refused_rather_than_cut():
    many = query(
        """SELECT territoire_niveau || '-' || territoire_code AS cle, list(strategie_id) AS ids
        FROM strategies GROUP BY ALL HAVING count(*) >= 2 ORDER BY cle LIMIT 5"""
    )
    docs = [doc for ids in many["ids"] for doc in list(ids)[:2]]
    with pytest.raises(BadRequestError, match="10\xa0colonnes"):
        parse_request({"t": list(many["cle"]), "doc": docs})
    one_territory = parse_request({"t": [many["cle"].iloc[0]], "doc": docs[:2]})
    assert len(one_territory.build_comparison().columns) == 2
