"""Check that a package gives the same rows, whatever file holds it."""

import csv
import io
from collections.abc import Mapping, Sequence

from effort import tries
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from package_files import (
    amount_row,
    build_ods,
    build_workbook,
    build_zip,
    csv_table,
    source_row,
    strategy_row,
)

from comparisons.datapackage.reader import read_upload
from comparisons.datapackage.validation.validator import validate

Tables = Mapping[str, Sequence[Mapping[str, str]]]
CODES = ("01", "2A", "53", "35", "69")

# words and marks that files must keep: separators, quotes, accents, numbers with zeros
texts = st.text(st.sampled_from("aéÀœ’«» -,;|\"'_01€"), min_size=1, max_size=12).map(
    lambda text: f"T{text.strip()}x"
)
amounts = st.one_of(
    st.integers(100, 10**9).map(str),
    st.decimals(100, 10**6, places=2).map(lambda value: f"{value.normalize():f}"),
)
years = st.integers(1990, 2040)
periods = st.tuples(years, st.integers(0, 9)).map(lambda pair: f"{pair[0]}-{pair[0] + pair[1]}")
dates = st.one_of(
    years.map(str),
    st.dates().filter(lambda day: 1990 < day.year < 2040).map(lambda day: day.isoformat()),
)

short_lines = st.fixed_dictionaries(
    {
        "territoire_niveau": st.just("departement"),
        "territoire_code": st.sampled_from(CODES),
        "titre": texts,
        "type": st.just("sdusn"),
        "date_adoption": dates,
        "url": st.just("https://exemple.fr/a?b=1;c=2,3"),
        "priorites": texts.map(lambda text: f"{text.replace('|', ' ')} [donnees]"),
        "montant_total": amounts,
        "montant_etape": st.just("vote"),
        "montant_perimetre": st.just("usages"),
        "montant_annees": periods,
        "maj_le": st.just("2026-11-23"),
    }
)
short_forms = st.lists(short_lines, min_size=1, max_size=4, unique_by=lambda line: (
    line["territoire_code"], line["date_adoption"][:4]
)).map(lambda lines: {"court": lines})  # fmt: skip


@st.composite
def full_packages(draw) -> Tables:
    codes = draw(st.lists(st.sampled_from(CODES), min_size=1, max_size=3, unique=True))
    strategies = [
        strategy_row(f"s-{code}", code, titre=draw(texts), date_adoption=draw(dates))
        for code in codes
    ]
    budgets = [
        amount_row(f"b-{code}", f"s-{code}", draw(amounts), libelle=draw(texts)) for code in codes
    ]
    return {"strategies": strategies, "budgets": budgets, "sources": [source_row()]}


def rows_of(content: bytes, name: str) -> dict[str, list]:
    report = validate(read_upload(content, name))
    assert report.is_valid, report.to_text()
    return {table: rows.to_numpy().tolist() for table, rows in report.package.tables.items()}


def lines_of(rows: Sequence[Mapping[str, str]]) -> list[list[str]]:
    return [list(rows[0]), *([row[column] for column in rows[0]] for row in rows)]


def semicolons(rows: Sequence[Mapping[str, str]]) -> bytes:
    """Write rows as Excel does in France."""
    text = io.StringIO()
    csv.writer(text, delimiter=";", lineterminator="\r\n").writerows(lines_of(rows))
    return text.getvalue().encode("utf-8-sig")


def files_of(tables: Tables) -> dict[str, bytes]:
    commas = {f"{name}.csv": csv_table(rows) for name, rows in tables.items()}
    sheets = {name: lines_of(rows) for name, rows in tables.items()}
    files = {
        "x.xlsx": build_workbook(sheets),
        "x.ods": build_ods(sheets),
        "x.zip": build_zip(commas),
        "y.zip": build_zip({f"{name}.csv": semicolons(rows) for name, rows in tables.items()}),
    }
    if len(tables) == 1:
        files |= {"x.csv": commas["court.csv"].encode(), "y.csv": semicolons(tables["court"])}
    return files


@given(st.one_of(short_forms, full_packages()))
@settings(max_examples=tries(8), deadline=None, suppress_health_check=list(HealthCheck))
def test_any_file_gives_the_same_rows(tables):
    read = {name: rows_of(content, name) for name, content in files_of(tables).items()}
    expected = read.pop("x.zip")
    for name, rows in read.items():
        assert rows == expected, name
