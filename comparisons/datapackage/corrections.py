"""Write into a file that was sent the corrections of one meaning; nothing else of it changes.

A text keeps its encoding, separators, quotation marks and line ends; a workbook its other cells and
sheets, and all that is no cell. What is sent is hostile: only for the processes of
`isolated_check`.
"""

import io
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from comparisons.datapackage.archive import kind_of_file, list_zip, replace_members
from comparisons.datapackage.cells import split_codes
from comparisons.datapackage.csv_reader import Header, cell_to_text, iterate_records
from comparisons.datapackage.descriptor import root_folder
from comparisons.datapackage.encodings import detect_encoding
from comparisons.datapackage.problems import Problem, summarise_problems
from comparisons.datapackage.sheet_cells import set_cells
from comparisons.datapackage.short_form.table import sent_tables
from comparisons.datapackage.validation.characters import clean_text
from comparisons.datapackage.validation.report import Report
from comparisons.datapackage.workbook_reader import Workbook
from comparisons.formatting import shorten
from comparisons.tabular_files import LIST_SEPARATOR, escape_formula

TEXT_SUFFIXES = frozenset({".csv", ".tsv", ".txt"})
CORRECTED_SUFFIXES = TEXT_SUFFIXES | {".zip", ".xlsx"}
_MAX_SHOWN_LENGTH = 200
_NUMERIC_TYPES = frozenset({"number", "integer", "year"})

# Line of a cell, from one, and position in its row, from zero.
_Cell = tuple[int, int]


@dataclass(frozen=True)
class Correction:
    """What is written instead of a value of one meaning, in a column of a file (or sheet)."""

    file: str
    column: str
    before: str
    after: str


@dataclass(frozen=True)
class Change:
    """A cell that was changed: where it is, its text before and after."""

    file: str
    line: int
    column: str
    before: str
    after: str


def proposed_correction(problem: Problem) -> Correction | None:
    """Return the correction of a problem, or None if it has no single meaning."""
    if not problem.is_certain or problem.line is None:
        return None
    return Correction(problem.file, problem.column, problem.value, problem.suggestion)


def correct(
    content: bytes, name: str, report: Report, correction: Correction | None = None
) -> tuple[bytes, tuple[Change, ...]]:
    """Return the file of a report with one correction made wherever it is proposed, or all of them.

    Also returns what was changed, in the order of the report: less than what was proposed where a
    cell cannot be written, as that of a formula.
    """
    by_file: dict[str, list[Problem]] = {}
    for problem in summarise_problems(report.problems):
        proposed = proposed_correction(problem)
        if proposed and correction in (None, proposed):
            by_file.setdefault(problem.file, []).append(problem)
    headers = {report.sent.file(table): header for table, header in report.sent.headers.items()}
    kind = kind_of_file(content, name)
    write = {"zip": _correct_zip, "workbook": _correct_workbook}.get(kind, _correct_only_text)
    changes: list[Change] = []
    for file, problems in by_file.items():
        if file in headers:
            content, file_changes = write(content, name, headers[file], problems)
            changes += file_changes
    return content, tuple(changes)


def _correct_only_text(
    content: bytes, name: str, header: Header, problems: list[Problem]
) -> tuple[bytes, list[Change]]:
    return _correct_text(content, header, problems)


def _correct_zip(
    content: bytes, name: str, header: Header, problems: list[Problem]
) -> tuple[bytes, list[Change]]:
    files = list_zip(content, name)
    path = root_folder(files) + problems[0].file
    if path not in files:  # a workbook in an archive
        return content, []
    text, changes = _correct_text(files[path](), header, problems)
    return replace_members(content, name, {path: text}), changes


