"""Hostile and broken files: refused or made harmless in words, within bounds, for the sender alone.

Heavy files are checked in a process whose memory is limited: a reader that unfolds them dies.
"""

import dataclasses
import io
import os
import struct
import zipfile
import zlib
from functools import lru_cache

import duckdb
import openpyxl
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from comparisons.build import build
from comparisons.datapackage import isolated_check, merge
from comparisons.datapackage.reader import Package, read_package, read_upload
from comparisons.datapackage.validation.validator import validate
from comparisons.datapackage.writer import to_csv, to_standard_zip
from comparisons.queries.table_reader import _text_sql
from comparisons.schema.model import Field, load_format, vocabulary_codes
from comparisons.settings import FORMAT_DIR

VALID = FORMAT_DIR / "exemples" / "valide"
HEADER = "territoire_niveau,territoire_code,consulte_le,resultat,note\n"
ROW = "departement,53,2026-11-23,trouve,"
SHEET = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'


def zipped(members: dict[str, bytes | str], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


@lru_cache(maxsize=1)
def workbook_files() -> dict[str, bytes]:
    """The files inside a small valid workbook."""
    book = openpyxl.Workbook()
    book.active.title = "recherches"
    for line in (HEADER, ROW + "vu"):
        book.active.append(line.strip().split(","))
    buffer = io.BytesIO()
    book.save(buffer)
    archive = zipfile.ZipFile(buffer)
    return {name: archive.read(name) for name in archive.namelist()}


def workbook(**changes: bytes | str) -> bytes:
    """A workbook with some of its files changed: `sheet`, `strings`, `book` or any other."""
    named = {"sheet": "xl/worksheets/sheet1.xml", "strings": "xl/sharedStrings.xml",
             "book": "xl/workbook.xml"}  # fmt: skip
    return zipped(workbook_files() | {named.get(n, n): content for n, content in changes.items()})


def sheet(body: str) -> str:
    cells = "".join(
        f'<c t="inlineStr"><is><t>{name}</t></is></c>' for name in HEADER.strip().split(",")
    )
    return f'{SHEET}<row r="1">{cells}</row>{body}</sheetData></worksheet>'


def with_method(content: bytes, method: int) -> bytes:
    """Say that the one member of an archive is packed otherwise."""
    changed = bytearray(content)
    changed[8:10] = struct.pack("<H", method)
    entry = content.rfind(b"PK\x01\x02")
    changed[entry + 10 : entry + 12] = struct.pack("<H", method)
    return bytes(changed)


def lying(content: bytes, member: str, size: int) -> bytes:
    """Say that a member is smaller than it is, and give the checksum of its beginning."""
    changed = bytearray(content)
    entry = content.rfind(member.encode()) - 46
    start = zipfile.ZipFile(io.BytesIO(content)).open(member).read(size)
    offset = struct.unpack("<L", content[entry + 42 : entry + 46])[0]
    for place in (entry + 16, offset + 14):
        changed[place : place + 4] = struct.pack("<L", zlib.crc32(start))
    for place in (entry + 24, offset + 22):
        changed[place : place + 4] = struct.pack("<L", size)
    return bytes(changed)


def overlapping(count: int) -> bytes:
    """Members that are all the same bytes of the archive (D. Fifield, A better zip bomb, 2019)."""
    content = zipped({"a.csv": b"0" * 100_000})
    entry, end = content.find(b"PK\x01\x02"), content.find(b"PK\x05\x06")
    head, listed, tail = content[:entry], content[entry:end], bytearray(content[end:])
    entries = b"".join(listed.replace(b"a.csv", b"%c.csv" % (98 + i)) for i in range(count))
    tail[8:12] = struct.pack("<HH", count, count)
    tail[12:16] = struct.pack("<L", len(entries))
    return head + entries + bytes(tail)


def linked() -> bytes:
    info = zipfile.ZipInfo("recherches.csv")
    info.create_system, info.external_attr = 3, 0o120777 << 16
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(info, "/etc/passwd")
    return buffer.getvalue()


def encrypted() -> bytes:
    changed = bytearray(zipped({"recherches.csv": HEADER}))
    for place in (6, changed.rfind(b"PK\x01\x02") + 8):
        changed[place] |= 1
    return bytes(changed)


def twice() -> bytes:
    with pytest.warns(UserWarning, match="Duplicate"):
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            archive.writestr("recherches.csv", HEADER)
            archive.writestr("recherches.csv", HEADER)
    return buffer.getvalue()


LAUGHS = (
    '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>'
    + SHEET
    + '<row r="1"><c t="inlineStr"><is><t>&b;</t></is></c></row></sheetData></worksheet>'
)
OUTSIDE = LAUGHS.replace('"ha"', 'SYSTEM "file:///etc/passwd"')


# --- refused, and why -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "name", "said"),
    [
        (lambda: zipped({"a.csv": b"0" * 300_000_000}), "a.zip", "dépasse 200\u00a0Mo"),
        (lambda: lying(zipped({"recherches.csv": b"0" * 90_000_000}), "recherches.csv", 99),
         "a.zip", "colonne"),
        (lambda: overlapping(9), "a.zip", "la même place"),
        (lambda: zipped({f"{i}.csv": "" for i in range(12_000)}), "a.zip", "trop de fichiers"),
        (lambda: zipped({"interne.zip": zipped({"recherches.csv": HEADER})}), "a.zip",
         "Aucune table"),
        (lambda: zipped({"recherches.csv": HEADER + "x\n" * 2_100_000}), "a.zip", "lignes"),
        (linked, "a.zip", "un lien"),
        (encrypted, "a.zip", "mot de passe"),
        (twice, "a.zip", "le même nom"),
        (lambda: zipped({"recherches\u202evsc.csv": HEADER}), "a.zip", "caractères invisibles"),
        (lambda: zipped({"\x1b[31m.csv": HEADER}), "a.zip", "caractères invisibles"),
        (lambda: zipped({"recherches.csv": HEADER}, zipfile.ZIP_BZIP2), "a.zip", "compression"),
        (lambda: with_method(zipped({"recherches.csv": HEADER}), 9), "a.zip", "compression"),
        (lambda: zipped({"recherches.csv": HEADER * 9})[:-30], "a.zip", "pas pu être lu"),
        (lambda: zipped({"recherches.csv": HEADER}), "a.xlsx", "pas pu être lu"),
        (lambda: (HEADER + ROW).encode(), "a.xlsx", "pas pu être lu"),
        (lambda: workbook(), "recherches.csv", "pas un fichier texte"),
        (lambda: workbook(), "a.xlsm", "pas pu être lu"),
        (lambda: bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600), "a.xlsx", "mot de passe"),
        (lambda: workbook()[:-300], "a.xlsx", "pas pu être lu"),
        (lambda: workbook(sheet=LAUGHS), "a.xlsx", "déclarations"),
        (lambda: workbook(sheet=LAUGHS.encode("utf-16")), "a.xlsx", "déclarations"),
        (lambda: workbook(sheet=" " * 9000 + OUTSIDE), "a.xlsx", "déclarations"),
        (lambda: workbook(strings=b"<sst>" + b"<t/>" * 4_100_000 + b"</sst>"),
         "a.xlsx", "trop de cellules"),
        (lambda: workbook(sheet=sheet(f'<row r="2">{"<c/>" * 20_000}</row>')), "a.xlsx",
         "une ligne"),
        (lambda: workbook(sheet=sheet("<a>" * 99 + "</a>" * 99)), "a.xlsx", "trop profond"),
        (lambda: workbook(sheet=sheet(f'<row r="2" z="{"a" * 99_999}"/>')), "a.xlsx", "sans fin"),
        (lambda: workbook(sheet=sheet("<row ")), "a.xlsx", "pas pu être lu"),
        (lambda: workbook(book=workbook_files()["xl/workbook.xml"].replace(
            b"<sheets>", b"<sheets>" + b'<sheet name="a" sheetId="9"/>' * 500)),
         "a.xlsx", "feuilles"),
        (lambda: lying(workbook(strings=b" " * 90_000_000), "xl/sharedStrings.xml", 99),
         "a.xlsx", "pas pu être lu"),
        (lambda: ",".join(f"c{i}" for i in range(1_000_000)).encode(), "recherches.csv",
         "colonnes"),
        (lambda: f'{HEADER}{ROW}"{"x" * 10_000_000}"'.encode(), "recherches.csv", "caractères"),
        (lambda: (HEADER + "x\n" * 500_000).encode(), "recherches.csv", "ne suivent pas"),
        (lambda: f"{HEADER}\x00{ROW}".encode(), "recherches.csv", "pas un fichier texte"),
        (lambda: b"\xff\xfe" + b"\xd8\xd8\x00" * 999, "recherches.csv", "colonne"),
        (lambda: zipped({"datapackage.json": "[" * 900_000, "recherches.csv": HEADER}),
         "a.zip", "JSON"),
    ],
)  # fmt: skip
def test_what_is_out_of_bounds_is_refused_in_words(make, name, said):
    report = validate(read_upload(make(), name))
    assert not report.valid
    assert any(said in problem.message for problem in report.errors), report.to_text()
    assert "\x1b" not in report.to_text() and "\u202e" not in report.to_text()


