"""Check that the templates follow the format, and that LibreOffice preserves them."""

import io
import shutil
import subprocess
import zipfile

import openpyxl
import pytest
from file_contents import open_workbook

from comparisons.datapackage.reader import read_package, read_upload
from comparisons.datapackage.short_form.table import load_short_form
from comparisons.datapackage.template import templates
from comparisons.datapackage.validation.validator import validate
from comparisons.schema.model import load_format, vocabulary_codes

TABLES = load_format().tables
BUILDERS = {
    "modele": templates.workbook,
    "exemple": templates.example_workbook,
    "court": templates.short_form_template,
}


@pytest.fixture(scope="module")
def books() -> dict[str, bytes]:
    return {name: build() for name, build in BUILDERS.items()}


def cell_validations(sheet) -> dict[str, object]:
    """Return the data validation of the first cell under each name of column, by name."""
    return {
        cell.value: check
        for cell in sheet[2]
        for check in sheet.data_validations.dataValidation
        if f"{cell.column_letter}3" in check.sqref
    }


def list_texts(book: openpyxl.Workbook, check) -> tuple[str, ...]:
    """Return the texts of the range of a drop-down list."""
    sheet, cells = check.formula1.lstrip("=").replace("$", "").split("!")
    return tuple(cell.value for (cell,) in book[sheet.strip("'")][cells])


def fill_in(content: bytes, rows: dict[str, list[dict]]) -> bytes:
    """Write rows under the headers of a template, and return its bytes."""
    book = open_workbook(content)
    for name, lines in rows.items():
        header = [cell.value for cell in book[name][2]]
        for line, values in enumerate(lines, 3):
            for column, value in values.items():
                book[name].cell(line, header.index(column) + 1, value)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def test_each_table_has_its_sheet_in_the_order_of_filling(books):
    names = open_workbook(books["modele"]).sheetnames
    assert names == ["Lisez-moi", "court", *templates.FILLING_ORDER, "Listes"]
    assert set(templates.FILLING_ORDER) == set(TABLES)


@pytest.mark.parametrize("table", [*TABLES.values(), load_short_form()], ids=lambda t: t.name)
def test_headers_have_titles_names_help_and_mandatory_marks(books, table):
    sheet = open_workbook(books["modele"])[table.name]
    assert tuple(cell.value for cell in sheet[2]) == table.columns
    for cell, field in zip(sheet[1], table.fields, strict=True):
        assert cell.value.replace("\u00a0", " ") == field.title.replace("\u00a0", " ")
        assert cell.font.bold == field.required
        assert ("Obligatoire." in cell.comment.text) == field.required
        comment = cell.comment.text.replace("\u00a0", " ")
        assert all(part in comment for part in (field.title, field.description, field.example))
        assert sheet.column_dimensions[cell.column_letter].width >= len(field.name) + 4
    assert sheet.freeze_panes == "B3" and sheet.auto_filter.ref


@pytest.mark.parametrize("table", [*TABLES.values(), load_short_form()], ids=lambda t: t.name)
def test_drop_down_lists_are_the_codes_of_the_format(books, table):
    book = open_workbook(books["modele"])
    validations = cell_validations(book[table.name])
    assert set(validations) == set(table.columns)
    for field in table.coded_fields:
        if field.type == "string":
            check = validations[field.name]
            assert (check.type, check.errorStyle or "stop") == ("list", "stop")
            assert list_texts(book, check) == vocabulary_codes(field.vocabulary)
            assert "liste déroulante" in check.error


def test_references_are_chosen_from_the_sheet_that_defines_them(books):
    book = open_workbook(books["exemple"])
    for table in TABLES.values():
        for link in table.foreign_keys:
            check = cell_validations(book[table.name])[link.fields[0]]
            assert check.errorStyle == "warning"
            offered = {text for text in list_texts(book, check) if text}
            rows = read_package(templates.EXAMPLES_DIR / "valide").tables[link.table]
            assert offered == set(rows[link.reference[0]])


def test_lists_describe_each_code(books):
    sheet = open_workbook(books["modele"])["Listes"]
    labels = {(row[0], row[1]): row[2:4] for row in sheet.iter_rows(min_row=2, values_only=True)}
    for table in TABLES.values():
        for field in table.coded_fields:
            for code in load_format().vocabularies[field.vocabulary].itertuples():
                assert labels[field.vocabulary, code.code] == (code.libelle, code.definition)


def test_codes_and_dates_are_texts(books):
    book = open_workbook(books["modele"])
    for name, column in [("strategies", "territoire_code"), ("sources", "consulte_le")]:
        letter = "ABCDEFGH"[TABLES[name].columns.index(column)]
        assert book[name].column_dimensions[letter].number_format == "@"


