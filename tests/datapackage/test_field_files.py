"""Check that files are read as people have them, or that what is wrong is told."""

import datetime as dt
import io
import re
import zipfile
from pathlib import Path

import openpyxl
import pytest
from package_files import (
    build_ods,
    build_workbook,
    build_zip,
    csv_table,
    source_row,
    strategy_row,
)

from comparisons.datapackage.problems import WARNING
from comparisons.datapackage.reader import read_upload
from comparisons.datapackage.validation.annotated_workbook import annotated_workbook
from comparisons.datapackage.validation.validator import validate

LINE = {
    "territoire_niveau": "departement",
    "territoire_code": "53",
    "titre": "Stratégie numérique",
    "type": "sdusn",
    "date_adoption": "2021-06-24",
    "url": "https://exemple.fr/strategie.pdf",
    "montant_total": "1200000",
    "montant_etape": "vote",
    "montant_perimetre": "usages",
    "montant_annees": "2021-2026",
    "maj_le": "2026-11-23",
}
MONTH = dt.date(2021, 6, 1)


def report_of(content: bytes | str, name: str = "court.csv"):
    return validate(read_upload(content.encode() if isinstance(content, str) else content, name))


def told(report) -> list[tuple]:
    return [(problem.severity, problem.line, problem.code) for problem in report.problems]


def loaded(report, table: str, column: str) -> list[str]:
    return report.package.tables[table][column].tolist()


def short_workbook(column: str, value: object, number_format: str = "", link: str = "") -> bytes:
    def change(sheet):
        cell = sheet.cell(2, list(LINE).index(column) + 1)
        cell.number_format = number_format or cell.number_format
        if link:
            cell.hyperlink = link
            cell.value = value

    return build_workbook({"court": [list(LINE), list((LINE | {column: value}).values())]}, change)


# --- workbooks: what cells show -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "number_format", "amount"),
    [
        (1.2, '0.0" M€"', "1200000"),
        (350, '#,##0" k€"', "350000"),
        (1.234567, "0.0\\ \\M€", "1234567"),
        (1234567, '#,##0,"k€"', "1234567"),  # the format divides: the value is right
        (1234567, '0.0,,"M€"', "1234567"),
        (1200000, '#,##0" €"', "1200000"),
        (1200000, "#,##0.00\\ [$€-40C]", "1200000"),
        (1200000, "#,##0", "1200000"),
    ],
)
def test_amounts_are_read_as_their_format_shows_them(value, number_format, amount):
    report = report_of(short_workbook("montant_total", value, number_format), "court.xlsx")
    assert report.is_valid and loaded(report, "budgets", "montant") == [amount]
    assert told(report) == (
        [] if float(value) == float(amount) else [(WARNING, 2, "valeur-interpretee")]
    )


@pytest.mark.parametrize(
    ("value", "number_format", "date"),
    [
        (MONTH, "mmmm yyyy", "2021-06"),
        (MONTH, "mmm-yy", "2021-06"),
        (MONTH, "yyyy", "2021"),
        (MONTH, "dd/mm/yyyy", "2021-06-01"),
        (dt.date(1905, 7, 13), "dd/mm/yyyy", "2021"),  # the number 2021 in a cell of dates
    ],
)
def test_dates_have_what_their_format_shows(value, number_format, date):
    report = report_of(short_workbook("date_adoption", value, number_format), "court.xlsx")
    assert report.is_valid and loaded(report, "strategies", "date_adoption") == [date]


@pytest.mark.parametrize(
    ("value", "number_format", "shown"), [(0.45, "0%", "45 %"), (5000, "[$$-409]#,##0", "5000 $")]
)
def test_a_share_and_dollars_are_not_euros(value, number_format, shown):
    report = report_of(short_workbook("montant_total", value, number_format), "court.xlsx")
    assert [problem.value for problem in report.errors] == [shown]


def test_an_amount_of_some_euros_is_told():
    report = report_of(short_workbook("montant_total", 12.5), "court.xlsx")
    assert told(report) == [(WARNING, 2, "montant-minuscule")]


