"""Check the groups of a report, the defects found in sheets, and the annotated workbook."""

import datetime as dt

import pytest
from file_contents import open_workbook
from package_files import build_workbook

from comparisons.datapackage.known_territories import TerritoryReference
from comparisons.datapackage.problems import ERROR
from comparisons.datapackage.reader import read_upload
from comparisons.datapackage.validation.annotated_workbook import SUMMARY_SHEET, annotated_workbook
from comparisons.datapackage.validation.problem_groups import format_line_ranges, load_rules
from comparisons.datapackage.validation.validator import validate

TERRITORIES = TerritoryReference(codes=frozenset({("departement", "53"), ("departement", "35")}))
HEADER = ["territoire_niveau", "territoire_code", "consulte_le", "resultat", "note"]
ROW = ["departement", "53", "2026-11-23", "trouve", "Vu."]


def validate_sheet(*rows: list, title: str = "recherches"):
    """Validate a workbook of one sheet."""
    content = build_workbook({title: rows})
    return validate(read_upload(content, "classeur.xlsx"), TERRITORIES)


def codes_and_lines(report) -> list[tuple]:
    return [(problem.code, problem.line) for problem in report.problems]


def row(**cells: object) -> list:
    return [cells.get(name, value) for name, value in zip(HEADER, ROW, strict=True)]


@pytest.mark.parametrize(
    ("lines", "formatted"),
    [
        ([], ""),
        ([3], "ligne\u00a03"),
        ([3, 7, 12, 13, 14, 18], "lignes\u00a03, 7, 12-14, 18"),
        (
            list(range(2, 62, 2)),
            "lignes\u00a02, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24 et 18\u00a0autres",
        ),
    ],
)
def test_line_numbers_are_formatted_as_ranges(lines, formatted):
    assert format_line_ranges(lines) == formatted


def test_problems_are_grouped_by_rule_errors_first():
    dates = [
        row(territoire_code=53, consulte_le=f"{n:02}/07/21", resultat="trouve")
        for n in range(1, 13)
    ]
    report = validate_sheet(HEADER, *dates, row(resultat="trouvés", consulte_le="juin 2021"))
    groups = report.groups(examples=2)
    assert [group.code for group in groups][:2] == ["code-inconnu", "date-mal-formee"]
    cause = groups[1]
    assert (cause.title, cause.count) == ("12\u00a0dates mal écrites", 12)
    assert (
        cause.columns == ("consulte_le",) and cause.locations[0].line_ranges == "lignes\u00a02-13"
    )
    assert [(p.value, p.suggestion) for p in cause.examples] == [
        ("01/07/21", "2021-07-01"),
        ("02/07/21", "2021-07-02"),
    ]
    severities = [group.severity for group in groups]
    assert severities == sorted(severities, key=lambda severity: severity != ERROR)
    text = report.to_text()
    assert "12\u00a0dates mal écrites" in text and "« consulte_le », lignes 2-13" in text
    group_fields = report.to_dict()["causes"][1]
    assert group_fields["count"] == 12 and group_fields["places"][0]["lines"] == list(range(2, 14))


def test_every_rule_has_a_title_and_counts_unlisted_problems():
    assert all(rule.singular and rule.plural for rule in load_rules().values())
    text = ",".join(HEADER) + "\n" + "departement,53,2026,oui,\n" * 700
    report = validate(read_upload(text.encode(), "recherches.csv"), TERRITORIES)
    unknown = next(cause for cause in report.groups() if cause.code == "code-inconnu")
    assert unknown.count == 700


def test_titles_and_notes_are_not_rows():
    report = validate_sheet(
        ["Nos recherches"],
        [],
        HEADER,
        ROW,
        [],
        row(territoire_code="35"),
        ["Total", None, None, 2],
        ["Source : nos services"],
    )
    assert report.is_valid and report.package.tables["recherches"].index.tolist() == [4, 6]
    assert sorted(codes_and_lines(report), key=str) == [
        ("lignes-hors-table", 1),
        ("lignes-hors-table", 7),
        ("lignes-hors-table", 8),
        ("lignes-vides", None),
    ]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([HEADER, row(note="#REF!")], [("formule-sans-resultat", 2)]),
        ([HEADER, row(consulte_le=dt.date(2026, 1, 2), territoire_code=53)], []),
        ([HEADER, [*ROW, None, "à côté"]], [("nombre-de-cellules", 2)]),
        ([[*HEADER, None, None], [*ROW, None, None]], []),
        ([[*HEADER, "note"], [*ROW, "x"]], [("colonne-en-double", 1)]),
        ([[None, *HEADER], ["sans nom", *ROW]], [("colonne-inconnue", 1)]),
        ([HEADER, ROW, HEADER, row(territoire_code="35")], [("lignes-hors-table", 3)]),
        (
            [HEADER, ROW, ["strategie_id", "rang", "intitule"], ["a", 1, "Axe"]],
            [("plusieurs-tables", 3)],
        ),
    ],
)
def test_defects_of_spreadsheets_are_reported(rows, expected):
    assert codes_and_lines(validate_sheet(*rows)) == expected


def test_annotated_workbook_marks_each_faulty_cell():
    report = validate_sheet(
        ["Nos recherches"],
        [*HEADER, "couleur"],
        [*row(resultat="trouvés"), "rouge"],
        [*row(territoire_code="35", consulte_le="juin 2021", note="-"), "bleu"],
    )
    content = annotated_workbook(report)
    assert content == annotated_workbook(report)
    book = open_workbook(content)
    assert book.sheetnames == [SUMMARY_SHEET, "recherches"]
    sheet = book["recherches"]
    assert [cell.value for cell in sheet[2]] == [*HEADER, "couleur"]
    assert [cell.value for cell in sheet[3]] == [*row(resultat="trouvés"), "rouge"]
    assert "Voulez-vous dire «\u00a0trouve\u00a0»" in sheet["D3"].comment.text
    colours = {sheet[cell].fill.fgColor.rgb for cell in ("D3", "C4")}
    assert len(colours) == 2 and sheet["A3"].comment is None
    links = [
        cell.hyperlink.location for line in book[SUMMARY_SHEET] for cell in line if cell.hyperlink
    ]
    assert links[0] == "'recherches'!D3" and "1\u00a0erreur" in book[SUMMARY_SHEET]["A1"].value


def test_annotated_workbook_has_no_formula_and_no_link():
    text = ",".join(HEADER) + '\ndepartement,53,2026,"=HYPERLINK(""http://x"")",+1\n'
    text += "departement,35,2026,http://exemple.fr,@x\n"
    report = validate(read_upload(text.encode(), "recherches.csv"), TERRITORIES)
    sheet = open_workbook(annotated_workbook(report))["recherches"]
    assert sheet["D2"].value == '=HYPERLINK("http://x")'
    assert {cell.data_type for line in sheet for cell in line} <= {"s", "n"}
    assert all(cell.hyperlink is None for line in sheet for cell in line)


def test_unreadable_file_gives_an_annotated_workbook():
    report = validate(read_upload(b"PK\x03\x04", "a.xlsx"), TERRITORIES)
    sheet = open_workbook(annotated_workbook(report))[SUMMARY_SHEET]
    assert "inutilisable" in sheet["A1"].value and sheet["C4"].value == "a.xlsx"