def test_blank_templates_are_reported_as_blank(books):
    for name in ("modele", "court"):
        report = validate(read_upload(books[name], f"{name}.xlsx"))
        assert not report.is_readable
        assert [problem.code for problem in report.problems] == ["fichier-vide"]


def test_filled_example_is_the_valid_example(books):
    package = read_upload(books["exemple"], "exemple.xlsx")
    assert validate(package).problems == ()
    for name, rows in read_package(templates.EXAMPLES_DIR / "valide").tables.items():
        expected = rows.replace({"90000.50": "90000.5"}).to_numpy().tolist()
        assert package.tables[name].to_numpy().tolist() == expected


def test_two_sheets_are_enough(books):
    example = read_package(templates.EXAMPLES_DIR / "valide").tables
    rows = {
        "sources": example["sources"].head(1).to_dict("records"),
        "strategies": example["strategies"].tail(2).head(1).to_dict("records"),
    }
    rows["strategies"][0]["remplace"] = ""
    report = validate(read_upload(fill_in(books["modele"], rows), "modele.xlsx"))
    assert report.problems == () and set(report.package.tables) == set(rows)


@pytest.mark.parametrize("name", ["modele", "court"])
def test_short_sheet_is_enough(books, name):
    content = fill_in(books[name], {"court": templates.example_row().to_dict("records")})
    package = read_upload(content, "modele.xlsx")
    report = validate(package)
    assert list(package.in_source_coordinates(report.problems)) == []
    assert report.package.tables["strategies"]["strategie_id"].tolist() == [
        "departement-53-sdusn-2021"
    ]


@pytest.mark.parametrize("name", BUILDERS)
def test_workbooks_have_no_macro_and_the_same_bytes_each_time(books, name):
    assert BUILDERS[name]() == books[name]
    with zipfile.ZipFile(io.BytesIO(books[name])) as archive:
        parts = archive.namelist()
    assert not [part for part in parts if "vba" in part or "external" in part.lower()]
    for sheet in open_workbook(books[name]):
        assert not [cell for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]


def test_instructions_fit_a_screen_and_a_half(books):
    sheet = open_workbook(books["modele"])["Lisez-moi"]
    height = sum(dimension.height or 16 for dimension in sheet.row_dimensions.values())
    # a screen shows some thirty lines of 16 points
    assert height <= 45 * 16
    text = " ".join(str(cell.value) for row in sheet.iter_rows() for cell in row if cell.value)
    assert all(name in text for name in TABLES) and "non renseigné" in text


@pytest.mark.skipif(
    shutil.which("soffice") is None,
    reason="LibreOffice n’est pas installé (soffice introuvable)",
)
def test_libreoffice_keeps_lists_and_content(books, tmp_path):
    # the blank template has the sheets of these two
    names = ["exemple", "court"]
    for name in names:
        (tmp_path / f"{name}.xlsx").write_bytes(books[name])
    convert(tmp_path, "ods", [f"{name}.xlsx" for name in names])
    convert(tmp_path, "xlsx", [f"ods/{name}.ods" for name in names])
    convert(tmp_path, "xls", [f"{name}.xlsx" for name in names])
    for name in names:
        content = books[name]
        before, after = (
            open_workbook(content),
            open_workbook((tmp_path / f"xlsx/{name}.xlsx").read_bytes()),
        )
        assert after.sheetnames == before.sheetnames
        for sheet in before:
            validations_after = cell_validations(after[sheet.title])
            for column, check in cell_validations(sheet).items():
                assert validations_after[column].type in {
                    check.type,
                    None if check.type == "any" else "",
                }
                if check.type == "list" and "!" in check.formula1:
                    assert list_texts(after, validations_after[column]) == list_texts(before, check)
        sent = validate(read_upload(content, f"{name}.xlsx"))
        for extension in ("xlsx", "ods", "xls"):
            converted = validate(tmp_path / f"{extension}/{name}.{extension}")
            assert len(converted.problems) == len(sent.problems)
            for table, rows in sent.package.tables.items():
                assert converted.package.tables[table].equals(rows)


def convert(folder, extension: str, files: list[str]) -> None:
    """Convert files with LibreOffice, without a screen, in a profile of its own."""
    profile = (folder / "profil").as_uri()
    command = ["soffice", f"-env:UserInstallation={profile}", "--headless"]
    command += ["--convert-to", extension, "--outdir", str(folder / extension)]
    process = subprocess.run(
        [*command, *(str(folder / file) for file in files)],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert process.returncode == 0 and "rror" not in process.stderr, process.stderr
