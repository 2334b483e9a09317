"""Check that packages are read from any file, safely and without a traceback."""

import datetime as dt
import io
from pathlib import Path

import openpyxl
import pytest
from effort import tries
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from package_files import build_ods, build_workbook, build_zip

from comparisons.datapackage import archive as archive_module
from comparisons.datapackage.cells import to_typed_frame
from comparisons.datapackage.reader import read_package, read_upload
from comparisons.schema.model import load_format
from comparisons.settings import FORMAT_DIR

VALID = FORMAT_DIR / "exemples" / "valide"
HEADER = "territoire_niveau,territoire_code,consulte_le,resultat,note\n"


def codes(package) -> list[str]:
    return [problem.code for problem in package.problems]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_encodings_and_separators_are_detected(separator, encoding):
    text = f"{HEADER}departement,53,2026,trouve,Élu décidé\n".replace(",", separator)
    package = read_upload(text.encode(encoding), "recherches.csv")
    assert package.tables["recherches"]["note"].tolist() == ["Élu décidé"]
    expected = [] if encoding.startswith("utf-8") else ["encodage-non-utf8"]
    assert codes(package) == expected


def test_line_numbers_are_those_of_the_file():
    text = HEADER + '\ndepartement,53,2026,trouve,"deux\nlignes"\n\ndepartement,35,2026,trouve,\n'
    table = read_upload(text.encode(), "recherches.csv").tables["recherches"]
    assert table.index.tolist() == [3, 6]
    assert table.loc[3, "note"] == "deux\nlignes"


def test_absent_columns_are_empty_and_unknown_ones_left_out():
    content = b"territoire_niveau;territoire_code;consulte_le;resultat;couleur\nregion;53;2026;x;y"
    package = read_upload(content, "recherches.csv")
    table = package.tables["recherches"]
    assert tuple(table.columns) == load_format().tables["recherches"].columns
    assert table["note"].tolist() == [""]
    assert package.headers["recherches"].names[-1] == "couleur"


def test_single_table_is_detected_by_its_columns():
    package = read_upload((VALID / "budgets.csv").read_bytes(), "2026-01-01_225300011.csv")
    assert list(package.tables) == ["budgets"]
    assert not package.is_complete


def test_folder_and_zip_give_the_same_tables():
    files = {f"paquet/{path.name}": path.read_bytes() for path in VALID.glob("*.*")}
    folder, archive = read_package(VALID), read_upload(build_zip(files), "paquet.zip")
    assert set(folder.tables) == set(archive.tables) == set(load_format().tables)
    assert all(folder.tables[name].equals(archive.tables[name]) for name in folder.tables)
    assert archive.problems == () and archive.descriptor["name"] == "exemple-valide"


def test_vocabularies_beside_tables_are_ignored():
    files = {
        "indicateurs.csv": (VALID / "indicateurs.csv").read_bytes(),
        "vocabulaires/indicateurs.csv": "code,libelle\nautre,Autre\n",
        "vocabulaires/themes.csv": "code,libelle\nautre,Autre\n",
    }
    package = read_upload(build_zip(files), "paquet.zip")
    assert list(package.tables) == ["indicateurs"] and len(package.tables["indicateurs"]) == 3
    assert package.problems == ()


def test_workbook_gives_the_tables_of_the_folder():
    folder = read_package(VALID)
    sheets = {
        table.title: [list(table.columns), *folder.tables[table.name].to_numpy().tolist()]
        for table in load_format().tables.values()
    }
    package = read_upload(build_workbook({"Lisez-moi": [["Bonjour"]], **sheets}), "modele.xlsx")
    assert package.problems == ()
    for name, table in folder.tables.items():
        assert package.tables[name].equals(table.set_axis(package.tables[name].index))


CELLS = [
    HEADER.strip().split(","),
    ["departement", 53, dt.date(2026, 11, 23), "trouve", 0.5],
    ["departement", "01", dt.datetime(2026, 11, 23, 8, 30), "trouve", True],
    ["region", 52, 2026, "trouve", 12.0],
    ["epci", 200055887, "2026-11", "trouve", "#DIV/0!"],
    ["commune", 53130, 2026, "trouve", "Fusionnées"],
    ["commune", 53147, 2026, "trouve", None],
]
TEXTS = [
    "departement 53 2026-11-23 trouve 0.5",
    "departement 01 2026-11-23 trouve oui",
    "region 52 2026 trouve 12",
    "epci 200055887 2026-11 trouve #DIV/0!",
    "commune 53130 2026 trouve Fusionnées",
    "commune 53147 2026 trouve ",
]


def hide_and_merge(sheet):
    if sheet.title == "recherches":
        sheet["E2"].number_format = "0%"
        sheet.merge_cells("E6:E7")
    else:
        sheet.sheet_state = "hidden"


def cells_as(extension: str) -> bytes:
    """Build or read a workbook of `CELLS`, and of a hidden sheet."""
    sheets = {"recherches": CELLS, "sources": [["source_id"]]}
    match extension:
        case "xlsx":
            return build_workbook(sheets, hide_and_merge)
        case "ods":
            return build_ods(sheets, hidden=["sources"])
    # what LibreOffice makes of the .xlsx
    return Path(__file__).with_name("recherches.xls").read_bytes()