def test_the_link_behind_a_text_is_the_address():
    content = short_workbook("url", "Délibération", link="https://exemple.fr/deliberation.pdf")
    report = report_of(content, "court.xlsx")
    assert loaded(report, "sources", "url") == ["https://exemple.fr/deliberation.pdf"]
    assert told(report) == [(WARNING, 2, "valeur-interpretee")]


def test_an_ods_cell_is_read_as_it_is_shown():
    rows = [list(LINE), list((LINE | {"montant_total": 1.2}).values())]
    content = change_ods(build_ods({"court": rows}), "1.2</text:p>", "1,2 M€</text:p>")
    report = report_of(content, "court.ods")
    assert loaded(report, "budgets", "montant") == ["1200000"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Délib</text:p>", '<text:a xlink:href="https://exemple.fr/d.pdf">Délib</text:a></text:p>'),
        (
            '"string"><text:p>Délib',
            '"string" table:formula="of:=HYPERLINK(&quot;https://exemple.fr/d.pdf&quot;;'
            '&quot;Délib&quot;)"><text:p>Délib',
        ),
    ],
)
def test_the_link_behind_a_text_of_an_ods_is_the_address(old, new):
    content = build_ods({"court": sheet_of(LINE | {"url": "Délib"})})
    report = report_of(change_ods(content, old, new), "court.ods")
    assert loaded(report, "sources", "url") == ["https://exemple.fr/d.pdf"]
    assert told(report) == [(WARNING, 2, "valeur-interpretee")]


def test_an_xls_is_read_as_its_cells_show():
    # « 1,2 M€ », 45 %, « juin 2021 », a link, a code with a zero, an error, a year in a date
    content = Path(__file__).with_name("formats.xls").read_bytes()
    report = report_of(content, "formats.xls")
    assert loaded(report, "budgets", "montant") == ["1200000", "45 %", "#DIV/0!"]
    assert loaded(report, "strategies", "date_adoption") == ["2021-06", "2021-06-24", "2021"]
    assert loaded(report, "strategies", "territoire_code") == ["53", "01", "35"]
    assert loaded(report, "sources", "url")[0] == "https://exemple.fr/deliberation.pdf"