def test_a_huge_file_is_refused_by_its_size_and_a_device_is_not_read(tmp_path):
    for name in ("strategies.csv", "paquet.zip", "classeur.xlsx"):
        with (tmp_path / name).open("wb") as file:
            file.truncate(2 * 2**30)
        problems = read_package(tmp_path / name).problems
        assert [problem.code for problem in problems] == ["archive-dangereuse"]
    assert [p.code for p in read_package(tmp_path).problems] == ["archive-dangereuse"]
    assert [p.code for p in read_package("/dev/zero").problems] == ["fichier-illisible"]
    os.mkfifo(tmp_path / "tube.csv")
    assert [p.code for p in read_package(tmp_path / "tube.csv").problems] == ["fichier-illisible"]


def test_links_of_a_folder_never_lead_outside(tmp_path):
    folder, outside = tmp_path / "paquet", tmp_path / "dehors"
    folder.mkdir()
    outside.mkdir()
    (outside / "recherches.csv").write_text(HEADER)
    (folder / "dossier").symlink_to(outside)
    (folder / "boucle.csv").symlink_to("boucle.csv")
    assert not read_package(folder).tables
    (folder / "datapackage.json").symlink_to("/etc/passwd")
    read = read_package(folder)
    assert not read.descriptor and not read.tables