@pytest.mark.parametrize(
    ("extension", "expected"),
    [
        ("xlsx", ["cellules-fusionnees", "contenu-masque"]),
        ("ods", ["contenu-masque"]),
        ("xls", ["cellules-fusionnees", "contenu-masque"]),
    ],
)
def test_workbook_cells_are_written_as_in_a_csv(extension, expected):
    package = read_upload(cells_as(extension), f"x.{extension}")
    table = package.tables["recherches"][HEADER.strip().split(",")]
    texts = TEXTS
    if extension != "ods":  # as its format shows it
        texts = [TEXTS[0].replace("0.5", "50 %"), *TEXTS[1:]]
    assert table.index.tolist() == [2, 3, 4, 5, 6, 7]
    assert [" ".join(row) for row in table.to_numpy()] == texts
    assert codes(package) == expected
    assert package.problems[-1].file == f"x.{extension} › sources"


@pytest.mark.parametrize("name", ["x.xls", "x.ods"])
def test_workbook_is_read_whatever_its_extension(name):
    assert len(read_upload(cells_as("xlsx"), name).tables["recherches"]) == 6


def test_misspelt_sheet_is_reported():
    rows = [HEADER.strip().split(",")]
    package = read_upload(build_workbook({"recherches": rows, "strategie": [["x"]]}), "x.xlsx")
    assert codes(package) == ["fichier-ignore"]


@pytest.mark.parametrize("path", ["../a.csv", "/etc/a.csv", "a/../../b.csv", "C:\\a.csv", "..\\a"])
def test_paths_out_of_the_archive_are_refused(path):
    assert codes(read_upload(build_zip({path: HEADER}), "paquet.zip")) == ["archive-dangereuse"]


def test_archive_with_too_many_members_is_refused():
    files = {f"{number}.csv": "" for number in range(archive_module.MAX_MEMBERS + 1)}
    assert codes(read_upload(build_zip(files), "paquet.zip")) == ["archive-dangereuse"]


@pytest.mark.parametrize("name", ["paquet.zip", "classeur.xlsx"])
def test_zip_bombs_are_refused_before_decompression(name, monkeypatch):
    monkeypatch.setattr(archive_module, "_MAX_BYTES", 1_000_000)
    bomb = build_zip({"xl/workbook.xml": b"0" * 2_000_000, "strategies.csv": b"0" * 2_000_000})
    assert len(bomb) < 10_000
    assert codes(read_upload(bomb, name)) == ["archive-dangereuse"]


@pytest.mark.parametrize(("line", "column", "count"), [(90_000, 9, 1), (1_048_576, 16_384, None)])
def test_value_far_from_the_table_is_passed_unless_too_far(line, column, count):
    book = openpyxl.Workbook()
    book.active.title = "recherches"
    book.active.append(HEADER.strip().split(","))
    book.active.cell(line, column, "loin")
    buffer = io.BytesIO()
    book.save(buffer)
    package = read_upload(buffer.getvalue(), "x.xlsx")
    if count is None:
        assert "trop de cellules" in package.problems[0].message
    else:
        assert len(package.tables["recherches"]) == count


def test_folder_link_to_outside_is_refused(tmp_path):
    (tmp_path / "secret.csv").write_text(HEADER)
    folder = tmp_path / "paquet"
    folder.mkdir()
    (folder / "recherches.csv").symlink_to(tmp_path / "secret.csv")
    assert codes(read_package(folder)) == ["archive-dangereuse"]


@pytest.mark.parametrize("name", ["a.zip", "a.xlsx", "a.ods", "a.xls", "a.csv", "a.pdf", "a"])
def test_damaged_files_are_reported_without_a_traceback(name):
    package = read_upload(b"PK\x03\x04\x00 ceci n'est rien", name)
    assert not package.tables and codes(package) == ["fichier-illisible"]


def test_missing_path_is_reported(tmp_path):
    assert codes(read_package(tmp_path / "absent")) == ["fichier-absent"]
    assert codes(read_package(tmp_path)) == ["table-inconnue"]


def test_tables_are_converted_to_typed_columns():
    package = read_package(VALID)
    tables = load_format().tables
    budgets = to_typed_frame(package.tables["budgets"], tables["budgets"])
    assert budgets["montant"].tolist() == [1200000.0, 800000.0, 400000.0, 90000.5]
    assert budgets["approximatif"].isna().tolist() == [True, True, False, True]
    assert budgets["annee_debut"].dtype == "Int64"
    assert budgets["nature"].notna().all() and budgets["recurrence"].isna().sum() == 3
    priorities = to_typed_frame(package.tables["priorites"], tables["priorites"])
    assert priorities["themes_secondaires"].iloc[0] == ["services_usagers", "education_formation"]
    assert priorities["themes_secondaires"].iloc[2] is None


@settings(max_examples=tries(40), deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.binary(max_size=300),
    st.sampled_from(["a.csv", "a.zip", "a.xlsx", "a.ods", "strategies.csv"]),
)
def test_any_bytes_give_tables_or_problems(content, name):
    package = read_upload(content, name)
    assert package.tables or package.problems