def change_ods(ods: bytes, old: str, new: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(ods)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts["content.xml"] = parts["content.xml"].replace(old.encode(), new.encode())
    return build_zip(parts)


OPEN_XML = "http://schemas.openxmlformats.org"


def as_strict(path: str, xml: str) -> str:
    """Write a part of a workbook as Excel does in « Strict Open XML »: names, dates."""
    xml = xml.replace(f"{OPEN_XML}/spreadsheetml/2006", "http://purl.oclc.org/ooxml/spreadsheetml")
    xml = xml.replace(
        f"{OPEN_XML}/officeDocument/2006", "http://purl.oclc.org/ooxml/officeDocument"
    )
    return re.sub(' t="n"><v>44348', f' t="d"><v>{MONTH}T00:00:00', xml)


def with_prefix(path: str, xml: str) -> str:
    """Write a part of a workbook as the Open XML SDK does: <x:worksheet>."""
    if path.endswith(".rels") or not path.startswith("xl/"):
        return xml
    return re.sub("<(/?)(?=[a-zA-Z])", r"<\1x:", xml).replace("xmlns=", "xmlns:x=")


@pytest.mark.parametrize("change", [as_strict, with_prefix])
def test_workbooks_of_other_dialects_are_read(change):
    content = short_workbook("date_adoption", MONTH, "mmmm yyyy")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = {name: archive.read(name).decode() for name in archive.namelist()}
    content = build_zip({name: change(name, part) for name, part in parts.items()})
    report = report_of(content, "court.xlsx")
    assert report.is_valid and loaded(report, "strategies", "date_adoption") == ["2021-06"]


def test_a_formula_without_result_is_told():
    report = report_of(short_workbook("montant_total", "=600000*2"), "court.xlsx")
    assert [(p.code, p.value) for p in report.errors] == [("formule-sans-resultat", "=600000*2")]


def test_a_text_that_became_a_date_is_told():
    head = "strategie_id,rang,intitule,theme,certitude,source_id,localisation\n"
    report = report_of(f"{head}s,1,Un axe,donnees,explicite,s1,2026-05-03\n", "priorites.csv")
    problem = next(p for p in report.problems if p.code == "texte-devenu-date")
    assert "«\u00a03-5\u00a0»" in problem.remedy


@pytest.mark.parametrize(
    ("column", "text", "advice"),
    [
        ("montant_total", "env. 1,2 M€", "Écrivez «\u00a01200000\u00a0»."),
        ("montant_total", "2 M€ (dont 0,5 M€ de la région)", "Écrivez 2000000."),
        ("montant_total", "1 200 000 € sur 6 ans", "Écrivez 1200000."),
        ("montant_total", "12 000 000 F", "en euros"),
        ("montant_annees", "2021-2026 (6 ans)", "«\u00a02021-2026\u00a0»"),
        ("montant_annees", "21-26", "«\u00a02021-2026\u00a0»"),
        ("montant_annees", "2021-", "«\u00a02021\u00a0»"),
        ("date_adoption", "2021-2026", "période"),
        ("url", "https://exemple.fr/a.pdf, p. 12", "«\u00a0https://exemple.fr/a.pdf\u00a0»"),
        ("url", "https://exemple.fr/a b.pdf", "a%20b.pdf"),
    ],
)
def test_what_is_not_read_is_asked_about_with_the_columns_of_the_form(column, text, advice):
    (problem,) = report_of(csv_table([LINE | {column: text}])).errors
    assert problem.column == column and advice in problem.remedy
    assert "approximatif" not in problem.remedy


@pytest.mark.parametrize(
    ("column", "text", "read"),
    [
        ("date_adoption", "2021-06-00", "2021-06"),
        ("date_adoption", "2021-00-00", "2021"),
        ("url", "HTTPS://exemple.fr/a", "https://exemple.fr/a"),
    ],
)
def test_what_has_one_meaning_is_read(column, text, read):
    report = report_of(csv_table([LINE | {column: text}]))
    table = "sources" if column == "url" else "strategies"
    assert report.is_valid and loaded(report, table, column) == [read]


# --- headers, separators, quotes ------------------------------------------------------------------


def with_header(change) -> str:
    header, row = csv_table([LINE]).splitlines()
    return f"{','.join(map(change, header.split(',')))}\n{row}\n"


@pytest.mark.parametrize(
    "change",
    [
        str.upper,
        lambda name: f"{name.replace('_', ' ').capitalize()} *",
        lambda name: f"{name} (obligatoire)",
        lambda name: f'"""{name}"""',
        lambda name: name.replace("titre", "Titré"),
    ],
)
def test_names_of_columns_are_read_however_they_are_written(change):
    report = report_of(with_header(change))
    assert told(report) == [] and loaded(report, "budgets", "montant") == ["1200000"]


@pytest.mark.parametrize(
    "change",
    [
        lambda text: "sep=|\n" + text.replace(",", "|"),
        lambda text: "sep=;\n" + text.replace(",", ";"),
        lambda text: text.replace(",", "|"),
        lambda text: text.replace(",", "~"),
        lambda text: "\n".join(
            ", ".join(f'"{cell}"' for cell in line.split(",")) for line in text.splitlines()
        ),
        lambda text: "\n".join(f'"{line}"' for line in text.splitlines()),
    ],
)
def test_separators_are_found(change):
    report = report_of(change(csv_table([LINE])))
    assert told(report) == [] and report.is_valid


def test_accents_that_were_encoded_twice_are_mended():
    report = report_of(csv_table([LINE]).encode().decode("cp1252").encode())
    assert told(report) == [(WARNING, None, "encodage-non-utf8")]
    assert loaded(report, "strategies", "titre") == ["Stratégie numérique"]


@pytest.mark.parametrize("marks", ["''", "“”", "«»"])
def test_marks_around_all_cells_are_no_text(marks):
    report = report_of(re.sub(r"[^,\n]+", rf"{marks[0]}\g<0>{marks[1]}", csv_table([LINE])))
    assert told(report) == [] and report.is_valid


@pytest.mark.parametrize(
    ("title", "read"),
    [
        ('"Smart" territoire', '"Smart" territoire'),
        ('"Stratégie numérique', "Stratégie numérique"),
    ],
)
def test_a_stray_quote_is_told_and_the_rest_is_read(title, read):
    text = csv_table([LINE, LINE | {"territoire_code": "35"}]).replace(LINE["titre"], title, 1)
    report = report_of(text)
    assert told(report) == [(WARNING, 2, "valeur-interpretee")]
    assert loaded(report, "strategies", "titre") == [read, LINE["titre"]]


def test_titles_of_columns_are_read_and_told():
    names = {"date_adoption": "Date d’adoption (jj/mm/aaaa)", "territoire_code": "Code Insee"}
    report = report_of(with_header(lambda name: names.get(name, name)))
    assert loaded(report, "strategies", "date_adoption") == ["2021-06-24"]
    assert told(report) == [(WARNING, 1, "valeur-interpretee")] * 2


# --- rows and sheets ------------------------------------------------------------------------------


def test_prefilled_rows_and_instructions_are_set_aside():
    labels = dict.fromkeys(LINE, "Champ texte")
    lines = [labels, LINE] + [{"territoire_niveau": "departement"}] * 500
    report = report_of(csv_table(lines))
    assert len(report.package.tables["strategies"]) == 1
    assert told(report) == [(WARNING, 4, "lignes-hors-table"), (WARNING, 2, "lignes-hors-table")]


AXIS = {"strategie_id": "s", "rang": 1, "intitule": "Axe", "theme": "donnees"} | {
    "certitude": "explicite", "source_id": "s1"
}  # fmt: skip


def sheet_of(*lines: dict) -> list[list]:
    return [list(lines[0]), *(list(line.values()) for line in lines)]


def axes_by_year(*lines: dict) -> dict[str, list[list]]:
    tables = {"strategies": strategy_row("s", "53"), "sources": source_row()}
    axes = {f"axes {2021 + i}": sheet_of(AXIS | line) for i, line in enumerate(lines)}
    return {name: sheet_of(line) for name, line in tables.items()} | axes


@pytest.mark.parametrize("build", [build_workbook, build_ods])
def test_sheets_of_one_table_are_joined_and_told(build):
    sheets = {code: sheet_of(LINE | {"territoire_code": code}) for code in ("53", "35")}
    report = report_of(build(sheets), "court.ods" if build is build_ods else "court.xlsx")
    assert loaded(report, "strategies", "territoire_code") == ["53", "35"]
    assert told(report) == [(WARNING, None, "feuilles-reunies")]


def test_each_fault_of_joined_sheets_names_its_sheet_and_line():
    report = report_of(build_workbook(axes_by_year({}, {}, {"rang": "x"})), "plan.xlsx")
    assert loaded(report, "priorites", "intitule") == ["Axe"] * 3
    double, bad_rank = sorted(report.errors, key=lambda problem: problem.file)
    assert (double.file, double.line) == ("plan.xlsx › axes 2022", 2)
    assert "la ligne 2 de «\u00a0axes 2021\u00a0»" in double.message
    assert (bad_rank.file, bad_rank.line, bad_rank.column) == ("plan.xlsx › axes 2023", 2, "rang")
    book = openpyxl.load_workbook(io.BytesIO(annotated_workbook(report)))
    assert book["3. axes 2023"]["B2"].comment.text.startswith("«\u00a0x\u00a0»")


def test_joined_sheets_may_lack_an_optional_column_and_no_mandatory_one():
    sheets = axes_by_year({}, {"rang": 2, "localisation": "p. 3"})
    sheets["axes 2030"] = [["strategie_id", "rang", "intitule", "theme"], ["s", 3, "Axe", "x"]]
    report = report_of(build_workbook(sheets), "plan.xlsx")
    assert loaded(report, "priorites", "localisation") == ["", "p. 3"]
    (unread,) = [problem for problem in report.problems if problem.code == "fichier-ignore"]
    assert unread.value == "axes 2030" and "certitude" in unread.remedy


def test_files_of_one_table_in_an_archive_are_joined_and_the_others_told():
    files = {f"axes_{code}.csv": csv_table([LINE | {"territoire_code": code}]) for code in "12"}
    report = report_of(build_zip({f"d/{name}": text for name, text in files.items()}), "d.zip")
    assert len(report.package.tables["strategies"]) == 2
    folders = {f"{code}/court.csv": csv_table([LINE]) for code in ("35", "53")}
    report = report_of(build_zip(folders), "d.zip")
    assert [(p.code, p.file) for p in report.problems] == [("fichier-ignore", "53/court.csv")]


def test_an_empty_line_is_not_blamed_for_words_of_the_checker():
    report = report_of(csv_table([LINE | {"titre": "", "url": ""}]))
    assert [(problem.column, problem.code) for problem in report.problems] == [
        ("titre", "valeur-obligatoire-absente"),
        ("url", "valeur-obligatoire-absente"),
    ]


# --- kinds of files -------------------------------------------------------------------------------

TABLE = csv_table([LINE])
WORKBOOK = build_workbook({"court": [list(LINE), list(LINE.values())]})


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("court.xlsm", WORKBOOK),
        ("dossier.zip", build_zip({"paquet\\court.csv": TABLE})),
        ("dossier.zip", build_zip({"Court.CSV": TABLE})),
        ("dossier.zip", build_zip({"53.csv": TABLE})),
        ("dossier.zip", build_zip({"Mon classeur.xlsx": WORKBOOK})),
        ("court.xlsx", TABLE),
        ("court.csv", WORKBOOK),
        ("court.xlsx", build_zip({"court.csv": TABLE})),
    ],
)
def test_files_are_read_whatever_made_them(name, content):
    report = report_of(content, name)
    assert told(report) == [] and loaded(report, "budgets", "montant") == ["1200000"]


