"""Corrections of one meaning are written into the file sent, and nothing else of it changes."""

import io
import re
import zipfile

import openpyxl
import pytest
from package_files import build_workbook, build_zip

from comparisons.datapackage.corrections import Change, correct, proposed_correction
from comparisons.datapackage.reader import read_upload
from comparisons.datapackage.sheet_cells import set_cells
from comparisons.datapackage.template import templates
from comparisons.datapackage.validation.validator import validate
from comparisons.settings import FORMAT_DIR

VALID = FORMAT_DIR / "exemples" / "valide"
COLUMNS = ["territoire_niveau", "territoire_code", "consulte_le", "resultat", "note"]


def mended(content: bytes, name: str, pick=None) -> tuple[bytes, tuple[Change, ...]]:
    report = validate(read_upload(content, name))
    return correct(content, name, report, pick and pick(report))


@pytest.mark.parametrize(
    ("mark", "encoding"), [(b"", "cp1252"), (b"\xef\xbb\xbf", "utf-8"), (b"\xfe\xff", "utf-16-be")]
)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_text_changes_in_the_wrong_cells_alone(mark, encoding, end):
    lines = [
        "Nos recherches;;;;;",
        "territoire_niveau; territoire_code ;consulte_le;resultat;Remarque;note",
        'Département;53;24/06/2026;"trouvee";"été; ""vu""";',
        'departement;"72";2026-06-24;trouvee;"deux',
        'lignes";=1+1',
        "",
        "departement;1;2026;trouve;;'=A1",
    ]

    def encode(lines: list[str]) -> bytes:
        return mark + end.join(lines).encode(encoding)

    content, changes = mended(encode(lines), "recherches.csv")
    lines[2] = 'departement;53;2026-06-24;"trouve";"été; ""vu""";'
    lines[3] = 'departement;"72";2026-06-24;trouve;"deux'
    lines[6] = "departement;01;2026;trouve;;'=A1"
    assert content == encode(lines)
    assert sorted((c.line, c.column, c.before, c.after) for c in changes) == [
        (3, "consulte_le", "24/06/2026", "2026-06-24"),
        (3, "resultat", "trouvee", "trouve"),
        (3, "territoire_niveau", "Département", "departement"),
        (4, "resultat", "trouvee", "trouve"),
        (7, "territoire_code", "1", "01"),
    ]


def test_one_correction_is_made_wherever_it_is_proposed_and_no_other():
    rows = ["Département,53,2026,trouvee,", "departement,72,2026,trouvee,"]
    content = "\n".join([",".join(COLUMNS), *rows]).encode()

    def pick(report):
        return next(filter(None, map(proposed_correction, report.errors)))

    corrected, changes = mended(content, "recherches.csv", pick)
    assert corrected == content.replace(b"trouvee", b"trouve")
    assert [change.line for change in changes] == [2, 3]


def test_an_archive_keeps_its_other_files():
    files = {f"lot/{path.name}": path.read_bytes() for path in VALID.glob("*.*")}
    files |= {"lot/notes/lisez-moi.txt": b"\xff\x00 bonjour"}
    wrong = files | {
        "lot/strategies.csv": files["lot/strategies.csv"].replace(b",sdusn,", b",sdunn,")
    }
    corrected, changes = mended(build_zip(wrong), "paquet.zip")
    with zipfile.ZipFile(io.BytesIO(corrected)) as archive:
        assert {name: archive.read(name) for name in archive.namelist()} == files
    assert {(change.file, change.before, change.after) for change in changes} == {
        ("strategies.csv", "sdunn", "sdusn")
    }
    assert validate(read_upload(corrected, "paquet.zip")).is_valid


def cells_of(content: bytes) -> dict[tuple[str, str], tuple[object, str]]:
    book = openpyxl.load_workbook(io.BytesIO(content))
    return {
        (sheet.title, cell.coordinate): (cell.value, cell.number_format)
        for sheet in book
        for row in sheet.iter_rows()
        for cell in row
        if cell.value is not None
    }