def _correct_workbook(
    content: bytes, name: str, header: Header, problems: list[Problem]
) -> tuple[bytes, list[Change]]:
    title = problems[0].file.removeprefix(f"{name} › ")
    last_line = max(problem.line for problem in problems)
    rows = Workbook(content, name).read_rows(title, last_line)

    def read_row(line: int) -> list[str]:
        return [cell_to_text(cell) for cell in rows[line - 1]]

    cells, changes = _new_texts(header, problems, read_row)
    values = {
        cell: float(text) if text and changes[cell].column in _numeric_columns() else text
        for cell, text in cells.items()
    }
    content, written = set_cells(content, name, title, values)
    return content, [change for cell, change in changes.items() if cell in written]


def _correct_text(
    content: bytes, header: Header, problems: list[Problem]
) -> tuple[bytes, list[Change]]:
    mark, encoding = detect_encoding(content)
    try:
        text = content.removeprefix(mark).decode(encoding)
    except UnicodeDecodeError:  # it could not be written again as it was
        return content, []
    records = dict(iterate_records(text, header.separator, "", []))
    cells, changes = _new_texts(header, problems, records.__getitem__)
    lines = list(io.StringIO(text, newline=""))
    next_lines = dict(pairwise([*records, len(lines) + 1]))
    for line in {line for line, _ in cells}:
        # the lines of a record, in one text
        start, end = line - 1, next_lines[line] - 1
        new_texts = {column: text for (line_, column), text in cells.items() if line_ == line}
        record = _rewrite_record("".join(lines[start:end]), header.separator, new_texts)
        lines[start:end] = [record, *[""] * (end - start - 1)]
    return mark + "".join(lines).encode(encoding), list(changes.values())


def _rewrite_record(record: str, separator: str, new_texts: Mapping[int, str]) -> str:
    """Return a record of a CSV with other texts at some positions."""
    cell = re.compile(
        rf'(?:^|{re.escape(separator)})("(?:[^"]|"")*"|[^{re.escape(separator)}\r\n]*)'
    )
    spans = [match.span(1) for match in cell.finditer(record)]
    for position, text in sorted(new_texts.items(), reverse=True):
        start, end = spans[position]
        text = str(escape_formula(text))
        if record[start:end].startswith('"') or re.search(rf'["\r\n{re.escape(separator)}]', text):
            text = '"{}"'.format(text.replace('"', '""'))
        record = record[:start] + text + record[end:]
    return record


def _new_texts(
    header: Header, problems: Iterable[Problem], read_row: Callable[[int], list[str]]
) -> tuple[dict[_Cell, str], dict[_Cell, Change]]:
    """Return the new texts of cells, and what changes there; a cell may have several problems."""
    # columns without a name are not in the header as it was read
    filled = (i for i, text in enumerate(read_row(header.line)) if text)
    positions: dict[str, int] = {}
    for name, position in zip(filter(None, header.names), filled, strict=False):
        positions.setdefault(name, position)
    cells: dict[_Cell, str] = {}
    changes: dict[_Cell, Change] = {}
    for problem in problems:
        if problem.column not in positions:
            continue
        row, position = read_row(problem.line), positions[problem.column]
        before = row[position] if position < len(row) else ""
        cell = problem.line, position
        after = _replace_value(cells.get(cell, before), problem)
        if after != before:
            cells[cell] = after
            changes[cell] = Change(
                problem.file,
                problem.line,
                problem.column,
                shorten(before, _MAX_SHOWN_LENGTH),
                shorten(after, _MAX_SHOWN_LENGTH),
            )
    return cells, changes


def _replace_value(text: str, problem: Problem) -> str:
    """Return the text of a cell, or its item, corrected; unchanged if it is not that value."""
    if clean_text(text) == problem.value:
        return problem.suggestion
    items = split_codes(text)
    if problem.value not in items:
        return text
    return LIST_SEPARATOR.join(
        problem.suggestion if item == problem.value else item for item in items
    )


@lru_cache(maxsize=1)
def _numeric_columns() -> frozenset[str]:
    return frozenset(
        field.name
        for table in sent_tables()
        for field in table.fields
        if field.type in _NUMERIC_TYPES
    )
