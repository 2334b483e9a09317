"""Read the bytes of a file as a table of texts with line numbers.

Nothing here raises on bad content: errors are returned as problems, in French.
"""

import csv
import datetime as dt
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, islice

import pandas as pd
from xlsxwriter.utility import xl_col_to_name

from comparisons.datapackage.column_names import is_title_line, name_key
from comparisons.datapackage.csv_problems import (
    MAX_BAD_ROWS,
    MAX_CELL_LENGTH,
    MAX_COLUMNS,
    blank_lines_problem,
    line_above_problem,
    no_table_problem,
    stray_quote_problem,
    too_long_problem,
    too_many_quotes_problem,
    too_wide_problem,
)
from comparisons.datapackage.problems import Problem, file_problem
from comparisons.formatting import pluralize
from comparisons.tabular_files import unescape_formula

_SEPARATORS = (",", ";", "\t", "|", "~", "^", "¦", "§")
# Marks that some programs put around all cells: apostrophes, curly or French quotation marks.
_CELL_MARKS = re.compile("'(.*)'|‘(.*)’|“(.*)”|«\\s*(.*?)\\s*»", re.DOTALL)
# The parser has a limit of its own, which frictionless raises when it is imported: a long cell gets
# the same message whichever came first.
csv.field_size_limit(2**31 - 1)
# Number of filled lines in which the header is searched, under a title and notes.
_MAX_HEADER_LINES = 20
# A quote that nothing closes is looked for until the end of the file, each time.
_MAX_STRAY_QUOTES = 20
_MAX_TOP_CHARACTERS = 200_000
# What Excel writes above the header to know the separator.
_DECLARED_SEPARATOR = re.compile(r'"?sep=([,;|\t])"?(?=\r|\n)', re.IGNORECASE)


@dataclass(frozen=True)
class Header:
    """Names of the columns, those of the format as it spells them, and line of the header.

    `extra_columns` holds the cells of the columns that are not in the format, in the order of
    rows; `separator` is that of the cells of a text.
    """

    names: tuple[str, ...]
    line: int = 1
    extra_columns: Mapping[str, Sequence[str]] = field(default_factory=dict)
    separator: str = ""


@dataclass(frozen=True)
class RawTable:
    """A table as read: its header, its rows, the first line of each row."""

    header: Header
    rows: list[list[str]]
    lines: list[int]


def parse_csv(
    text: str, file: str, known_columns: Iterable[str]
) -> tuple[RawTable | None, list[Problem]]:
    """Parse a CSV text; the separator is the one that gives the most known column names."""
    known_names = frozenset(known_columns)
    declared = _DECLARED_SEPARATOR.match(text)
    separator = declared[1] if declared else _detect_separator(text, known_names)
    # the declaration keeps its line, so that the numbers of lines are those of the file
    text = text[declared.end(1) :] if declared else _unwrap_lines(text, separator, known_names)
    problems: list[Problem] = []
    records = iterate_records(text, separator, file, problems)
    table = _build_table(records, file, known_names, problems)
    if table is not None:
        table = replace(table, header=replace(table.header, separator=separator))
    return table, problems


def _unwrap_lines(text: str, separator: str, known_names: frozenset[str]) -> str:
    """Return the text of a file whose lines are each between quotes, as one cell, without them."""
    first_line = text.lstrip().partition("\n")[0].strip()
    if not (first_line.startswith('"') and first_line.endswith('"')):
        return text
    if len(first_line.split(f'"{separator}')) > 1 or (
        _count_matching_names(first_line.split(separator), known_names) < 2
    ):
        return text
    lines = (line.strip() for line in text.splitlines())
    return "\n".join(
        line[1:-1].replace('""', '"') if line[:1] == line[-1:] == '"' else line for line in lines
    )


def parse_rows(
    rows: Iterable[Sequence[object]], file: str, known_columns: Iterable[str] = ()
) -> tuple[RawTable | None, list[Problem]]:
    """Read the rows of a sheet as the texts that a CSV would hold."""
    problems: list[Problem] = []
    # A sheet may declare more columns than it fills.
    records = (
        (line, [cell_to_text(cell) for cell in row[:MAX_COLUMNS]])
        for line, row in enumerate(rows, 1)
    )
    return _build_table(
        records, file, frozenset(known_columns), problems, is_complete=False
    ), problems


def to_dataframe(table: RawTable, columns: Sequence[str]) -> pd.DataFrame:
    """Convert a raw table to texts under these columns; the index is the line in the file."""
    index_by_name = {name: i for i, name in reversed(list(enumerate(table.header.names)))}
    data = {
        name: [row[index_by_name[name]] for row in table.rows]
        if name in index_by_name
        else [""] * len(table.rows)
        for name in columns
    }
    index = pd.Index(table.lines, name="ligne", dtype="int64")
    return pd.DataFrame(data, index=index, columns=list(columns), dtype="str")


