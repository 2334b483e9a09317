"""From the bytes of a file to a table of texts that remembers its line numbers.

Nothing here raises on bad content: what is wrong comes back as problems, in French.
"""

import csv
import datetime as dt
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import pandas as pd

from comparisons.armour import unarmoured
from comparisons.problems import WARNING, Problem, file_problem, quote

SEPARATORS = (",", ";", "\t")
# No table of the format comes near this width; a sheet may claim 16,384 columns.
MAX_COLUMNS = 100


@dataclass(frozen=True)
class Header:
    """The names of the columns as the file writes them, and the line where they are."""

    names: tuple[str, ...]
    line: int = 1


@dataclass(frozen=True)
class RawTable:
    """A table as read: its header, its rows, the line where each row begins."""

    header: Header
    rows: list[list[str]]
    lines: list[int]


def decode(content: bytes, file: str) -> tuple[str | None, list[Problem]]:
    """Turn bytes into text: UTF-8 expected, Windows-1252 and UTF-16 accepted with a warning."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", errors="replace"), [_encoding(file, "UTF-16")]
    if b"\x00" in content[:4096]:
        return None, [
            file_problem(
                file,
                "fichier-illisible",
                "Ce fichier n’est pas un fichier texte.",
                "Enregistrez la table au format CSV (UTF-8) ou Excel (.xlsx).",
            )
        ]
    try:
        return content.decode("utf-8-sig"), []
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace"), [_encoding(file, "Windows-1252")]


def parse_csv(
    text: str, file: str, known_columns: Iterable[str]
) -> tuple[RawTable | None, list[Problem]]:
    """Cut a CSV text into cells; the separator is the one that yields known column names."""
    separator = _separator(text, frozenset(known_columns))
    problems: list[Problem] = []
    records = _records(text, separator, file, problems)
    return _table(records, file, problems), problems


def from_sheet(
    rows: Iterable[Sequence[object]], file: str
) -> tuple[RawTable | None, list[Problem]]:
    """Read the rows of a spreadsheet's sheet, as the texts that a CSV would hold."""
    problems: list[Problem] = []
    # A sheet leaves out the empty cells at the end of a row: they are no fault.
    blanks = [""] * MAX_COLUMNS
    records = (
        (line, ([_cell_text(cell) for cell in row] + blanks)[:MAX_COLUMNS])
        for line, row in enumerate(rows, 1)
    )
    return _table(records, file, problems), problems


def to_frame(table: RawTable, columns: Sequence[str]) -> pd.DataFrame:
    """Lay the rows under the columns of the format; the index is the line in the file."""
    position = {name: i for i, name in reversed(list(enumerate(table.header.names)))}
    data = {
        name: [row[position[name]] for row in table.rows]
        if name in position
        else [""] * len(table.rows)
        for name in columns
    }
    index = pd.Index(table.lines, name="ligne", dtype="int64")
    return pd.DataFrame(data, index=index, columns=list(columns), dtype="str")


def _separator(text: str, known: frozenset[str]) -> str:
    first = next((line for line in text.splitlines() if line.strip()), "")

    def score(separator: str) -> tuple[int, int]:
        cells = {cell.strip().strip('"') for cell in first.split(separator)}
        return len(cells & known), len(cells)

    return max(SEPARATORS, key=score)


def _records(
    text: str, separator: str, file: str, problems: list[Problem]
) -> Iterator[tuple[int, list[str]]]:
    """Yield each record with the line where it begins; stop at the first broken quotation."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    line = 1
    try:
        for record in reader:
            yield line, [unarmoured(cell.strip()) for cell in record]
            line = reader.line_num + 1
    except csv.Error:
        problems.append(
            Problem(
                file,
                line,
                "",
                "",
                "csv-mal-forme",
                "La lecture s’arrête ici : un guillemet n’est pas fermé, ou une cellule est "
                "démesurée. Les lignes suivantes n’ont pas été lues.",
                'Fermez le guillemet ; dans un texte, doublez les guillemets droits ("").',
            )
        )


def _table(
    records: Iterable[tuple[int, list[str]]], file: str, problems: list[Problem]
) -> RawTable | None:
    """Take the first filled record as header, the others as rows; blank ones are left out."""
    header: list[str] | None = None
    header_line = 1
    rows: list[list[str]] = []
    lines: list[int] = []
    for line, record in records:
        if not any(record):
            continue
        if header is None:
            header, header_line = _without_trailing_blanks(record), line
            continue
        row, problem = _fitted(record, len(header), file, line)
        if problem:
            problems.append(problem)
        rows.append(row)
        lines.append(line)
    if header is None:
        problems.append(
            file_problem(
                file,
                "fichier-vide",
                "Ce fichier est vide : il n’a pas même de ligne d’en-tête.",
                "Retirez le fichier, ou mettez les noms des colonnes sur sa première ligne.",
            )
        )
        return None
    return RawTable(Header(tuple(header), header_line), rows, lines)


def _fitted(
    record: list[str], width: int, file: str, line: int
) -> tuple[list[str], Problem | None]:
    """Give a row as many cells as the header; a filled cell too many or one missing is a fault."""
    if len(record) == width:
        return record, None
    row = (record + [""] * width)[:width]
    if len(record) > width and not any(record[width:]):
        return row, None
    return row, Problem(
        file,
        line,
        "",
        quote(record[-1]) if len(record) > width else "",
        "nombre-de-cellules",
        f"Cette ligne compte {len(record)} cellules ; l’en-tête en compte {width}.",
        "Vérifiez les séparateurs de la ligne : un texte qui contient le séparateur "
        "doit être entre guillemets droits.",
    )


def _without_trailing_blanks(header: list[str]) -> list[str]:
    """Drop the empty columns that spreadsheets leave at the right of a header."""
    while header and not header[-1]:
        header = header[:-1]
    return header


def _cell_text(cell: object) -> str:
    """Write a spreadsheet cell as one would in a CSV: dates as AAAA-MM-JJ, 2021 and not 2021.0."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "oui" if cell else "non"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, dt.datetime):
        return cell.date().isoformat()
    if isinstance(cell, dt.date):
        return cell.isoformat()
    return str(cell).strip()


def _encoding(file: str, name: str) -> Problem:
    return file_problem(
        file,
        "encodage-non-utf8",
        f"Ce fichier n’est pas en UTF-8 : il a été lu comme du {name}.",
        "Vérifiez les accents et enregistrez le fichier au format « CSV UTF-8 ».",
        WARNING,
    )