@pytest.mark.parametrize("name", ["é" * 100 + ".csv", "一" * 80 + ".csv", "recherches 🙂.csv"])
def test_long_and_foreign_names_are_only_names(name):
    package = read_upload(zipped({name: HEADER, "recherches.csv": HEADER + ROW}), "a.zip")
    assert len(package.tables["recherches"]) == 1


# --- made harmless --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("part", "said"),
    [("xl/vbaProject.bin", "macros"), ("xl/externalLinks/externalLink1.xml", "autres fichiers")],
)
def test_active_parts_of_a_workbook_are_left_out_and_told(part, said):
    package = read_upload(workbook(**{part: "<a/>"}), "a.xlsx")
    assert package.tables["recherches"]["note"].tolist() == ["vu"]
    assert [said in problem.message for problem in package.problems] == [True]


def test_comments_of_a_workbook_hide_nothing():
    body = '<row r="2"><c t="inlineStr"><is><t>region</t></is></c></row>'
    hidden = f"<!-- {'<row ' * 400_000} --><?php {'<c ' * 400_000}?>"
    package = read_upload(workbook(sheet=sheet(body + hidden)), "a.xlsx")
    assert package.tables["recherches"]["territoire_niveau"].tolist() == ["region"]


WORDS = [
    "<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "[a](javascript:alert(1))",
    "$x^2$", '=HYPERLINK("http://a")', "@SUM(A1)", "{{7*7}}", "'; DROP TABLE strategies",
]  # fmt: skip


def test_html_markdown_formulas_and_sql_stay_texts():
    read = read_package(VALID)
    texts = {"titre", "resume", "gouvernance", "intitule", "description", "libelle", "nom", "note"}
    tables = {
        name: frame.assign(**{
            column: [WORDS[i % len(WORDS)] for i in range(len(frame))]
            for column in texts & set(frame.columns)
        })
        for name, frame in read.tables.items()
    }  # fmt: skip
    report = validate(dataclasses.replace(read, tables=tables))
    assert report.valid, report.to_text()
    again = validate(read_upload(to_standard_zip(report), "a.zip"))
    for name, frame in tables.items():
        for column in texts & set(frame.columns):
            assert again.package.tables[name][column].tolist() == frame[column].tolist()
    loaded = load(again.package)
    assert set(loaded["recherches"]["note"]) <= set(WORDS)
    for table in again.package.tables:
        for line in to_csv(again.package, table).decode().splitlines():
            assert not any(cell.startswith(("=", "@")) for cell in line.split(","))


def test_characters_that_do_not_show_are_taken_out_and_told():
    note = "sens\u202einversé \x1b[31mrouge\x07 \u200bcaché\ufeff 👩‍👧 deux\r\nlignes"
    report = validate(read_upload(f'{HEADER}{ROW}"{note}"'.encode(), "recherches.csv"))
    assert report.valid
    assert report.package.tables["recherches"]["note"].tolist() == [
        "sensinversé [31mrouge caché 👩‍👧 deux\nlignes"
    ]
    (problem,) = (p for p in report.warnings if p.code == "caracteres-invisibles")
    assert (problem.line, problem.column) == (2, "note") and "U+202E" in problem.message
    assert report.sent.tables["recherches"]["note"].tolist() == [note]  # the sender's own words