def _detect_separator(text: str, known_names: frozenset[str]) -> str:
    # only the beginning of the file
    filled_lines = (line for line in text[:_MAX_TOP_CHARACTERS].splitlines() if line.strip())
    first_lines = list(islice(filled_lines, _MAX_HEADER_LINES))

    def score(separator: str) -> tuple[int, int]:
        cells = [line.split(separator) for line in first_lines]
        return max(
            (_count_matching_names(names, known_names), len(names)) for names in cells or [[]]
        )

    return max(_SEPARATORS, key=score)


def _count_matching_names(names: Iterable[str], known_names: frozenset[str]) -> int:
    return len(known_names.intersection(map(name_key, names)))


def _column_name(name: str, known_names: frozenset[str]) -> str:
    """Return the column of the format that a name of a header can only be, else the name."""
    key = name_key(name)
    return key if key in known_names else " ".join(name.split())


def iterate_records(
    text: str, separator: str, file: str, problems: list[Problem]
) -> Iterator[tuple[int, list[str]]]:
    """Yield each record with its first line; a line whose quotes are not closed is read alone."""
    lines = list(io.StringIO(text, newline=""))
    start = 0
    width = 0
    for _ in range(_MAX_STRAY_QUOTES):
        reader = csv.reader(
            islice(lines, start, None), delimiter=separator, strict=True, skipinitialspace=True
        )
        first_line = start
        line = start + 1
        try:
            for record in reader:
                width = max(width, len(record))
                yield line, [unescape_formula(cell.strip()) for cell in record]
                line = first_line + reader.line_num + 1
            return
        except csv.Error:
            start = line
            cells = [cell.strip() for cell in lines[line - 1].rstrip("\r\n").split(separator)]
        index = next((i for i, cell in enumerate(cells) if cell.count('"') % 2), None)
        if index is None:
            index = next((i for i, cell in enumerate(cells) if '"' in cell), 0)
        is_read = len(cells) == width
        problems.append(stray_quote_problem(file, line, cells[index], index, is_read))
        if is_read:
            yield line, [unescape_formula(_without_stray_quotes(cell)) for cell in cells]
    problems.append(too_many_quotes_problem(file, start))


def _without_stray_quotes(cell: str) -> str:
    """Return a cell without the quotes around it, nor one that nothing closes."""
    if cell.count('"') % 2:
        return cell.strip('"') if cell.strip('"').count('"') == 0 else cell
    if len(cell) > 1 and cell[0] == cell[-1] == '"' and cell.count('"') == 2:
        return cell[1:-1]
    return cell


def _build_table(
    records: Iterable[tuple[int, list[str]]],
    file: str,
    known_names: frozenset[str],
    problems: list[Problem],
    is_complete: bool = True,
) -> RawTable | None:
    """Find the header among the first filled records, and read the rows under it.

    `is_complete`: each row must have as many cells as the header, as in a CSV; in a sheet, rows
    lack their last empty cells.
    """
    filled_records = (record for record in records if any(record[1]))
    first_records = list(islice(filled_records, _MAX_HEADER_LINES))
    if not first_records:
        problems.append(
            file_problem(
                file,
                "fichier-vide",
                "Ce fichier est vide : il n’a pas même de ligne d’en-tête.",
                "Retirez le fichier, ou mettez les noms des colonnes sur sa première ligne.",
            )
        )
        return None
    overlong_line = next(
        (line for line, record in first_records if _has_overlong_cell(record)), None
    )
    if overlong_line is not None:
        problems.append(too_long_problem(file, overlong_line))
        return None
    if _has_marked_cells(first_records[-1][1]):
        first_records = [(line, _without_marks(record)) for line, record in first_records]
        filled_records = ((line, _without_marks(record)) for line, record in filled_records)
    header_index = _header_index([record for _, record in first_records], known_names)
    header_line, names = first_records[header_index]
    problems += [
        line_above_problem(file, line, record)
        for line, record in first_records[:header_index]
        if not is_title_line(record, names)
    ]
    header = [_column_name(name, known_names) for name in _drop_trailing_blanks(names)]
    if len(header) > MAX_COLUMNS:
        problems.append(too_wide_problem(file, header_line, len(header)))
        return None
    rows, lines = _read_rows(
        chain(first_records[header_index + 1 :], filled_records),
        file,
        (header_line, len(header)),
        problems,
        is_complete,
    )
    header, rows = _drop_blank_columns(header, rows)
    extra_columns = {
        name: [row[index] for row in rows]
        for index, name in reversed(list(enumerate(header)))
        if name not in known_names
    }
    return RawTable(Header(tuple(header), header_line, extra_columns), rows, lines)