def test_a_workbook_keeps_its_other_cells_and_its_other_parts():
    sent = templates.example_workbook()
    book = openpyxl.load_workbook(io.BytesIO(sent))
    places = []
    for title, column, text in (("strategies", "type", "sdunn"), ("budgets", "montant", "12,5 M€")):
        names = [cell.value for cell in book[title][2]]
        cell = book[title].cell(3, names.index(column) + 1)
        cell.value = text
        places.append((title, cell.coordinate))
    buffer = io.BytesIO()
    book.save(buffer)
    wrong = buffer.getvalue()
    corrected, changes = mended(wrong, "modele.xlsx")
    expected = cells_of(wrong)
    for place, value in zip(places, ("sdusn", 12_500_000), strict=True):
        expected[place] = value, expected[place][1]
    assert cells_of(corrected) == expected
    assert {(change.file, change.after) for change in changes} == {
        ("modele.xlsx › strategies", "sdusn"),
        ("modele.xlsx › budgets", "12500000"),
    }
    before, after = (zipfile.ZipFile(io.BytesIO(content)) for content in (wrong, corrected))
    assert before.namelist() == after.namelist()
    changed = {name for name in before.namelist() if before.read(name) != after.read(name)}
    assert len(changed) == 2 and all(name.startswith("xl/worksheets/") for name in changed)


def test_the_result_of_a_formula_is_not_written_over():
    rows = [COLUMNS, ["departement", "53", "2026", "trouvee", ""]]
    content = build_workbook({"recherches": rows})
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    path = "xl/worksheets/sheet1.xml"
    formula = b'<c r="D2" t="str"><f>A1</f><v>trouvee</v></c>'
    files[path] = re.sub(rb'<c r="D2".*?</c>', formula, files[path])
    corrected, changes = mended(build_zip(files), "a.xlsx")
    assert changes == ()
    assert formula in zipfile.ZipFile(io.BytesIO(corrected)).read(path)


def test_a_workbook_with_parts_of_other_names_is_left_as_it_is():
    content = build_workbook({"recherches": [COLUMNS, ["departement", "53", "2026", "trouvee"]]})
    assert set_cells(content, "a.xlsx", "autre", {(2, 3): "trouve"}) == (content, set())


@pytest.mark.parametrize(
    ("column", "text", "after"),
    [
        ("type", "sdunn", "sdusn"),
        ("date_adoption", "24 juin 2021", "2021-06-24"),
        ("date_adoption", "24/06/21", None),
        ("date_adoption", "vers 2021", None),
        ("porteur_siren", "225 300 011", "225300011"),
        ("annee_debut", "n.c.", ""),
        ("annee_debut", "2020-2025", None),
        ("territoire_code", "Mayenne", "53"),
        ("statut", "en attente", None),
        ("strategie_id", "Ma stratégie", None),
    ],
)
def test_only_what_can_mean_nothing_else_is_proposed(column, text, after):
    row = {
        "strategie_id": "s1", "territoire_niveau": "departement", "territoire_code": "53",
        "titre": "Essai", "type": "sdusn", "statut": "adopte", "source_id": "x",
    }  # fmt: skip
    row[column] = text
    content = f"{','.join(row)}\n{','.join(row.values())}\n".encode()
    report = validate(read_upload(content, "strategies.csv"))
    proposed = [
        correction.after
        for correction in map(proposed_correction, report.problems)
        if correction and correction.column == column
    ]
    assert proposed == ([] if after is None else [after])


def test_a_name_without_its_level_may_be_that_of_several_territories():
    text = (
        "territoire_niveau,territoire_code,titre,type,url,maj_le\n"
        ",Mayenne,Essai,sdusn,https://exemple.fr,2026\n"
        "departement,Mayenne,Essai,feuille_route,https://exemple.fr,24/06/2026\n"
    )
    corrected, _ = mended(text.encode(), "court.csv")
    text = text.replace("departement,Mayenne", "departement,53").replace("24/06/2026", "2026-06-24")
    assert corrected.decode() == text