# --- for the sender alone -------------------------------------------------------------------------


def test_a_file_that_asks_too_much_ends_its_own_process_only():
    content = zipped({path.name: path.read_bytes() for path in VALID.glob("*.*")})
    assert isolated_check.validate_in_subprocess(content, "paquet.zip").valid
    heavy = isolated_check.validate_in_subprocess(content, "paquet.zip", megabytes=200)
    assert not heavy.valid and "arrêtée" in heavy.errors[0].message


# --- what is accepted always loads, and comes back the same ---------------------------------------


def as_text(field: Field) -> str:
    """A column read back as it is written in a package (a name may be a word of SQL: `table`)."""
    name = f'"{field.name}"'
    return f"{_text_sql(name, field)} AS {name}"


def load(package: Package) -> dict[str, pd.DataFrame]:
    """Load a package as a build does, and read its tables back."""
    with duckdb.connect() as connection:
        tables = {**merge.empty_dataset(), **package.tables}
        build._load_format(connection, tables, lambda line: None)
        return {
            name: connection.execute(
                f"SELECT {', '.join(map(as_text, table.fields))} FROM {name} ORDER BY rowid"
            ).df()
            for name, table in load_format().tables.items()
        }


ODD = st.text(max_size=12) | st.sampled_from([
    *WORDS, "", "0", "-0", "1e300", "1e-9", "12,5 M€", "oui", "NC", "2026-02-30", "24/06/2021", "'",
    "'=a", "a|b", "\r", "a\rb", '"', ",", "\u202e=a", " a ", "\t", "b1", "s1", "²", "９", "1_0",
    "NaN", "departement-53-sdusn-2021",
])  # fmt: skip
CELLS = [
    (table.name, field.name) for table in load_format().tables.values() for field in table.fields
]


@st.composite
def packages(draw: st.DrawFn) -> Package:
    """The valid example with cells changed, rows left out or doubled."""
    read = read_package_once()
    tables = {name: frame.copy() for name, frame in read.tables.items()}
    for table, column in draw(st.lists(st.sampled_from(CELLS), max_size=2)):
        frame = tables[table]
        field = load_format().tables[table].field(column)
        known = st.sampled_from(vocabulary_codes(field.vocabulary)) if field.vocabulary else ODD
        line = draw(st.sampled_from(list(frame.index)))
        frame.loc[line, column] = draw(known | ODD).encode("utf-8", "replace").decode()
    for name in draw(st.lists(st.sampled_from(list(tables)), max_size=1)):
        rows = draw(st.lists(st.sampled_from(list(read.tables[name].index)), max_size=5))
        tables[name] = read.tables[name].loc[rows].reset_index(drop=True)
    return dataclasses.replace(read, tables=tables)


@lru_cache(maxsize=1)
def read_package_once() -> Package:
    return read_package(VALID)


ACCEPTED: list[bool] = []


# always the same, so that always as many are accepted
@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(packages())
def comes_back_the_same(package):
    report = validate(package)
    report.to_text()
    report.to_dict()
    ACCEPTED.append(report.valid)
    if not report.valid or not any(map(len, report.package.tables.values())):
        return
    written = to_standard_zip(report)
    again = validate(read_upload(written, "paquet.zip"))
    assert again.valid, again.to_text()
    assert to_standard_zip(again) == written
    loaded = load(report.package)
    for name in again.package.tables:
        buffer = loaded[name].to_csv(index=False, lineterminator="\n").encode()
        assert buffer == to_csv(report.package, name)


def test_what_is_accepted_loads_and_comes_back_the_same():
    ACCEPTED.clear()
    comes_back_the_same()
    assert sum(ACCEPTED) >= 4, ACCEPTED


ROWS = st.lists(st.lists(ODD, max_size=7), max_size=5)


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.dictionaries(st.sampled_from(list(load_format().tables)), ROWS), st.sampled_from(",;\t"))
def test_no_small_package_makes_the_validator_fail(tables, separator):
    files = {
        f"{name}.csv": "\n".join(
            [separator.join(load_format().tables[name].columns[:7]), *map(separator.join, rows)]
        ).encode("utf-8", "replace")
        for name, rows in tables.items()
    }
    report = validate(read_upload(zipped(files), "paquet.zip"))
    assert report.to_text() and report.to_dict()