def _has_marked_cells(record: list[str]) -> bool:
    filled_cells = [cell for cell in record if cell]
    return len(filled_cells) > 1 and all(map(_CELL_MARKS.fullmatch, filled_cells))


def _without_marks(record: list[str]) -> list[str]:
    """Return cells without the marks that are around each of them."""
    matches = [_CELL_MARKS.fullmatch(cell) for cell in record]
    return [
        next(filter(None, match.groups()), "") if match else cell
        for match, cell in zip(matches, record, strict=True)
    ]


def _read_rows(
    records: Iterable[tuple[int, list[str]]],
    file: str,
    header: tuple[int, int],
    problems: list[Problem],
    is_complete: bool,
) -> tuple[list[list[str]], list[int]]:
    """Read the rows under a header (its line and its width), with their lines."""
    header_line, width = header
    rows: list[list[str]] = []
    lines: list[int] = []
    blank_lines: list[int] = []
    last_line = header_line
    bad_row_count = 0
    for line, record in records:
        row, problem = _pad_row(record, width, file, line, is_complete)
        if problem:
            problems.append(problem)
            bad_row_count += 1
            if bad_row_count > MAX_BAD_ROWS:
                problems.append(no_table_problem(file, line))
                break
        if _has_overlong_cell(row):
            problems.append(too_long_problem(file, line))
            break
        rows.append(row)
        if not is_complete:
            blank_lines += range(last_line + 1, line)
            last_line = line
        lines.append(line)
    if blank_lines:
        problems.append(blank_lines_problem(file, blank_lines))
    return rows, lines


def _header_index(first_records: list[list[str]], known_names: frozenset[str]) -> int:
    """Return the index of the header: most known names, else the first that is not a title."""
    scores = [_count_matching_names(record, known_names) for record in first_records]
    if max(scores):
        return scores.index(max(scores))
    filled_counts = [sum(map(bool, record)) for record in first_records]
    return next(
        index for index, count in enumerate(filled_counts) if 2 * count >= max(filled_counts)
    )


def _pad_row(
    record: list[str], width: int, file: str, line: int, is_complete: bool
) -> tuple[list[str], Problem | None]:
    """Return a row with as many cells as the header, and the problem if the counts differ."""
    if len(record) == width:
        return record, None
    row = (record + [""] * (width - len(record)))[:width]
    extra_cells = [cell for cell in record[width:] if cell]
    if len(record) > width and not extra_cells:
        return row, None
    if len(record) < width and not is_complete:
        return row, None
    if not is_complete:
        index = next(i for i in range(width, len(record)) if record[i])
        message = f"La cellule {xl_col_to_name(index)}{line} est à droite de la dernière colonne."
        remedy = "Donnez un nom à sa colonne, dans l’en-tête, ou videz la cellule."
    else:
        cells = pluralize(len(record), "cellule")
        message = f"Cette ligne compte {cells} ; l’en-tête en compte {width}."
        remedy = (
            "Vérifiez les séparateurs de la ligne : un texte qui contient le séparateur "
            "doit être entre guillemets droits."
        )
    value = extra_cells[0] if extra_cells else ""
    return row, Problem(file, line, "", value, "nombre-de-cellules", message, remedy)


def _has_overlong_cell(record: list[str]) -> bool:
    return bool(record) and max(map(len, record)) > MAX_CELL_LENGTH


def _drop_blank_columns(
    header: list[str], rows: list[list[str]]
) -> tuple[list[str], list[list[str]]]:
    """Drop the columns that have neither name nor content."""
    empty_indices = {
        index
        for index, name in enumerate(header)
        if not name and not any(row[index] for row in rows)
    }
    if not empty_indices:
        return header, rows
    filled_indices = [index for index in range(len(header)) if index not in empty_indices]
    return [header[index] for index in filled_indices], [
        [row[index] for index in filled_indices] for row in rows
    ]


def _drop_trailing_blanks(header: list[str]) -> list[str]:
    """Drop the empty columns that spreadsheets leave at the right of a header."""
    while header and not header[-1]:
        header = header[:-1]
    return header


def cell_to_text(cell: object) -> str:
    """Convert a spreadsheet cell to CSV text: dates as AAAA-MM-JJ, 2021 and not 2021.0."""
    if isinstance(cell, bool):
        return "oui" if cell else "non"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, dt.date):
        return cell.isoformat()[:10]
    return str(cell).strip()
