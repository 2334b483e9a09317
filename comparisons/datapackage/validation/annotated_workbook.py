"""The tables as they were sent, their faulty cells in colour, each with what to do.

Every cell stays where it was: line 12 of a file is line 12 of its sheet. Nothing in it runs: a text
is written as a text, whatever it begins with.
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
from comparisons.formatting import pluralize
from comparisons.tabular_files import header_format, sheet_name

SUMMARY = "À corriger"
# A longer table is shown by its faulty lines only; a spreadsheet holds no more lines than that.
MAX_ROWS = 20_000
_LAST_ROW = 1_048_576
# Comments are slow to open; past these, the colour and the first sheet say enough.
MAX_COMMENTS = 2_000
MAX_LOCATIONS = 2_000
_LONGEST_CELL = 32_000
_COLOURS = {True: "#F4B6A6", False: "#FFE699"}
_WIDTHS = (15, 44, 30, 24, 28, 70, 12)


@dataclass
class _CellMark:
    """A cell of a sheet (counted from zero) and what is wrong there."""

    row: int
    column: int
    problems: list[Problem] = field(default_factory=list)


def annotated_workbook(report: Report) -> bytes:
    """Write a workbook (XLSX): causes with links to their cells, then a sheet for each table sent.

    The same report gives the same bytes.
    """
    buffer = io.BytesIO()
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(buffer, options) as book:
        # Of the day of the data, a report has none; a date of today would change the bytes.
        book.set_properties({"created": datetime(2026, 1, 1)})
        sheets = {report.sent.file(name): sheet_name(name) for name in report.sent.tables}
        places = _places(report)
        summary = book.add_worksheet(SUMMARY)
        _write_summary(book, summary, report, sheets)
        left = MAX_COMMENTS
        for name in report.sent.tables:
            here = places.get(report.sent.file(name), {})
            left -= _write_table(book, report.sent, name, here, left)
    return buffer.getvalue()


def _places(report: Report) -> dict[str, dict[tuple[int, int], _CellMark]]:
    """Find the cell of each fault, by file; those of a whole file have none."""
    found: dict[str, dict[tuple[int, int], _CellMark]] = {}
    tables = {report.sent.file(name): name for name in report.sent.tables}
    for problem in report.problems:
        if problem.file not in tables or problem.line is None or problem.line > _LAST_ROW:
            continue
        names = _header(report.sent, tables[problem.file])[0]
        cell = problem.line - 1, _position(names, problem.column)
        here = found.setdefault(problem.file, {})
        here.setdefault(cell, _CellMark(*cell)).problems.append(problem)
    return found


def _position(names: tuple[str, ...], column: str) -> int:
    return names.index(column) if column in names else 0


def _header(package: Package, name: str) -> tuple[tuple[str, ...], int]:
    """Return the names of the columns as they were sent, and their line."""
    header = package.headers.get(name)
    if header is not None:
        return header.names, header.line
    return tuple(package.tables[name].columns), 1


def _write_summary(
    book: Workbook, sheet: Worksheet, report: Report, sheets: Mapping[str, str]
) -> None:
    bold = book.add_format({"bold": True, "font_size": 14})
    heading = header_format(book)
    styles = {
        error: book.add_format({"bg_color": colour, "text_wrap": True, "valign": "top"})
        for error, colour in _COLOURS.items()
    }
    wrap = book.add_format({"text_wrap": True, "valign": "top"})
    link = book.add_format({"font_color": "#0A5CAD", "underline": True, "valign": "top"})
    for column, width in enumerate(_WIDTHS):
        sheet.set_column(column, column, width)
    sheet.write_string(0, 0, report.verdict, bold)
    names = ("Gravité", "Cause", "Fichier", "Colonne", "Lignes", "Que faire", "Y aller")
    for column, name in enumerate(names):
        sheet.write_string(2, column, name, heading)
    sheet.freeze_panes(3, 0)
    rows = list(_summary_rows(report))
    for row, (cause, texts, target) in enumerate(rows[:MAX_LOCATIONS], 3):
        sheet.write_string(row, 0, texts[0], styles[cause.severity == ERROR])
        for column, text in enumerate(texts[1:], 1):
            sheet.write_string(row, column, _short(text), wrap)
        if target is not None and target[0] in sheets:
            file, line, position = target
            address = f"internal:'{sheets[file]}'!{_cell(line, position)}"
            sheet.write_url(row, len(texts), address, link, _cell(line, position))
    end = min(len(rows), MAX_LOCATIONS) + 3
    if not rows:
        sheet.write_string(end, 0, "Rien à corriger.")
    elif len(rows) > MAX_LOCATIONS:
        more = pluralize(len(rows) - MAX_LOCATIONS, "autre endroit", "autres endroits")
        sheet.write_string(end, 0, f"… et {more}.")


def _summary_rows(
    report: Report,
) -> Iterator[tuple[ProblemGroup, tuple[str, ...], tuple[str, int, int] | None]]:
    """Return a row for each place of each cause, with the first cell to go to."""
    tables = {report.sent.file(name): name for name in report.sent.tables}
    remedies = {(p.severity, p.code, p.file, p.column): p.remedy for p in reversed(report.problems)}
    for cause in report.groups():
        severity = "Erreur" if cause.severity == ERROR else "Avertissement"
        for place in cause.places:
            target = None
            if place.lines and place.file in tables and place.lines[0] <= _LAST_ROW:
                names = _header(report.sent, tables[place.file])[0]
                target = place.file, place.lines[0], _position(names, place.column)
            where = place.where or "tout le fichier"
            remedy = remedies[cause.severity, cause.code, place.file, place.column]
            texts = (severity, cause.title, place.file, place.column, where, remedy)
            yield cause, texts, target


def _write_table(
    book: Workbook,
    package: Package,
    name: str,
    places: Mapping[tuple[int, int], _CellMark],
    comments: int,
) -> int:
    """Write a table as it was sent and mark its faulty cells; tell how many comments it took."""
    sheet = book.add_worksheet(sheet_name(name))
    names, header_line = _header(package, name)
    styles = {error: book.add_format({"bg_color": c}) for error, c in _COLOURS.items()}
    heading = header_format(book)
    sheet.set_column(0, max(len(names) - 1, 0), 18)
    sheet.freeze_panes(header_line, 0)
    for column, text in enumerate(names):
        sheet.write_string(header_line - 1, column, _short(text), heading)
    cells = {(header_line - 1, column): text for column, text in enumerate(names)}
    faulty = {row for row, _ in places}
    for row, texts in _rows(package, name, names, faulty):
        for column, text in enumerate(texts):
            if (row, column) in places:
                cells[row, column] = text
            elif text:
                sheet.write_string(row, column, _short(text))
    told = sorted(places.values(), key=lambda place: (place.row, place.column))
    for place in told:
        stops = any(problem.severity == ERROR for problem in place.problems)
        text = cells.get((place.row, place.column), "")
        if text:
            sheet.write_string(place.row, place.column, _short(text), styles[stops])
        else:
            sheet.write_blank(place.row, place.column, None, styles[stops])
    for place in told[:comments]:
        sheet.write_comment(
            place.row, place.column, _comment(place), {"x_scale": 2.5, "y_scale": 1.6, "author": ""}
        )
    return min(len(told), comments)


def _rows(
    package: Package, name: str, names: tuple[str, ...], faulty: set[int]
) -> Iterator[tuple[int, list[str]]]:
    """Iterate over the rows as they were sent, the columns that the format ignores among them."""
    frame = package.tables[name]
    header = package.headers.get(name)
    others = header.others if header is not None else {}
    columns = [
        frame[column].tolist() if column in frame.columns else others.get(column, ())
        for column in names
    ]
    whole = len(frame) <= MAX_ROWS
    for i, line in enumerate(frame.index):
        row = int(line) - 1
        if row < _LAST_ROW and (whole or row in faulty):
            yield row, [column[i] if i < len(column) else "" for column in columns]


def _comment(place: _CellMark) -> str:
    parts = [f"{problem.message}\n→ {problem.remedy}" for problem in place.problems[:5]]
    return _short("\n\n".join(parts))


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST_CELL else f"{text[: _LONGEST_CELL - 1]}…"


def _cell(line: int, position: int) -> str:
    return f"{xlsxwriter.utility.xl_col_to_name(position)}{line}"
