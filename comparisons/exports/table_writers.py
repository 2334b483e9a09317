"""CSV, XLSX and zip files of tables, with their citation.

Amounts and dates keep their types; codes have their labels; texts that a spreadsheet would run as
formulas stay texts.
"""

import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime

import pandas as pd

from comparisons.database.connection import dataset_metadata
from comparisons.formatting import format_partial_date, is_missing
from comparisons.queries.sources import describe_official
from comparisons.rows import iterate_rows
from comparisons.schema.model import code_label
from comparisons.schema.registry import find_field
from comparisons.tabular_files import (
    header_format,
    join_lists,
    sheet_name,
    to_csv,
    zip_bytes,
)
from comparisons.translation import FRENCH, translate

LICENCE = "Licence Ouverte 2.0 (Etalab)"
MEDIA_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "zip": "application/zip",
}
_README = "README.txt"
_CITATION = (
    "Stratoscope, stratégies numériques des territoires français, version {version}, données du "
    "{date}, {licence}."
)
EMPTY_CELL = ("Cellule vide", "Non renseigné : inconnu, ce qui n’est pas zéro.")


def citation_sentence(language: str = FRENCH) -> str:
    """Return the sentence that cites the dataset in its current version, and what is left of it."""
    data = dataset_metadata()
    sentence = translate(_CITATION, language).format(
        version=data["version"],
        date=format_partial_date(data["date"], language),
        licence=translate(LICENCE, language),
    )
    return f"{sentence} {describe_official()}".rstrip()


def file_name(stem: str, extension: str) -> str:
    """Return the name of a file, from its content and the dataset version."""
    safe = re.sub(r"[^a-z0-9]+", "-", stem.lower()).strip("-")
    return f"stratoscope_{safe}_{dataset_metadata()['version']}.{extension}"


def add_labels(rows: pd.DataFrame) -> pd.DataFrame:
    """Return rows with the French labels of each coded column beside it, as `…_libelle`."""
    labelled = rows.copy()
    for column in rows.columns:
        field = find_field(column, rows.columns)
        if field is None or not field.vocabulary:
            continue
        vocabulary = field.vocabulary
        position = labelled.columns.get_loc(column) + 1
        labels = [_format_labels(vocabulary, value) for value in rows[column]]
        if f"{column}_libelle" not in labelled:
            labelled.insert(position, f"{column}_libelle", labels)
    return labelled


def _format_labels(vocabulary: str, value: object) -> str | None:
    if isinstance(value, str):
        return code_label(vocabulary, value)
    if hasattr(value, "__len__"):
        return "|".join(code_label(vocabulary, code) for code in value)
    return None


def origin_notes(address: str) -> list[tuple[str, str]]:
    """Return the last notes of a file: source, licence, version, address of its page if known."""
    data = dataset_metadata()
    return [
        ("Source", citation_sentence()),
        ("Licence", LICENCE),
        ("Version", f"{data['version']}, données du {format_partial_date(data['date'])}"),
        *([("Adresse", address)] if address else ()),
    ]


def origin_words() -> dict[str, object]:
    """Return what a template prints of the data: their date, as numbers and in words, citation."""
    day = str(dataset_metadata()["date"])
    return {
        "date": [int(part) for part in day.split("-")],
        "dated": format_partial_date(day),
        "citation": citation_sentence(),
    }


def to_json(content: Mapping[str, object], address: str) -> bytes:
    """Return JSON that begins with the version, the citation, the licence, the page's address."""
    origin = {
        "version": str(dataset_metadata()["version"]),
        "citation": citation_sentence(),
        "licence": LICENCE,
        "adresse": address or None,
    }
    return json.dumps(origin | content, ensure_ascii=False, allow_nan=False).encode("utf-8")


def to_xlsx(sheets: Mapping[str, pd.DataFrame], about: str = "") -> bytes:
    """Return tables as a workbook, a sheet each, after a sheet of notes."""
    definitions = [
        (f"{name} · {row.colonne}", row.description)
        for name, rows in sheets.items()
        for row in iterate_rows(data_dictionary({name: rows}))
    ]
    source_lines = [("Source", citation_sentence()), ("Licence", LICENCE)]
    return to_workbook(
        [*source_lines, ("Contenu", about), EMPTY_CELL, ("", ""), *definitions], sheets
    )


