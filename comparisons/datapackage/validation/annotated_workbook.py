"""Write a workbook of the tables as sent, with coloured faulty cells and remedies.

Every cell keeps its position: line 12 of a file is line 12 of its sheet. Texts are never written
as formulas.
"""

import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

import xlsxwriter
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from comparisons.datapackage.problems import ERROR, Problem
from comparisons.datapackage.reader import Package
from comparisons.datapackage.validation.problem_groups import ProblemGroup
from comparisons.datapackage.validation.report import Report
from comparisons.formatting import pluralize, shorten
from comparisons.tabular_files import header_format, sheet_name

SUMMARY_SHEET = "À corriger"
# Of a longer table, only the faulty lines are written.
_MAX_ROWS = 20_000
_LAST_ROW = 1_048_576
# Comments are slow to open: further cells have only their colour and the summary.
_MAX_COMMENTS = 2_000
_MAX_LOCATIONS = 2_000
_MAX_CELL_LENGTH = 32_000
_COLOUR_BY_IS_ERROR = {True: "#F4B6A6", False: "#FFE699"}
_COLUMN_WIDTHS = (15, 44, 30, 24, 28, 70, 12)


@dataclass
class _CellMark:
    """A cell of a sheet (counted from zero) and its problems."""

    row: int
    column: int
    problems: list[Problem] = field(default_factory=list)


def annotated_workbook(report: Report) -> bytes:
    """Build a workbook (XLSX): causes with links to their cells, then a sheet for each table sent.

    The same report gives the same bytes.
    """
    buffer = io.BytesIO()
    options = dict.fromkeys(
        ("strings_to_formulas", "strings_to_urls", "strings_to_numbers"), False
    ) | {"in_memory": True}
    with xlsxwriter.Workbook(buffer, options) as workbook:
        # A fixed date, so that the same report gives the same bytes.
        workbook.set_properties({"created": datetime(2026, 1, 1)})
        sheets = {report.sent.file(name): sheet_name(name) for name in report.sent.tables}
        marks_by_file = _marks_by_file(report)
        summary = workbook.add_worksheet(SUMMARY_SHEET)
        _write_summary(workbook, summary, report, sheets)
        comments_left = _MAX_COMMENTS
        for name in report.sent.tables:
            marks = marks_by_file.get(report.sent.file(name), {})
            comments_left -= _write_table(workbook, report.sent, name, marks, comments_left)
    return buffer.getvalue()


def _marks_by_file(report: Report) -> dict[str, dict[tuple[int, int], _CellMark]]:
    """Return the marks of cells, by file then (row, column), without problems of whole files."""
    marks_by_file: dict[str, dict[tuple[int, int], _CellMark]] = {}
    tables = {report.sent.file(name): name for name in report.sent.tables}
    for problem in report.problems:
        if problem.file not in tables or problem.line is None or problem.line > _LAST_ROW:
            continue
        names = _header(report.sent, tables[problem.file])[0]
        cell = problem.line - 1, _column_index(names, problem.column)
        marks = marks_by_file.setdefault(problem.file, {})
        marks.setdefault(cell, _CellMark(*cell)).problems.append(problem)
    return marks_by_file


def _column_index(names: tuple[str, ...], column: str) -> int:
    return names.index(column) if column in names else 0


def _header(package: Package, name: str) -> tuple[tuple[str, ...], int]:
    """Return the names of the columns as they were sent, and their line."""
    header = package.headers.get(name)
    if header is not None:
        return header.names, header.line
    return tuple(package.tables[name].columns), 1


def _write_summary(
    workbook: Workbook, sheet: Worksheet, report: Report, sheets: Mapping[str, str]
) -> None:
    bold = workbook.add_format({"bold": True, "font_size": 14})
    heading = header_format(workbook)
    styles = {
        is_error: workbook.add_format({"bg_color": colour, "text_wrap": True, "valign": "top"})
        for is_error, colour in _COLOUR_BY_IS_ERROR.items()
    }
    wrap = workbook.add_format({"text_wrap": True, "valign": "top"})
    link = workbook.add_format({"font_color": "#0A5CAD", "underline": True, "valign": "top"})
    for column, width in enumerate(_COLUMN_WIDTHS):
        sheet.set_column(column, column, width)
    sheet.write_string(0, 0, report.verdict, bold)
    names = ("Gravité", "Cause", "Fichier", "Colonne", "Lignes", "Que faire", "Y aller")
    for column, name in enumerate(names):
        sheet.write_string(2, column, name, heading)
    sheet.freeze_panes(3, 0)
    rows = list(_summary_rows(report))
    for row, (cause, texts, target) in enumerate(rows[:_MAX_LOCATIONS], 3):
        sheet.write_string(row, 0, texts[0], styles[cause.severity == ERROR])
        for column, text in enumerate(texts[1:], 1):
            sheet.write_string(row, column, _fit_cell(text), wrap)
        if target is not None and target[0] in sheets:
            file, line, position = target
            address = f"internal:'{sheets[file]}'!{_cell_name(line, position)}"
            sheet.write_url(row, len(texts), address, link, _cell_name(line, position))
    end = min(len(rows), _MAX_LOCATIONS) + 3
    if not rows:
        sheet.write_string(end, 0, "Rien à corriger.")
    elif len(rows) > _MAX_LOCATIONS:
        other_locations = pluralize(len(rows) - _MAX_LOCATIONS, "autre endroit", "autres endroits")
        sheet.write_string(end, 0, f"… et {other_locations}.")