@pytest.mark.parametrize(
    ("name", "content", "told_part"),
    [
        ("court.xlsx", b"", "il est vide"),
        ("court.xlsx", b"PK\x03\x04", "abîmé"),
        ("court.numbers", b"PK", "Exporter vers"),
        ("plan.pdf", b"%PDF", "modèle"),
        ("court.xls", b"<html><table>", "page web"),
        ("~$court.xlsx", b"\x05Jean" + bytes(100), "envoyez «\u00a0court.xlsx\u00a0»"),
        ("court.xlsx", build_zip({"word/document.xml": "<x/>"}), "un texte"),
        ("strategies.parquet", b"PAR1", ".csv ou .xlsx"),
        (
            "court.xlsx",
            bytes.fromhex("d0cf11e0a1b11ae1") + "EncryptedPackage".encode("utf-16-le"),
            "mot de passe",
        ),
    ],
)
def test_files_that_cannot_be_read_say_why(name, content, told_part):
    (problem,) = report_of(content, name).errors
    assert told_part in f"{problem.message} {problem.remedy}"


def test_what_was_found_is_said_when_no_table_is_recognised():
    content = build_workbook({"Plan": [["Axe", "Titre de l’action", "Statut"], ["1", "x", "y"]]})
    (problem,) = report_of(content, "plan.xlsx").errors
    assert problem.code == "table-inconnue" and "Titre de l’action" in problem.message
    assert "formulaire court" in problem.remedy


def test_names_of_columns_one_under_the_other_are_told():
    content = build_workbook({"Fiche": [list(item) for item in LINE.items()]})
    (problem,) = report_of(content, "fiche.xlsx").errors
    assert "Fiche" in problem.message and "Transposer" in problem.remedy


def test_a_table_of_the_site_is_as_valid_in_a_workbook_as_in_a_csv():
    columns = ["territoire_niveau", "territoire_niveau_libelle", "territoire_code", "consulte_le"]
    rows = [[*columns, "resultat"], ["departement", "Département", "53", "2026", "trouve"]]
    assert told(report_of(build_workbook({"recherches": rows}), "recherches.xlsx")) == []