def to_workbook(notes: Iterable[tuple[str, str]], sheets: Mapping[str, pd.DataFrame]) -> bytes:
    """Return a workbook: a sheet of notes, then a sheet per table."""
    buffer = io.BytesIO()
    with open_workbook(buffer) as writer:
        write_notes_sheet(writer, notes)
        for name, rows in sheets.items():
            write_table_sheet(writer, name, rows)
    return buffer.getvalue()


def to_zip(tables: Mapping[str, pd.DataFrame], lines: Iterable[tuple[str, str]]) -> bytes:
    """Return a zip of tables as CSV and notes in French; same bytes for a same dataset."""
    members = {_README: _notes_to_text(lines).encode("utf-8")}
    return dated_zip(members | {f"{name}.csv": to_csv(rows) for name, rows in tables.items()})


def dated_zip(members: Mapping[str, bytes]) -> bytes:
    """Return a zip of files by name, dated as the dataset."""
    return zip_bytes(members, date.fromisoformat(str(dataset_metadata()["date"])))


def _notes_to_text(lines: Iterable[tuple[str, str]]) -> str:
    """Return notes as plain text."""
    return "".join(f"{heading} : {text}\n\n" if heading else "" for heading, text in lines)


def to_records(rows: pd.DataFrame) -> list[dict]:
    """Return the rows of a table as JSON records; unknown values are None."""
    return [
        {str(name): to_json_value(value) for name, value in row.items()}
        for row in rows.astype(object).to_dict("records")
    ]


def to_json_value(value: object) -> object:
    """Return a value for JSON: lists as lists, unknown values as None."""
    if hasattr(value, "__len__") and not isinstance(value, str):
        return list(value)
    return None if is_missing(value) else getattr(value, "item", lambda: value)()


@contextmanager
def open_workbook(buffer: io.BytesIO) -> Iterator[pd.ExcelWriter]:
    """Open a workbook writer in which no text becomes a formula or a link.

    Its creation date is that of the data, so that a same table gives the same bytes.
    """
    options = {
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "nan_inf_to_errors": False,
        # no temporary file, which a process without files could not open
        "in_memory": True,
    }
    with pd.ExcelWriter(buffer, engine="xlsxwriter", engine_kwargs={"options": options}) as writer:
        writer.book.set_properties({"created": datetime.fromisoformat(dataset_metadata()["date"])})
        yield writer


def write_notes_sheet(writer: pd.ExcelWriter, lines: Iterable[tuple[str, str]]) -> None:
    """Add the sheet of notes, a heading and a text per line."""
    sheet = writer.book.add_worksheet("Lisez-moi")
    bold = writer.book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
    wrap = writer.book.add_format({"text_wrap": True, "valign": "top"})
    sheet.set_column(0, 0, 34)
    sheet.set_column(1, 1, 100)
    for row, (heading, text) in enumerate(lines):
        if heading or text:
            sheet.write_string(row, 0, heading, bold)
            sheet.write_string(row, 1, text, wrap)


def write_table_sheet(writer: pd.ExcelWriter, name: str, rows: pd.DataFrame) -> None:
    """Add the sheet of a table."""
    flat = join_lists(rows)
    title = sheet_name(name)
    flat.to_excel(writer, sheet_name=title, index=False, freeze_panes=(1, 0))
    sheet = writer.sheets[title]
    heading = header_format(writer.book)
    for position, column in enumerate(flat.columns):
        sheet.write_string(0, position, str(column), heading)
        sheet.set_column(position, position, _width(flat[column], str(column)))
    if len(flat):
        sheet.autofilter(0, 0, len(flat), len(flat.columns) - 1)


def data_dictionary(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return the dictionary of the described columns of tables.

    Columns: `table`, `colonne`, `titre`, `description`, `unite`.
    """
    definitions = [
        (name, column, field.title, field.description, field.unit)
        for name, rows in tables.items()
        for column in map(str, rows.columns)
        if (field := find_field(column, rows.columns))
    ]
    return pd.DataFrame(definitions, columns=["table", "colonne", "titre", "description", "unite"])


def to_labelled_csv(rows: pd.DataFrame) -> bytes:
    """Return a table as CSV, with the labels of its codes."""
    return to_csv(add_labels(rows))


def to_labelled_xlsx(sheets: Mapping[str, pd.DataFrame], about: str = "") -> bytes:
    """Return tables as a workbook, with the labels of their codes."""
    return to_xlsx({name: add_labels(rows) for name, rows in sheets.items()}, about)


def _width(values: pd.Series, heading: str) -> int:
    longest = max([len(str(value)) for value in values.head(200)], default=0)
    return min(max(longest, len(heading)) + 2, 60)