def _summary_rows(
    report: Report,
) -> Iterator[tuple[ProblemGroup, tuple[str, ...], tuple[str, int, int] | None]]:
    """Yield (group, texts, target cell) for each location of each group of problems."""
    tables = {report.sent.file(name): name for name in report.sent.tables}
    remedies = {
        (problem.severity, problem.code, problem.file, problem.column): problem.remedy
        for problem in reversed(report.problems)
    }
    for cause in report.groups():
        severity = "Erreur" if cause.severity == ERROR else "Avertissement"
        for location in cause.locations:
            target = None
            if location.lines and location.file in tables and location.lines[0] <= _LAST_ROW:
                names = _header(report.sent, tables[location.file])[0]
                target = location.file, location.lines[0], _column_index(names, location.column)
            lines_text = location.line_ranges or "tout le fichier"
            remedy = remedies[cause.severity, cause.code, location.file, location.column]
            texts = (severity, cause.title, location.file, location.column, lines_text, remedy)
            yield cause, texts, target


def _write_table(
    workbook: Workbook,
    package: Package,
    name: str,
    marks: Mapping[tuple[int, int], _CellMark],
    comments: int,
) -> int:
    """Write a table as sent and mark its faulty cells; return the number of comments."""
    sheet = workbook.add_worksheet(sheet_name(name))
    names, header_line = _header(package, name)
    styles = {
        is_error: workbook.add_format({"bg_color": colour})
        for is_error, colour in _COLOUR_BY_IS_ERROR.items()
    }
    heading = header_format(workbook)
    sheet.set_column(0, max(len(names) - 1, 0), 18)
    sheet.freeze_panes(header_line, 0)
    for column, text in enumerate(names):
        sheet.write_string(header_line - 1, column, _fit_cell(text), heading)
    cells = {(header_line - 1, column): text for column, text in enumerate(names)}
    faulty_rows = {row for row, _ in marks}
    for row, texts in _iterate_rows(package, name, names, faulty_rows):
        for column, text in enumerate(texts):
            if (row, column) in marks:
                cells[row, column] = text
            elif text:
                sheet.write_string(row, column, _fit_cell(text))
    sorted_marks = sorted(marks.values(), key=lambda mark: (mark.row, mark.column))
    for mark in sorted_marks:
        is_blocking = any(problem.severity == ERROR for problem in mark.problems)
        text = cells.get((mark.row, mark.column), "")
        if text:
            sheet.write_string(mark.row, mark.column, _fit_cell(text), styles[is_blocking])
        else:
            sheet.write_blank(mark.row, mark.column, None, styles[is_blocking])
    for mark in sorted_marks[:comments]:
        sheet.write_comment(
            mark.row,
            mark.column,
            _comment_text(mark),
            {"x_scale": 2.5, "y_scale": 1.6, "author": ""},
        )
    return min(len(sorted_marks), comments)


def _iterate_rows(
    package: Package, name: str, names: tuple[str, ...], faulty: set[int]
) -> Iterator[tuple[int, list[str]]]:
    """Yield (row, texts) for the rows as sent, with the columns that the format ignores."""
    frame = package.tables[name]
    header = package.headers.get(name)
    extra_columns = header.extra_columns if header is not None else {}
    columns = [
        frame[column].tolist() if column in frame.columns else extra_columns.get(column, ())
        for column in names
    ]
    is_complete = len(frame) <= _MAX_ROWS
    for index, line in enumerate(frame.index):
        row = int(line) - 1
        if row < _LAST_ROW and (is_complete or row in faulty):
            yield row, [column[index] if index < len(column) else "" for column in columns]


def _comment_text(mark: _CellMark) -> str:
    parts = [f"{problem.message}\n→ {problem.remedy}" for problem in mark.problems[:5]]
    return _fit_cell("\n\n".join(parts))


def _fit_cell(text: str) -> str:
    return shorten(text, _MAX_CELL_LENGTH, keep_words=False)


def _cell_name(line: int, position: int) -> str:
    return f"{xlsxwriter.utility.xl_col_to_name(position)}{line}"
